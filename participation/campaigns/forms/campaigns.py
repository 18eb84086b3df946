"""Forms of a campaign itself: making one and editing it section by section."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from participation.campaigns.labels import (
    ANONYMOUS_LABELS,
    COUNTING_LABELS,
    DEADLINE_LABELS,
    PROCEDURE_LABELS,
    SUBJECT_LABELS,
)
from participation.campaigns.models import Procedure, SubjectType
from participation.campaigns.wording import RULES_OF_CHANNEL
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel
from participation.submissions.sender_fields import FIELDS
from participation.web.forms import NOT_A_DAY, Day, Form, VersionForm, at_most, required

_LONG = 20_000


def _choices(labels: dict[Any, str]) -> list[SelectChoice]:
    return [SelectChoice(key.value, _l(label)) for key, label in labels.items()]


class NewCampaignForm(Form):
    """What a campaign needs to exist."""

    title = StringField(
        _l("件名"), [required(), at_most(300)], description=_l("例：第2次緑の基本計画（案）")
    )
    department_id = SelectField(_l("担当課"), coerce=int)
    procedure = RadioField(
        _l("手続"), choices=_choices(PROCEDURE_LABELS), default=Procedure.COMMENT.value
    )
    takes_opinions = BooleanField(
        _l("意見（意見書）を受け付ける"),
        default=True,
        description=_l("縦覧だけを行い、意見書を受け付けないときは外します。"),
    )
    subject_type = SelectField(
        _l("案の種類"), choices=_choices(SUBJECT_LABELS), default=SubjectType.PLAN.value
    )
    fiscal_year = SelectField(_l("実施する年度"), coerce=int)


class BasicsForm(VersionForm):
    """基本."""

    title = StringField(_l("件名"), [required(), at_most(300)])
    purpose = TextAreaField(
        _l("趣旨・目的・背景"),
        [at_most(_LONG)],
        description=_l(
            "何を決めるのか、なぜ必要か、何を聞きたいのかを書きます。締切の言葉は書かないでください。"
        ),
        render_kw={"rows": 10},
    )
    subject_type = SelectField(_l("案の種類"), choices=_choices(SUBJECT_LABELS))
    plan_name = StringField(_l("計画などの名称"), [at_most(300)])
    plan_stage = StringField(_l("段階"), [at_most(60)], description=_l("例：骨子案、案"))
    legal_basis = StringField(_l("根拠となる法令など"), [at_most(300)])


class PeriodForm(VersionForm):
    """期間, while it is being prepared."""

    opens_on = Day(_l("最初の日"), [Optional()])
    closes_on = Day(
        _l("最後の日"),
        [Optional()],
        description=_l("最初の日と最後の日の両方を日数に数えます。"),
    )
    planned_period = StringField(
        _l("予定の時期"),
        [at_most(120)],
        description=_l("期間が決まるまで、代わりに表示します。例：12月ごろ"),
    )
    short_reason = TextAreaField(
        _l("期間が規則より短い理由"),
        [at_most(2_000)],
        description=_l("短いときだけ入力します。案とともに公表されます。"),
        render_kw={"rows": 4},
    )


class ResultForm(VersionForm):
    """結果の予定."""

    result_due_on = Day(_l("結果公表の予定日"), [Optional()])
    published_until = Day(
        _l("結果を掲載する期限"),
        [Optional()],
        description=_l("少なくともこの日まで掲載します。決まっていないときは空欄にします。"),
    )


class ContactForm(VersionForm):
    """問合せ先."""

    section_name = StringField(_l("係"), [at_most(120)])
    phone = StringField(_l("電話"), [at_most(60)])
    fax = StringField(_l("FAX"), [at_most(60)])
    email = StringField(_l("電子メール"), [at_most(254)])


class CountingForm(VersionForm):
    """数え方."""

    counting_rule = RadioField(_l("件数の数え方"), choices=_choices(COUNTING_LABELS))


class EligibilityForm(VersionForm):
    """提出できる方."""

    lines = TextAreaField(
        _l("意見を提出できる方"),
        [at_most(10_000)],
        description=_l("1行に1つずつ入力します。提出する方が自分で選ぶもので、証明は求めません。"),
        render_kw={"rows": 8},
    )


_ASKED = {"no": _l("聞かない"), "optional": _l("任意"), "required": _l("必須")}


class SenderForm(VersionForm):
    """提出者に聞くこと; the questions are added by ``sender_form``."""

    accepts_attachments = BooleanField(_l("ファイルの添付を受け付ける"))
    anonymous_policy = RadioField(_l("氏名のない意見"), choices=_choices(ANONYMOUS_LABELS))
    retention_days = IntegerField(
        _l("氏名・連絡先を消去するまでの日数"),
        [InputRequired(_l("整数を入力してください。")), NumberRange(0, 3650)],
        description=_l(
            "結果の公表から数えます。提出する方に約束する日数なので、募集開始後は変えられません。"
        ),
    )


def sender_form() -> type[SenderForm]:
    """Return the form with one question for each thing that can be asked."""
    fields = {
        f"field_{key}": SelectField(
            _l(label), choices=[SelectChoice(value, text) for value, text in _ASKED.items()]
        )
        for key, label in FIELDS.items()
    }
    return type("SenderFieldsForm", (SenderForm,), fields)


class NoticeInEdit(VersionForm):
    """A section whose change while opinions come in is told to residents."""

    notice = TextAreaField(
        _l("変更のお知らせ"),
        [at_most(2_000)],
        description=_l("募集中に変えるときは、変えた内容と理由を書きます。公表されます。"),
        render_kw={"rows": 3},
    )


def channels_form() -> type[NoticeInEdit]:
    """Return the form with a fieldset for each channel."""
    fields = {
        channel.value: FormField(_channel_form(channel), label=_l(CHANNEL_LABELS[channel]))
        for channel in Channel
    }
    return type("ChannelsForm", (NoticeInEdit,), fields)


def _channel_form(channel: Channel) -> type[PlainForm]:
    rules = RULES_OF_CHANNEL[channel]
    fields: dict[str, Any] = {
        "used": BooleanField(_l("この方法で受け付ける")),
        "rule": SelectField(
            _l("締切のきまり"),
            choices=[SelectChoice(rule.value, _l(DEADLINE_LABELS[rule])) for rule in rules],
        ),
        "closing_time": StringField(
            _l("最終日の締切時刻"),
            [at_most(5)],
            description=_l("24:00 はその日の終わりまで。例：17:15"),
        ),
    }
    if channel is Channel.POST:
        fields["grace_days"] = IntegerField(
            _l("消印有効のとき、到着を待つ日数"), [Optional(), NumberRange(0, 60)]
        )
    if channel is not Channel.WEB:
        fields["destination"] = TextAreaField(
            _l("提出先"),
            [at_most(1_000)],
            description=_l("あて先、番号、窓口など。締切の言葉は書かないでください。"),
            render_kw={"rows": 2},
        )
    return type(f"{channel.name.title()}Form", (PlainForm,), fields)


class PlaceForm(PlainForm):
    """One viewing place; one without a name is left out."""

    name = StringField(_l("名称"), [at_most(120)])
    address = StringField(_l("所在地"), [at_most(200)])
    hours = TextAreaField(_l("見られる時間"), [at_most(1_000)], render_kw={"rows": 2})
    opens_on = Day(_l("いつから"), [Optional()])
    closes_on = Day(_l("いつまで"), [Optional()], description=_l("空欄は期間と同じ。"))


class PlacesForm(VersionForm):
    """閲覧場所: rows, and the city's own places to add."""

    add = SelectMultipleField(
        _l("市の場所から追加"),
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    rows = FieldList(FormField(PlaceForm, label=_l("閲覧場所")), label=_l("閲覧場所"))

    def typed(self) -> list[dict[str, Any]]:
        """Return the rows that name a place."""
        return [row for row in self.rows.data if (row["name"] or "").strip()]


class ReasonForm(VersionForm):
    """An act with a reason that may be needed."""

    reason = TextAreaField(_l("このまま進める理由"), [at_most(2_000)], render_kw={"rows": 4})


class FixPeriodForm(ReasonForm):
    """The period of an announced campaign."""

    opens_on = Day(_l("最初の日"), [InputRequired(NOT_A_DAY)])
    closes_on = Day(
        _l("最後の日"),
        [InputRequired(NOT_A_DAY)],
        description=_l("最初の日と最後の日の両方を日数に数えます。"),
    )
    short_reason = TextAreaField(
        _l("期間が規則より短い理由"),
        [at_most(2_000)],
        description=_l("短いときだけ入力します。案とともに公表されます。"),
        render_kw={"rows": 4},
    )


class ExtendForm(VersionForm):
    """A later end."""

    closes_on = Day(_l("新しい最後の日"), [InputRequired(NOT_A_DAY)])
    reason = TextAreaField(
        _l("延長する理由"),
        [required(), at_most(2_000)],
        description=_l("公表されます。"),
        render_kw={"rows": 4},
    )


class CancelForm(VersionForm):
    """Why a campaign is cancelled."""

    reason = TextAreaField(
        _l("中止する理由"),
        [required(), at_most(2_000)],
        description=_l("公表されます。"),
        render_kw={"rows": 4},
    )


class NoticeForm(VersionForm):
    """Something to tell residents."""

    text = TextAreaField(
        _l("お知らせ"),
        [required(), at_most(2_000)],
        description=_l(
            "すぐに公表され、日付とともに残ります。個人の名前や連絡先は書かないでください。"
        ),
        render_kw={"rows": 5},
    )
