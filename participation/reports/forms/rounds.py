"""Forms of the coordinator's pages about rounds."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import Optional

from participation.web.forms import Form, required


class DueDateForm(Form):
    """The last day for the departments."""

    due_on = DateField(
        _l("回答期限"),
        validators=[Optional()],
        description=_l("この日の終わりまで。期限を過ぎても、締め切るまでは入力できます。"),
    )


class OpenRoundForm(DueDateForm):
    """A new round."""

    year = SelectField(
        _l("年度"),
        coerce=int,
        description=_l("この年度の予定と、前の年度の実績を照会します。"),
    )


class ReopenForm(DueDateForm):
    """Why a closed round is opened again."""

    reason = TextAreaField(
        _l("再開する理由"), validators=[required()], description=_l("各課の画面に表示されます。")
    )
