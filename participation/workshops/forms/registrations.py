"""Forms of the registration board: filter, disclosure, acts on one application, invitations."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms import Form as GetForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import NumberRange

from participation.submissions.models import Channel
from participation.web.forms import Form, at_most, required
from participation.workshops.labels import CHANNEL_LABELS, STATUS_LABELS
from participation.workshops.models import RegistrationStatus
from participation.workshops.queries.registration_lists import BoardFilter
from participation.workshops.services.invitations import MOST_AT_ONCE
from participation.workshops.services.notes import LONGEST_NOTE

_LONGEST_REASON = 200
_LONGEST_NUMBER = 40


class BoardForm(GetForm):
    """What the board shows; sent by GET, so without a token."""

    pool = SelectField(_l("定員"), default="")
    status = SelectField(
        _l("状態"),
        choices=[
            SelectChoice("", _l("すべて")),
            *(SelectChoice(status.value, words) for status, words in STATUS_LABELS.items()),
        ],
        default="",
    )
    channel = SelectField(
        _l("申込みの方法"),
        choices=[
            SelectChoice("", _l("すべて")),
            *(SelectChoice(channel.value, words) for channel, words in CHANNEL_LABELS.items()),
        ],
        default="",
    )
    number = StringField(_l("受付番号"), validators=[at_most(_LONGEST_NUMBER)])
    to_call = BooleanField(_l("電話をかける人だけ"))

    def offer(self, pools: Iterable[tuple[int, str]]) -> None:
        """Let these pools be chosen."""
        self.pool.choices = [
            SelectChoice("", _l("すべて")),
            *(SelectChoice(str(pool_id), words) for pool_id, words in pools),
        ]

    def wanted(self) -> BoardFilter:
        """Return what is asked for; the form has been validated."""
        return BoardFilter(
            pool_id=int(self.pool.data) if self.pool.data else None,
            status=RegistrationStatus(self.status.data) if self.status.data else None,
            channel=Channel(self.channel.data) if self.channel.data else None,
            number=(self.number.data or "").strip(),
            to_call=bool(self.to_call.data),
        )


class DiscloseForm(Form):
    """Why somebody needs to see names."""

    reason = StringField(
        _l("見る理由"),
        validators=[required(_l("見る理由を入力してください。")), at_most(_LONGEST_REASON)],
        description=_l("だれが、いつ、何のために見たかを記録します。例：繰上げの電話連絡"),
    )


class ExportForm(DiscloseForm):
    """A file with names: why, and in which form."""

    file_format = SelectField(
        _l("ファイルの形式"),
        choices=[
            SelectChoice("xlsx", _l("Excel（XLSX）")),
            SelectChoice("csv", _l("CSV（UTF-8）")),
            SelectChoice("csv-cp932", _l("CSV（Shift_JIS）")),
        ],
        default="xlsx",
    )


class ActForm(Form):
    """An act of the desk on one application, with what was said."""

    said = StringField(
        _l("理由・聞いたこと"),
        validators=[at_most(_LONGEST_REASON)],
        description=_l(
            "取り消すときは、必ず入力します。経過に残るので、氏名や電話番号は書かないでください。"
        ),
    )


class NoteForm(Form):
    """A note in the history of an application."""

    note = TextAreaField(
        _l("メモ"),
        validators=[required(_l("メモを入力してください。")), at_most(LONGEST_NOTE)],
        description=_l("経過に残り、消せません。氏名や電話番号は書かないでください。"),
    )


class InvitationsForm(Form):
    """How many invitations are made."""

    count = IntegerField(
        _l("作る件数"),
        validators=[
            required(_l("件数を入力してください。")),
            NumberRange(1, MOST_AT_ONCE, _l("件数は1から10,000までにしてください。")),
        ],
    )
    file_format = SelectField(
        _l("ファイルの形式"),
        choices=[
            SelectChoice("xlsx", _l("Excel（XLSX）")),
            SelectChoice("csv", _l("CSV（UTF-8）")),
        ],
        default="xlsx",
    )
    seen = HiddenField()

    def number_seen(self) -> int:
        """Return how many there were when the form was opened; -1 when the field is spoilt."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004
