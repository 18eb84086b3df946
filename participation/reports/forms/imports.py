"""Forms of importing and exporting entries."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, Form, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from participation.reports import labels
from participation.reports.models import EntryState
from participation.web.forms import Form as PostForm

# The choice "all that I may see".
EVERY_DEPARTMENT = 0


class UploadForm(PostForm):
    """A file of entries and where they go. Choices that a person does not have are taken out."""

    file = FileField(
        _l("取り込むファイル"),
        description=_l(
            "ExcelブックかCSV。1行目は見出しで、項目番号、年度、実績・予定、担当課、内容の列が必要です。"
        ),
    )
    department = SelectField(
        _l("担当課"),
        coerce=int,
        validators=[InputRequired(_l("選んでください。"))],
        description=_l("この課の、照会中の年度の記載だけを取り込めます。"),
    )
    state = RadioField(
        _l("取り込んだ後の状態"),
        choices=[
            SelectChoice(
                EntryState.DRAFT.value,
                _l("入力中として取り込む（各課が確認して提出します）"),
            ),
            SelectChoice(
                EntryState.CONFIRMED.value,
                _l("過去の年度の確定した内容として取り込む（そのまま報告書に載ります）"),
            ),
        ],
        default=EntryState.DRAFT.value,
        validators=[InputRequired(_l("選んでください。"))],
    )


class ExportForm(Form):
    """What to export; sent by GET, so without a token."""

    year = SelectMultipleField(
        _l("年度"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("選ばないときは、すべての年度を書き出します。"),
    )
    department = SelectField(_l("担当課"), coerce=int, default=EVERY_DEPARTMENT)
    state = SelectField(
        _l("状態"),
        choices=[
            SelectChoice("", _l("取下げを除くすべて")),
            *(SelectChoice(state.value, words) for state, words in labels.STATE.items()),
        ],
        default="",
    )
    format = RadioField(
        _l("形式"),
        choices=[
            SelectChoice("xlsx", _l("Excelブック（.xlsx）")),
            SelectChoice("csv", _l("CSV（UTF-8。Excelでそのまま開けます）")),
            SelectChoice("csv-cp932", _l("CSV（シフトJIS。古いソフト用）")),
        ],
        default="xlsx",
    )
