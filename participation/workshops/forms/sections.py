"""Forms that edit a workshop section by section."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, NumberRange, Optional

from participation.city.workshop_kinds import Field as KindField
from participation.submissions.sender_fields import FIELDS
from participation.web.forms import Several, VersionForm, at_most, required
from participation.workshops.forms.workshops import RELATED_HELP, RELATED_LIST, choices
from participation.workshops.labels import PRIORITY_LABELS, SIGN_UP_LABELS
from participation.workshops.needs import NEEDS
from participation.workshops.services.extra_fields import LONGEST

_LONG = 20_000
_NUMBER = _l("整数を入力してください。")
NO_RULE = ""


class ContentForm(VersionForm):
    """内容."""

    suggestions: Sequence[str] = ()  # campaigns for ``related``

    title = StringField(_l("題名"), [required(), at_most(300)])
    title_kana = StringField(
        _l("題名のよみ（カタカナ）"),
        [at_most(300)],
        description=_l("オープンデータの催し一覧に載せます。例：コウエンノカイ"),
    )
    kind = SelectField(_l("種類"))
    summary = TextAreaField(
        _l("概要"),
        [at_most(500)],
        description=_l("一覧やお知らせメールに載せる、1文か2文の紹介です。"),
        render_kw={"rows": 3},
    )
    description = TextAreaField(
        _l("説明"),
        [at_most(_LONG)],
        description=_l(
            "目的、当日の流れ、講師などを書きます。見出しは行の始めに ##、箇条書きは - を付けます。"
        ),
        render_kw={"rows": 12},
    )
    target = StringField(_l("対象"), [at_most(300)], description=_l("例：市内に在住・在勤の方"))
    fee = StringField(_l("参加費"), [at_most(120)], description=_l("空欄は「無料」と表示します。"))
    belongings = StringField(_l("持ち物"), [at_most(300)])
    organiser = StringField(
        _l("主催"), [at_most(200)], description=_l("空欄は担当課の名前を表示します。")
    )
    plan_name = StringField(
        _l("関係する計画"), [at_most(300)], description=_l("例：第2次緑の基本計画")
    )
    related = StringField(
        _l("関係する意見募集"),
        [at_most(400)],
        description=RELATED_HELP,
        render_kw={"list": RELATED_LIST, "autocomplete": "off"},
    )


class EligibilityForm(VersionForm):
    """参加できる方."""

    lines = TextAreaField(
        _l("参加できる方"),
        [at_most(10_000)],
        description=_l(
            "1行に1つずつ入力します。申し込む方が自分で選ぶもので、証明は求めません。"
            "空欄にすると、だれでも申し込めます。"
        ),
        render_kw={"rows": 6},
    )


class PriorityForm(VersionForm):
    """優先のきまり."""

    first = SelectField(_l("はじめに優先すること"))
    second = SelectField(_l("次に優先すること"))
    ids = Several(
        _l("優先する方"),
        coerce=int,
        validate_choice=False,
        description=_l("「参加できる方」の区分で優先するときに選びます。"),
    )

    def offer(self, classes: list[tuple[int, str]]) -> None:
        """Offer the rules, and the classes of people who may come."""
        rules = [SelectChoice(key, _l(label)) for key, label in PRIORITY_LABELS.items()]
        if not classes:
            rules = [one for one in rules if one.value != "eligibility"]
        self.first.choices = [SelectChoice(NO_RULE, _l("優先しない")), *rules]
        self.second.choices = [SelectChoice(NO_RULE, _l("なし")), *rules]
        self.ids.choices = [SelectChoice(number, label) for number, label in classes]


class ContactForm(VersionForm):
    """問合せ先."""

    section_name = StringField(_l("係"), [at_most(120)])
    phone = StringField(_l("電話"), [at_most(60)])
    fax = StringField(_l("FAX"), [at_most(60)])
    email = StringField(_l("電子メール"), [at_most(254)])


class RegisteringForm(VersionForm):
    """申込みのきまり; the questions to the sender are added by ``registering_form``."""

    sign_up = RadioField(
        _l("申込み"),
        choices=choices(SIGN_UP_LABELS),
        description=_l("申込みが1件でも入ると、変えられなくなります。"),
    )
    largest_party = IntegerField(
        _l("1件で申し込める人数"),
        [InputRequired(_NUMBER), NumberRange(1, 50)],
        description=_l("本人を含めた人数です。1にすると、同伴者の申込みはできません。"),
    )
    how_else = TextAreaField(
        _l("このサイトのほかの申込方法"),
        [at_most(2_000)],
        description=_l("電話、FAX、窓口など。番号と受付時間も書きます。"),
        render_kw={"rows": 3},
    )
    needs = Several(
        _l("用意できる配慮"),
        choices=[SelectChoice(key, _l(label)) for key, label in NEEDS.items()],
        description=_l("選んだものを、申込みのときに聞きます。"),
    )
    offer_hours = IntegerField(
        _l("繰上げのご案内に答える時間"),
        [InputRequired(_NUMBER), NumberRange(1, 720)],
        description=_l(
            "時間で入力します。キャンセル待ちの方に席をご案内してから、次の方に移るまでの時間です。"
        ),
    )
    reminder_days = IntegerField(
        _l("開催前のお知らせメール"),
        [Optional(), NumberRange(1, 60)],
        description=_l("開催の何日前に送るか。空欄にすると送りません。"),
    )
    retention_days = IntegerField(
        _l("氏名・連絡先を消去するまでの日数"),
        [InputRequired(_NUMBER), NumberRange(0, 3650)],
        description=_l(
            "最後の開催日から数えます。申し込む方に約束する日数なので、申込みが入ると変えられません。"
        ),
    )


_ASKED = {"no": _l("聞かない"), "optional": _l("任意"), "required": _l("必須")}


def registering_form() -> type[RegisteringForm]:
    """Return the form with one question for each thing that can be asked."""
    fields = {
        f"field_{key}": SelectField(
            _l("聞くこと：%(what)s", what=_l(label)),
            choices=[SelectChoice(value, text) for value, text in _ASKED.items()],
        )
        for key, label in FIELDS.items()
    }
    return type("RegisteringFieldsForm", (RegisteringForm,), fields)


def extra_form(fields: tuple[KindField, ...]) -> type[VersionForm]:
    """Return the form of a kind's own fields; what fits a field is decided by the service."""
    return type(
        "ExtraForm",
        (VersionForm,),
        {f"{EXTRA}{field.key}": _extra_field(field) for field in fields},
    )


EXTRA = "extra_"


def _extra_field(field: KindField) -> Any:
    if field.type == "choice":
        options = [
            SelectChoice("", _l("選んでください")),
            *(SelectChoice(one, one) for one in field.choices),
        ]
        return SelectField(field.label, choices=options)
    checks = [at_most(LONGEST[field.type])]
    if field.type == "longtext":
        return TextAreaField(field.label, checks, render_kw={"rows": 4})
    shape = {"date": {"type": "date"}, "url": {"type": "url"}, "number": {"inputmode": "numeric"}}
    return StringField(field.label, checks, render_kw=shape.get(field.type, {}))
