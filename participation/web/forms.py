"""The base of every form: what people type is kept as typed, minus what no one can see."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from participation.core.text import clean_input


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


def _clean(value: str | None) -> str | None:
    return clean_input(value) if isinstance(value, str) else value
