"""Forms of a workshop itself: making one, and its steps."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.web.forms import Form, at_most, required
from participation.workshops.labels import SIGN_UP_LABELS
from participation.workshops.models import SignUp

# The picker of campaigns: an input with a datalist of this id, which the page has once.
RELATED_LIST = "related-choices"
RELATED_HELP = _l(
    "題名の一部か年度を入力すると、公表している意見募集が候補に出ます。候補が出ないときは、"
    "題名の一部と年度を空白で区切って入力してください。例：公園 2026"
)


def choices(labels: dict[Any, str]) -> list[SelectChoice]:
    """Return the choices of an enum with its labels."""
    return [SelectChoice(key.value, _l(label)) for key, label in labels.items()]


class NewWorkshopForm(Form):
    """What a workshop needs to exist."""

    title = StringField(
        _l("題名"),
        [required(), at_most(300)],
        description=_l("例：これからの公園を考えるワークショップ"),
    )
    department_id = SelectField(_l("担当課"), coerce=int)
    kind = SelectField(_l("種類"))
    sign_up = RadioField(
        _l("申込み"),
        choices=choices(SIGN_UP_LABELS),
        default=SignUp.WHOLE.value,
        description=_l("申込みが1件でも入ると、変えられなくなります。"),
    )
    fiscal_year = SelectField(_l("開催する年度"), coerce=int)
