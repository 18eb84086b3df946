"""Forms of the guideline's drafts."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.widgets import CheckboxInput, ListWidget

from participation.core.text import clean_input
from participation.web.forms import Form, required

# Empty lines at the end of a list, to be filled without a script; saving brings new ones.
SPARE_LINES = 2


def _clean(value: Any) -> Any:
    return clean_input(value) if isinstance(value, str) else value


class NoteForm(Form):
    """What a new version is for."""

    note = TextAreaField(
        _l("変更の要点"), description=_l("何をなぜ変えるのか。版の一覧に表示されます。")
    )


class WordsForm(NoteForm):
    """Title, legend heading and note of a draft."""

    title = StringField(_l("年次報告の題名"), validators=[required()])
    category_note = StringField(_l("区分の説明の見出し"))
    seen = HiddenField()


class CategoryLineForm(PlainForm):
    """One line of the legend."""

    category_id = HiddenField()
    code = StringField(_l("区分"), filters=[_clean])
    label = StringField(_l("説明"), filters=[_clean])


class CategoriesForm(Form):
    """The legend."""

    lines = FieldList(FormField(CategoryLineForm), label=_l("区分"), max_entries=60)
    seen = HiddenField()


class SectionForm(Form):
    """One heading."""

    mark = StringField(_l("記号"), description=_l("例：１、①、◎。なければ空欄にします。"))
    title = StringField(_l("見出し"), validators=[required()])
    parent = SelectField(_l("上の見出し"), coerce=int)
    seen = HiddenField()


class ItemCategoryForm(PlainForm):
    """One 区分 of an item with its 対応方針."""

    code = SelectField(_l("区分"), validate_choice=False)
    policy = StringField(_l("対応方針"), filters=[_clean])


class ItemForm(Form):
    """One item."""

    code = StringField(
        _l("項目の番号"),
        validators=[required()],
        description=_l("例：1-1-3。前の版にあった番号を使うと、同じ項目として扱われます。"),
    )
    section = SelectField(_l("見出し"), coerce=int)
    name = StringField(_l("基本的な取り組み"), validators=[required()])
    guideline_text = TextAreaField(_l("指針の記載内容"))
    categories = FieldList(
        FormField(ItemCategoryForm),
        label=_l("区分と対応方針"),
        description=_l(
            "対応方針を空欄にすると、区分の説明が入ります。使わない行は「なし」のままに。"
        ),
        max_entries=20,
    )
    seen = HiddenField()


class EnactForm(Form):
    """From which fiscal year a draft holds."""

    year = SelectField(_l("施行する年度"), coerce=int)


class AssignmentForm(Form):
    """The departments asked for an item."""

    departments = SelectMultipleField(
        _l("担当課"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
