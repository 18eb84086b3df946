"""Forms of the desk: typing a submission from paper, and the second look at it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    FileField,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Optional

from participation.campaigns.models import Campaign
from participation.campaigns.services.desk import (
    DESK_CHANNELS,
    LONGEST_PLACE,
    LONGEST_TEXT,
    MOST_OPINIONS,
)
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.sender_fields import LONGEST, SenderField
from participation.web.forms import Day, Form, at_most

SENDER_PREFIX = "sender_"


class _PartForm(Form):
    """A part of a form: the whole has the token."""

    class Meta(Form.Meta):
        """As every form of ours, without a token of its own."""

        csrf = False


class OpinionForm(_PartForm):
    """One opinion as it stands on the paper."""

    place = StringField(_l("該当箇所"), validators=[at_most(LONGEST_PLACE)])
    text = TextAreaField(_l("意見"), validators=[at_most(LONGEST_TEXT)])
    reason = TextAreaField(_l("理由"), validators=[at_most(LONGEST_TEXT)])


class _SenderForm(Form):
    """Fields of the sender; those that the campaign does not ask for are taken out."""

    sender_organisation = StringField()
    sender_representative = StringField()
    sender_name = StringField()
    sender_kana = StringField()
    sender_address = StringField()
    sender_phone = StringField()
    sender_email = StringField()

    def keep_senders(self, fields: tuple[SenderField, ...]) -> None:
        """Leave the fields that the campaign asks for, under its names for them."""
        asked = {SENDER_PREFIX + field.key: field for field in fields}
        for name in [name for name in self._fields if name.startswith(SENDER_PREFIX)]:
            if name not in asked:
                delattr(self, name)
                continue
            field = self._fields[name]
            field.label.text = _l(asked[name].label)
            field.validators = [at_most(LONGEST[asked[name].key])]

    @property
    def senders(self) -> list[Any]:
        """The sender's fields that are left."""
        return [field for name, field in self._fields.items() if name.startswith(SENDER_PREFIX)]

    def sender_values(self) -> dict[str, str]:
        """Return what was typed about the sender."""
        return {
            field.name.removeprefix(SENDER_PREFIX): (field.data or "").strip()
            for field in self.senders
        }

    def put_senders(self, values: Mapping[str, str]) -> None:
        """Fill in the sender."""
        for field in self.senders:
            field.data = values.get(field.name.removeprefix(SENDER_PREFIX), "")


class DeskForm(_SenderForm):
    """A submission typed from paper."""

    channel = SelectField(
        _l("提出方法"),
        choices=[SelectChoice(channel.value, CHANNEL_LABELS[channel]) for channel in DESK_CHANNELS],
        validators=[InputRequired(_l("選んでください。"))],
    )
    arrived_on = Day(
        _l("到達日"), validators=[InputRequired(_l("市に届いた日を入力してください。"))]
    )
    postmark_on = Day(_l("消印日（郵送のとき）"), validators=[Optional()])
    scan = FileField(
        _l("原本の写し（スキャン）"),
        description=_l("PDF、JPEG、PNG。見直しのときに、入力した文と見比べます。"),
    )
    eligibility = SelectField(_l("提出者の区分"), coerce=int, default=0)
    opinions = FieldList(
        FormField(OpinionForm), label=_l("意見"), min_entries=1, max_entries=MOST_OPINIONS
    )
    key = HiddenField()

    def fit(self, campaign: Campaign, fields: tuple[SenderField, ...]) -> None:
        """Ask what ``campaign`` asks."""
        self.keep_senders(fields)
        self.eligibility.choices = [
            SelectChoice(0, _l("不明・記載なし")),
            *(SelectChoice(one.id, one.label) for one in campaign.eligibilities),
        ]


class CorrectionForm(_PartForm):
    """One opinion beside the paper."""

    number = HiddenField()
    place = StringField(_l("該当箇所"), validators=[at_most(LONGEST_PLACE)])
    text = TextAreaField(_l("意見"), validators=[at_most(LONGEST_TEXT)])
    reason = TextAreaField(_l("理由"), validators=[at_most(LONGEST_TEXT)])


class CheckForm(_SenderForm):
    """The second look: the text as typed, and who sent it where that was opened."""

    opinions = FieldList(FormField(CorrectionForm), label=_l("意見"))
    opened = HiddenField()  # "1" when the sender's fields are part of the form
