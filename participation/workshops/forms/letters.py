"""The form of a letter to the registered."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.widgets import CheckboxInput, ListWidget

from participation.web.forms import Form, at_most, required
from participation.web.templating import translated
from participation.workshops.labels import STATUS_LABELS
from participation.workshops.models import RegistrationStatus, Workshop
from participation.workshops.services.letters import MAX_BODY, MAX_SUBJECT
from participation.workshops.wording import day_words

# Whom one may write to; who has cancelled has nothing to do with it any more.
WRITTEN_TO = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.OFFERED,
    RegistrationStatus.WAITLISTED,
    RegistrationStatus.APPLIED,
    RegistrationStatus.LOST,
)


class LetterForm(Form):
    """To whom, what about, and the text."""

    statuses = SelectMultipleField(
        _l("だれに送るか"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[required(_l("1つ以上選んでください。"))],
    )
    day = SelectField(_l("どの日の申込みか"), default="")
    subject = StringField(_l("件名"), [required(), at_most(MAX_SUBJECT)])
    body = TextAreaField(
        _l("本文"),
        [required(), at_most(MAX_BODY)],
        description=_l(
            "1人に1通ずつ送ります。受付番号、申込みの確認・取消しのリンク、問合せ先は、"
            "本文の後に自動で付きます。"
        ),
        render_kw={"rows": 12},
    )

    def chosen_statuses(self) -> list[RegistrationStatus]:
        """Return the chosen statuses."""
        return [RegistrationStatus(value) for value in self.statuses.data or []]

    def chosen_day(self) -> int | None:
        """Return the id of the chosen day; None for everybody."""
        return int(self.day.data) if self.day.data else None


def letter_form(workshop: Workshop, **more: Any) -> LetterForm:
    """Return the form with the days of ``workshop``."""
    form = LetterForm(**more)
    form.statuses.choices = [
        SelectChoice(one.value, translated(STATUS_LABELS[one])) for one in WRITTEN_TO
    ]
    form.day.choices = [
        SelectChoice("", _l("すべての日")),
        *(SelectChoice(str(day.id), day_words(day)) for day in workshop.days),
    ]
    return form
