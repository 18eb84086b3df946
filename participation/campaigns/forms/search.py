"""The form of the staff's search."""

from flask_babel import lazy_gettext as _l
from wtforms import Form as GetForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.submissions.labels import CHANNEL_LABELS

ANSWERS = "answers"
ALL = SelectChoice("", _l("すべて"))


class SearchForm(GetForm):
    """What is looked for; sent by GET, so without a token."""

    q = StringField(
        _l("探す言葉"),
        description=_l("空白で区切ると、すべての言葉を含むものを探します。1文字からでも探せます。"),
    )
    kind = SelectField(
        _l("探すもの"),
        choices=[
            SelectChoice("", _l("提出された意見")),
            SelectChoice(ANSWERS, _l("要旨と市の考え方")),
        ],
        default="",
    )
    campaign = SelectField(_l("意見募集"), choices=[ALL], default="")
    year = SelectField(_l("年度"), choices=[ALL], default="")
    channel = SelectField(
        _l("提出方法"),
        choices=[
            ALL,
            *(SelectChoice(channel.value, words) for channel, words in CHANNEL_LABELS.items()),
        ],
        default="",
    )
    late = SelectField(
        _l("期限"),
        choices=[ALL, SelectChoice("no", _l("期限内")), SelectChoice("yes", _l("期限後"))],
        default="",
    )
    grouped = SelectField(
        _l("整理"),
        choices=[
            ALL,
            SelectChoice("no", _l("まだグループにない")),
            SelectChoice("yes", _l("グループに入れた")),
        ],
        default="",
    )
