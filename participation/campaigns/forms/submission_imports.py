"""The form of importing submissions."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField

from participation.web.forms import Form


class SubmissionFileForm(Form):
    """A file of submissions."""

    file = FileField(
        _l("取り込むファイル"),
        description=_l("ExcelブックかCSV。1行目は見出しで、到達日、提出方法、意見の列が必要です。"),
    )
