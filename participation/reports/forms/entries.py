"""Forms of the contributor's pages."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from participation.web.forms import Form


class EntryForm(Form):
    """The text of an entry. How long it may be is the service's rule; what was typed stays."""

    text = TextAreaField(
        _l("記載内容"),
        description=_l("1つの取り組みを1つの記載にします。文末の（課名）は自動で付きます。"),
    )


class EditEntryForm(EntryForm):
    """The text and the version it was typed from."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
