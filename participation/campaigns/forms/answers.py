"""Forms of working through opinions: groups, splitting, masks, amendments, categories, files."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from participation.web.forms import Form, required

_LARGEST = 999_999_999


def show_version(field: IntegerField, version: int) -> None:
    """Have a hidden version say ``version`` when a form that was sent is shown again."""
    field.data = version
    field.raw_data = [str(version)]


def _number(label: Any, description: Any = "") -> IntegerField:
    """Return a field for a number that a row can have."""
    return IntegerField(
        label,
        description=description,
        validators=[
            Optional(),
            NumberRange(1, _LARGEST, message=_l("1以上の数字で入力してください。")),
        ],
    )


class GroupForm(Form):
    """The words of a group. How long they may be is the service's rule."""

    heading = StringField(
        _l("章・項目"),
        description=_l("結果の表で、この意見がどこへの意見かを示します。例：第2章 緑の保全"),
    )
    summary = TextAreaField(
        _l("要旨"),
        description=_l("意見をまとめた文です。氏名など、個人が分かることは書かないでください。"),
    )
    view = TextAreaField(_l("市の考え方"))
    category_id = SelectField(_l("対応区分"), coerce=int)
    assigned_to = StringField(_l("担当の係"), description=_l("この回答を書く係の名前です。"))
    ready = BooleanField(_l("作成済み（結果の公表に使える）"))
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])


class PlaceForm(Form):
    """Where a group stands in the printed order."""

    place = IntegerField(
        _l("何番目に並べるか"),
        validators=[
            InputRequired(_l("数字で入力してください。")),
            NumberRange(1, _LARGEST, message=_l("1以上の数字で入力してください。")),
        ],
    )


class SortForm(Form):
    """What is to happen to the ticked opinions."""

    scope = RadioField(
        _l("どの意見に行うか"),
        choices=[
            SelectChoice("ticked", _l("チェックした意見")),
            SelectChoice("every", _l("いまの条件に合うすべての意見")),
        ],
        default="ticked",
        validators=[InputRequired(_l("選んでください。"))],
    )
    to_group = _number(_l("グループの番号"))
    new_heading = StringField(_l("新しいグループの章・項目"))
    to_section = StringField(_l("担当の係"))
    outside_reason = StringField(_l("対象外とする理由"))


class SplitForm(Form):
    """The original's text with lines of hyphens where it is to be cut."""

    parts = TextAreaField(
        _l("区切りを入れた文"),
        description=_l("分けたいところに「-----」だけの行を入れてください。文字は直せません。"),
        validators=[required()],
    )


class MaskForm(Form):
    """What is to be hidden: a phrase, or a span by its place in the text."""

    phrase = StringField(
        _l("公開しない語句"),
        description=_l("意見の文からそのまま写してください。"),
        validators=[Optional()],
    )
    nth = _number(_l("何回目に出てくるものか"), _l("空欄なら、出てくるすべてを公開しません。"))
    field = SelectField(
        _l("欄"),
        choices=[
            SelectChoice("text", _l("意見")),
            SelectChoice("reason", _l("理由")),
            SelectChoice("place", _l("該当箇所")),
        ],
        default="text",
    )
    start = _number(_l("何文字目から"))
    stop = _number(_l("何文字目まで"))
    reason = StringField(
        _l("公開しない理由"), description=_l("例：第三者の氏名のため"), validators=[required()]
    )


class ReasonForm(Form):
    """Why something is taken back."""

    reason = StringField(_l("理由"), validators=[required()])


class AmendmentForm(Form):
    """A place of the draft before and after."""

    place = StringField(
        _l("修正の箇所"), description=_l("例：12ページ 第2章 1 現状"), validators=[required()]
    )
    passage_id = SelectField(
        _l("資料の段落"), coerce=int, description=_l("分かるときに選んでください。")
    )
    before = TextAreaField(_l("修正前"), description=_l("追加のときは空欄にします。"))
    after = TextAreaField(_l("修正後"), description=_l("削除のときは空欄にします。"))
    reason = TextAreaField(_l("修正の理由"))
    groups = StringField(
        _l("もとになった意見のグループ"),
        description=_l("グループの番号を「、」で区切って入力してください。例：3、12"),
    )
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])


class CategoryForm(Form):
    """A 対応区分."""

    code = StringField(_l("記号"), description=_l("例：A"), validators=[required()])
    label = StringField(_l("名称"), description=_l("例：反映（案を修正）"), validators=[required()])
    needs_amendment = BooleanField(_l("修正（修正前・修正後）が必要"))
    out_of_scope = BooleanField(_l("対象外（回答せず、件数を別に数える）"))


class AnswerFileForm(Form):
    """A file of answers."""

    file = FileField(
        _l("取り込むファイル"),
        description=_l(
            "書き出したExcelブックかCSVに書き込んだもの。「番号」と「版」の列は変えないでください。"
        ),
    )
