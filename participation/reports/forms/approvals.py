"""Forms of the approver's and the coordinator's lists."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from participation.web.forms import Form


class ReviewForm(Form):
    """The reason for sending back; the chosen entries are read by views/batches.py."""

    reason = TextAreaField(
        _l("差し戻す理由"),
        description=_l("差し戻すときに入力します。入力した人に伝わり、履歴に残ります。"),
    )
