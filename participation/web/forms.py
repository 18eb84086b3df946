"""The base of every form: what people type is kept as typed, minus what no one can see."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from participation.core.errors import InvalidInput
from participation.core.text import clean_input

NOT_A_DAY = _l("日付を入力してください。例：2026-12-01")
NOT_A_YEAR = _l("年を確かめてください。1900年から2199年までの日付を入力できます。")
_YEARS = range(1900, 2200)


def required(message: Any = None) -> DataRequired:
    """Return the validator of a required field, with a sentence that says what to do."""
    return DataRequired(message or _l("入力してください。"))


def at_most(characters: int) -> Length:
    """Return the validator of a longest length in characters."""
    return Length(max=characters, message=_l("%(max)d文字以内で入力してください。", max=characters))


class Form(FlaskForm):  # type: ignore[misc]
    """Base form: CSRF protected; text fields lose control characters and nothing else."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Texts of WTForms itself come in Japanese from messages in the fields."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Give every text field the one filter."""
            if issubclass(unbound_field.field_class, StringField | TextAreaField):
                filters = [*unbound_field.kwargs.get("filters", ()), _clean]
                options = {**options, "filters": filters}
                unbound_field.kwargs.pop("filters", None)
            field: Field = unbound_field.bind(form=form, **options)
            return field


class VersionForm(Form):
    """A form that knows which version of its thing the editor saw."""

    version = HiddenField()

    def version_seen(self) -> int:
        """Return the version, 0 when the field is spoilt."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004

    def show_version(self, version: int) -> None:
        """Say that who sends the form again has seen ``version``."""
        self.version.data, self.version.raw_data = str(version), None


class SeenForm(Form):
    """A form that knows when its thing was last changed as the editor saw it."""

    seen = HiddenField()

    def moment_seen(self) -> datetime | None:
        """Return the moment, None when there was nothing yet or the field is spoilt."""
        try:
            return datetime.fromisoformat(self.seen.data or "")
        except ValueError:
            return None


class Day(DateField):
    """A day, with an error that says what to do.

    A year that nobody can mean is a slip of the finger: beyond the calendar's end, reckoning with
    the day would fail.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the browser's date; an empty one is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(NOT_A_DAY) from None
        if self.data is not None and self.data.year not in _YEARS:
            self.data = None
            raise ValueError(NOT_A_YEAR)


class Several(SelectMultipleField):
    """Several of a list, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def put_error(form: Form, error: InvalidInput) -> None:
    """Add the sentence of ``error`` to its field, or to the form when it has none here."""
    field = form._fields.get(error.field or "")
    if field is None:
        form.form_errors.append(str(error))
    else:
        field.errors = [*field.errors, str(error)]


def _clean(value: str | None) -> str | None:
    return clean_input(value) if isinstance(value, str) else value
