"""The form of a kind of event with its own fields."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from participation.city.lists import lines_of
from participation.city.workshop_kinds import (
    DEFAULT_VERB,
    TYPE_LABELS,
    WHERE_LABELS,
    Field,
    Kind,
)
from participation.web.forms import SeenForm, at_most, required

BLANK_ROWS = 3


class KindFieldForm(PlainForm):
    """One extra field; one without a name is left out."""

    key = HiddenField()
    label = StringField(_l("項目の名称"), [at_most(100)])
    type = SelectField(
        _l("入力の形"),
        choices=[SelectChoice(key, _l(label)) for key, label in TYPE_LABELS.items()],
        default="text",
    )
    choices = TextAreaField(
        _l("選択肢"),
        [at_most(4_000)],
        description=_l("「選択肢から1つ」のとき、1行に1つずつ入力します。"),
        render_kw={"rows": 3},
    )
    where = SelectField(
        _l("使うところ"),
        choices=[SelectChoice(key, _l(label)) for key, label in WHERE_LABELS.items()],
        default="page",
    )
    required = BooleanField(_l("入力を必須にする"))


class KindForm(SeenForm):
    """A kind."""

    label = StringField(_l("種類の名称"), [required(), at_most(100)])
    verb = StringField(
        _l("年次報告の言葉"),
        [at_most(100)],
        default=DEFAULT_VERB,
        description=_l("年次報告で催しの題名に続ける言葉です。例：を開催した、を実施した"),
    )
    active = BooleanField(
        _l("この種類を使う"),
        default=True,
        description=_l("外すと、新しい催しで選べなくなります。今ある催しはそのまま残ります。"),
    )
    fields = FieldList(FormField(KindFieldForm, label=_l("項目")), label=_l("この種類だけの項目"))

    def show(self, kind: Kind) -> None:
        """Put a kind into the form."""
        self.label.data, self.verb.data, self.active.data = kind.label, kind.verb, kind.active
        for field in kind.fields:
            self.fields.append_entry(
                {
                    "key": field.key,
                    "label": field.label,
                    "type": field.type,
                    "choices": "\n".join(field.choices),
                    "where": field.where,
                    "required": field.required,
                }
            )

    def kind(self, key: str) -> Kind:
        """Return what was typed, as the kind of ``key``."""
        return Kind(
            key=key,
            label=(self.label.data or "").strip(),
            fields=tuple(_field(row) for row in self.fields.data if (row["label"] or "").strip()),
            verb=(self.verb.data or "").strip() or DEFAULT_VERB,
            active=bool(self.active.data),
        )


def _field(row: dict[str, Any]) -> Field:
    return Field(
        key=row["key"] or "",
        label=row["label"].strip(),
        type=row["type"],
        choices=tuple(lines_of(row["choices"] or "")) if row["type"] == "choice" else (),
        where=row["where"],
        required=bool(row["required"]),
    )
