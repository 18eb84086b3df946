"""Forms of the staff's list of submissions: filter, flags, disclosure."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms import Form as GetForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Optional

from participation.campaigns.services.flags import LONGEST_NOTE, LONGEST_PLACE
from participation.submissions.labels import CHANNEL_LABELS
from participation.web.forms import Form, at_most, required

FLAG_WORDS = {
    "late": _l("期限後"),
    "anonymous": _l("匿名"),
    "out_of_scope": _l("対象外"),
    "duplicate": _l("重複"),
    "rerouted": _l("ほかの窓口へ引継ぎ"),
    "unchecked": _l("見直し待ち"),
    "attachment": _l("添付あり"),
    "noted": _l("メモあり"),
}


class FilterForm(GetForm):
    """What the list shows; sent by GET, so without a token."""

    channel = SelectField(
        _l("提出方法"),
        choices=[
            SelectChoice("", _l("すべて")),
            *(SelectChoice(channel.value, words) for channel, words in CHANNEL_LABELS.items()),
        ],
        default="",
    )
    flag = SelectField(
        _l("印"),
        choices=[
            SelectChoice("", _l("すべて")),
            *(SelectChoice(flag, words) for flag, words in FLAG_WORDS.items()),
        ],
        default="",
    )
    day = DateField(_l("受け付けた日"), validators=[Optional()])


class FlagForm(Form):
    """What staff say about one submission."""

    late = SelectField(
        _l("期限"),
        choices=[SelectChoice("", _l("期限内")), SelectChoice("1", _l("期限後"))],
        description=_l("期限後の意見は保管し、件数には入れません。"),
    )
    out_of_scope = BooleanField(_l("募集の対象外（件数を分けて数えます）"))
    rerouted_to = StringField(
        _l("引き継いだ窓口"),
        validators=[at_most(LONGEST_PLACE)],
        description=_l("この募集への意見でなく、ほかの窓口に渡したとき。例：市長への手紙"),
    )
    duplicate_of = StringField(
        _l("もとの意見の受付番号"),
        validators=[at_most(40)],
        description=_l(
            "同じ人の同じ意見が別の方法でも届いたとき。どちらも1通として残り、1件と数えます。"
        ),
    )
    note = TextAreaField(_l("理由"), validators=[required(), at_most(LONGEST_NOTE)])
    seen = HiddenField()


class DiscloseForm(Form):
    """Why somebody needs to see who sent it."""

    reason = StringField(
        _l("表示する理由"),
        validators=[required(_l("表示する理由を入力してください。")), at_most(200)],
        description=_l("だれが、いつ、何のために見たかを記録します。例：内容の確認の電話"),
    )
