"""The form of a questionnaire: what is asked, from when to when."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from participation.core import clock
from participation.core.errors import InvalidInput
from participation.web.forms import NOT_A_DAY, Day, VersionForm, at_most
from participation.workshops.models import Questionnaire
from participation.workshops.moments import END_OF_DAY, day_and_time, moment
from participation.workshops.questions import (
    MOST_QUESTIONS,
    TYPE_LABELS,
    Question,
    QuestionType,
    read_questions,
)

_BEGINNING = "0:00"


class QuestionForm(PlainForm):
    """One question; an empty one is none."""

    label = StringField(_l("質問"), [at_most(200)])
    type = SelectField(_l("答え方"), validate_choice=False)  # another one is a text
    choices = TextAreaField(
        _l("選択肢"),
        [at_most(2_500)],
        description=_l("選ぶ質問のときだけ、1行に1つ入力します。"),
        render_kw={"rows": 4},
    )
    required = BooleanField(_l("必ず答えてもらう"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the ways of answering."""
        super().__init__(*args, **kwargs)
        self.type.choices = [SelectChoice(key, _l(label)) for key, label in TYPE_LABELS.items()]


class QuestionnaireForm(VersionForm):
    """The whole questionnaire."""

    introduction = TextAreaField(
        _l("まえがき"),
        [at_most(1_000)],
        description=_l("例：今後の進め方の参考にします。お名前は伺いません。"),
        render_kw={"rows": 3},
    )
    opens_on = Day(_l("受付の始まり"), [InputRequired(NOT_A_DAY)])
    opens = StringField(_l("時刻"), [at_most(5)], description=_l("空欄は 0:00 です。"))
    closes_on = Day(_l("受付の終わり"), [InputRequired(NOT_A_DAY)])
    closes = StringField(_l("時刻"), [at_most(5)], description=_l("空欄は 24:00 です。"))
    questions = FieldList(
        FormField(QuestionForm), min_entries=MOST_QUESTIONS, max_entries=MOST_QUESTIONS
    )

    def fill(self, stored: Questionnaire) -> None:
        """Show what is stored."""
        self.introduction.data = stored.introduction
        opens = clock.local(stored.opens_at)
        self.opens_on.data, self.opens.data = opens.date(), f"{opens:%H:%M}"
        self.closes_on.data, self.closes.data = day_and_time(stored.closes_at)
        for entry, one in zip(self.questions, read_questions(stored.questions), strict=False):
            entry.form.label.data = one.label
            entry.form.type.data = one.type
            entry.form.choices.data = "\n".join(one.choices)
            entry.form.required.data = one.required

    def window(self) -> tuple[datetime, datetime]:
        """Return from when to when (exclusive).

        Raises:
            InvalidInput: a time is none.

        """
        # Both are required, so a checked form has them.
        assert self.opens_on.data is not None
        assert self.closes_on.data is not None
        return (
            moment(self.opens_on.data, self.opens.data or "", field="opens", empty=_BEGINNING),
            moment(self.closes_on.data, self.closes.data or "", field="closes", empty=END_OF_DAY),
        )

    def asked(self) -> list[Question]:
        """Return the questions that were typed, under the keys of their places in the form."""
        return [
            Question(
                key=f"q{number}",
                label=entry.form.label.data or "",
                type=_type(entry.form.type.data),
                choices=tuple((entry.form.choices.data or "").splitlines()),
                required=bool(entry.form.required.data),
            )
            for number, entry in enumerate(self.questions, start=1)
            if (entry.form.label.data or "").strip() or (entry.form.choices.data or "").strip()
        ]

    def put_question_error(self, error: InvalidInput) -> bool:
        """Put the sentence at the question that it is about; return whether it is about one."""
        key = error.field or ""
        if not (key.startswith("q") and key[1:].isdigit()):
            return False
        label = self.questions[int(key[1:]) - 1].form.label
        label.errors = [*label.errors, str(error)]
        return True


def _type(value: str | None) -> QuestionType:
    return next((one for one in TYPE_LABELS if one == value), "text")
