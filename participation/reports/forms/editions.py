"""Forms of drafting and publishing an edition."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from participation.web.forms import Form, at_most


class EditionForm(Form):
    """What the next edition prints. The choices of columns are those of its year."""

    columns = SelectMultipleField(
        _l("載せる年度の欄"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("左から順に、選んだ欄が表に並びます。"),
        validators=[InputRequired(_l("1つ以上選んでください。"))],
    )
    paper = RadioField(
        _l("用紙"),
        choices=[SelectChoice("A3", _l("A3判 横")), SelectChoice("A4", _l("A4判 横"))],
        default="A3",
        validators=[InputRequired(_l("選んでください。"))],
    )
    correction = TextAreaField(
        _l("訂正の理由"),
        description=_l("公表されます。何を、なぜ訂正したかを書いてください。"),
        validators=[at_most(2_000)],
    )


class PublishForm(Form):
    """A yes to the PDF that was looked at."""

    pdf_sha256 = HiddenField(validators=[InputRequired()])
