"""Forms of a result: its words, 決裁 with its moment, and giving it back."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Optional

from participation.campaigns.labels import OUTCOME_LABELS
from participation.campaigns.models import Outcome
from participation.campaigns.services.results import MAX_REASON, MAX_TEXT
from participation.core import clock
from participation.web.forms import Form, at_most, required

NOW, LATER = "now", "later"


class LocalMoment(DateTimeLocalField):
    """A moment of the wall clock in Japan, with an error that says what to do."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the browser's date and time; an empty one is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_l("日時を入力してください。例：2026-12-01T10:00")) from None


class ResultForm(Form):
    """What a person writes of a result."""

    outcome = RadioField(
        _l("案をどうするか"),
        choices=[SelectChoice(each.value, _l(OUTCOME_LABELS[each])) for each in Outcome],
        validators=[InputRequired(_l("案をどうするかを選んでください。"))],
    )
    outcome_note = TextAreaField(
        _l("理由など"),
        description=_l(
            "修正しなかった理由、決定しないこととした理由、改めて意見を募集する時期などを書きます。"
        ),
        validators=[at_most(MAX_TEXT)],
    )
    introduction = TextAreaField(
        _l("まえがき"),
        description=_l("結果のページとPDFのはじめに載せる文です。空でもかまいません。"),
        validators=[at_most(MAX_TEXT)],
    )
    correction = TextAreaField(
        _l("訂正の理由"),
        description=_l("どこを、なぜ直したかを書きます。結果のページとお知らせに載ります。"),
        validators=[required(_l("訂正の理由を入力してください。")), at_most(MAX_REASON)],
    )
    version = HiddenField()


class ApproveForm(Form):
    """決裁: now, or at a moment to come."""

    when = RadioField(
        _l("公表する時"),
        choices=[
            SelectChoice(NOW, _l("決裁してすぐに公表する")),
            SelectChoice(LATER, _l("次の日時に公表する")),
        ],
        default=NOW,
        validators=[InputRequired(_l("公表する時を選んでください。"))],
    )
    scheduled_for = LocalMoment(
        _l("公表する日時"),
        description=_l("日本時間です。この時刻になると、ページとファイルを同時に公表します。"),
        validators=[Optional()],
    )
    snapshot_sha256 = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the moment where one is needed."""
        is_valid = bool(super().validate(extra_validators))
        if self.when.data == LATER and self.scheduled_for.data is None:
            if not self.scheduled_for.errors:
                self.scheduled_for.errors = [_l("公表する日時を入力してください。")]
            return False
        return is_valid

    @property
    def moment(self) -> datetime | None:
        """The moment chosen, aware; None for now."""
        if self.when.data != LATER or self.scheduled_for.data is None:
            return None
        moment: datetime = self.scheduled_for.data
        return moment.replace(tzinfo=clock.TOKYO)


class ReturnForm(Form):
    """Giving a result back to its writers."""

    reason = TextAreaField(
        _l("差し戻す理由"),
        description=_l("どこを直せばよいかを書きます。職員だけが読みます。"),
        validators=[required(_l("差し戻す理由を入力してください。")), at_most(MAX_REASON)],
    )
