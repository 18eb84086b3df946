"""Forms of the city's profile."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from participation.city import areas, lists
from participation.city.rules import RULES
from participation.city.wording import KEYS, LABELS, ReportWording
from participation.core.errors import InvalidInput
from participation.web.forms import NOT_A_DAY, Day, Form, SeenForm, at_most, required


class CityForm(SeenForm):
    """Name, code and ways to reach the city."""

    name = StringField(_l("自治体名"), [required(), at_most(60)])
    prefecture = StringField(_l("都道府県名"), [required(), at_most(20)])
    code = StringField(
        _l("全国地方公共団体コード"),
        [required(), at_most(6)],
        description=_l("検査数字を含む6桁"),
    )
    contact = TextAreaField(
        _l("連絡先"),
        [at_most(4000)],
        description=_l(
            "1行に1件、「見出し：内容」の形で入力します。すべてのページの下と、"
            "サイトが使えないときの案内に表示します。例：電話：0123-45-6789"
        ),
        render_kw={"rows": 8},
    )

    def contact_lines(self) -> list[tuple[str, str]]:
        """Return the labels and values.

        Raises:
            InvalidInput: a line without its colon.

        """
        lines = []
        for line in (self.contact.data or "").splitlines():
            if not line.strip():
                continue
            label, colon, value = line.replace(":", "：", 1).partition("：")
            if not colon or not label.strip() or not value.strip():
                raise InvalidInput(
                    f"「{line.strip()}」を「見出し：内容」の形にしてください。", field="contact"
                )
            lines.append((label.strip(), value.strip()))
        return lines


def wording_form() -> type[SeenForm]:
    """Return the form of the report's words, one field for each."""
    neutral = ReportWording()
    fields = {
        key: StringField(
            _l(LABELS[key]),
            [at_most(60)],
            description=_l("空欄にすると「%(word)s」になります。", word=getattr(neutral, key)),
        )
        for key in KEYS
    }
    return type("WordingForm", (SeenForm,), fields)


def rules_form() -> type[SeenForm]:
    """Return the form of the city's rules, one field for each; dots in keys become underscores."""
    fields = {
        field_of_rule(rule.key): IntegerField(
            _l(rule.label),
            [
                InputRequired(_l("整数を入力してください。")),
                NumberRange(
                    rule.lowest,
                    rule.highest,
                    _l(
                        "%(low)dから%(high)dの間で入力してください。",
                        low=rule.lowest,
                        high=rule.highest,
                    ),
                ),
            ],
            description=_l(rule.explanation),
        )
        for rule in RULES.values()
    }
    return type("RulesForm", (SeenForm,), fields)


class ListsForm(SeenForm):
    """The lists that the city decides, one line each."""

    eligibility = TextAreaField(
        _l("意見を提出できる方"),
        [at_most(10_000)],
        description=_l(
            "1行に1つずつ入力します。新しい意見募集の初期値になります。空欄にすると既定の一覧に戻ります。"
        ),
        render_kw={"rows": 8},
    )
    categories = TextAreaField(
        _l("対応区分"),
        [at_most(10_000)],
        description=_l(
            "1行に1つずつ「記号：名称」の形で入力します。新しい意見募集の初期値になります。"
            "案の修正が要る区分には「：修正」、対象外として別に数える区分には「：対象外」を行の終わりに"
            "付けます。空欄にすると既定の一覧に戻ります。"
        ),
        render_kw={"rows": 8},
    )
    areas = TextAreaField(
        _l("関心のある分野"),
        [at_most(10_000)],
        description=_l(
            "1行に1つずつ入力します。市民が催しや意見募集を探すときに使います。"
            "空欄にすると既定の一覧に戻ります。"
        ),
        render_kw={"rows": 8},
    )

    def values(self) -> dict[str, Any]:
        """Return the lists as they are stored.

        Raises:
            InvalidInput: a line without its colon.

        """
        return {
            lists.ELIGIBILITY: lists.lines_of(self.eligibility.data or ""),
            lists.CATEGORIES: lists.parse_categories(self.categories.data or ""),
            areas.KEY: lists.lines_of(self.areas.data or ""),
        }


def field_of_rule(key: str) -> str:
    """Return the name of a rule's field."""
    return key.replace(".", "_")


class ClosedDayForm(Form):
    """A day on which offices are closed."""

    day = Day(_l("日付"), [InputRequired(NOT_A_DAY)])
    label = StringField(_l("名称"), [required(), at_most(120)], description=_l("例：年末年始"))


class PlaceForm(Form):
    """A place where documents are shown or meetings held."""

    name = StringField(_l("名称"), [required(), at_most(120)])
    address = StringField(_l("所在地"), [at_most(200)])
    hours = TextAreaField(_l("利用できる時間"), [at_most(1000)])
    position = IntegerField(
        _l("並び順"),
        [InputRequired(_l("数字を入力してください。")), NumberRange(0, 1_000_000)],
        description=_l("小さい順に並びます。"),
    )
    active = BooleanField(_l("使用する"), default=True)
