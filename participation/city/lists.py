"""The lists that a city decides for itself, with defaults that many cities' rules agree on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from participation.city import areas, open_data, workshop_kinds
from participation.core.errors import InvalidInput
from participation.core.text import clean_input

ELIGIBILITY = "campaign.eligibility"
CATEGORIES = "campaign.categories"

MAX_LINES = 30
MAX_LABEL = 200
MAX_CODE = 10

LABELS = {
    ELIGIBILITY: "意見を提出できる方",
    CATEGORIES: "対応区分",
    areas.KEY: "関心のある分野",
    workshop_kinds.KEY: "催しの種類",
    open_data.KEY: "オープンデータの利用条件",
}
# The classes that most cities' rules name: residents, those with an office, people who work or
# study there, taxpayers and others with an interest.
DEFAULT_ELIGIBILITY = (
    "市内に住所を有する方",
    "市内に事務所又は事業所を有する個人及び法人その他の団体",
    "市内の事務所又は事業所に勤務する方",
    "市内の学校に在学する方",
    "市税の納税義務を有する方",
    "案に利害関係を有する方",
)
AMENDS, OUTSIDE = "修正", "対象外"


@dataclass(frozen=True)
class Category:
    """A 対応区分 as the city sets it."""

    code: str
    label: str
    needs_amendment: bool = False
    out_of_scope: bool = False


DEFAULT_CATEGORIES = (
    Category("A", "意見を反映し、案を修正するもの", needs_amendment=True),
    Category("B", "既に案に記載しているもの、同じ趣旨のもの"),
    Category("C", "今後の参考とするもの、実施の段階で検討するもの"),
    Category("D", "反映が困難なもの"),
    Category("E", "その他（質問、感想など）"),
    Category("F", "意見募集の対象外のもの", out_of_scope=True),
)


def eligibility(stored: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the city's classes of people who may submit, from ``City.lists``."""
    return tuple(map(str, stored.get(ELIGIBILITY) or DEFAULT_ELIGIBILITY))


def categories(stored: Mapping[str, Any]) -> tuple[Category, ...]:
    """Return the city's 対応区分, from ``City.lists``."""
    plain = stored.get(CATEGORIES)
    return tuple(Category(**line) for line in plain) if plain else DEFAULT_CATEGORIES


def check_lists(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return lists as they are stored; an empty list falls back to the default and is left out.

    Raises:
        InvalidInput: an unknown list, or a line that is none; ``field`` is the last part of
            the list's key.

    """
    unknown = sorted(set(plain) - set(LABELS))
    if unknown:
        raise InvalidInput(
            f"「{'、'.join(unknown)}」という一覧はありません。使えるのは{'、'.join(LABELS)}です。"
        )
    checked: dict[str, Any] = {}
    if plain.get(ELIGIBILITY):
        checked[ELIGIBILITY] = check_eligibility(plain[ELIGIBILITY])
    if plain.get(CATEGORIES):
        found = check_categories([_category(line) for line in _lines(CATEGORIES, plain)])
        checked[CATEGORIES] = [vars(one) for one in found]
    if plain.get(areas.KEY):
        checked[areas.KEY] = areas.check_areas(plain[areas.KEY])
    if plain.get(workshop_kinds.KEY):
        checked[workshop_kinds.KEY] = workshop_kinds.check_kinds(plain[workshop_kinds.KEY])
    if plain.get(open_data.KEY):
        checked[open_data.KEY] = open_data.check_licence(plain[open_data.KEY])
    return checked


def check_eligibility(lines: Any, *, field: str = "eligibility") -> list[str]:
    """Return the classes, trimmed.

    Raises:
        InvalidInput: one is no text, empty, too long or doubled, or there are too many.

    """
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InvalidInput(f"{LABELS[ELIGIBILITY]}は文字列の一覧にしてください。", field=field)
    found = [clean_input(line).strip() for line in lines]
    if len(found) > MAX_LINES:
        raise InvalidInput(f"{MAX_LINES}行以内にしてください。", field=field)
    if not all(found) or max(map(len, found), default=0) > MAX_LABEL:
        raise InvalidInput(f"1行は1文字以上{MAX_LABEL}文字以内にしてください。", field=field)
    if len(set(found)) < len(found):
        raise InvalidInput("同じ行が2つあります。", field=field)
    return found


def check_categories(found: list[Category], *, field: str = "categories") -> list[Category]:
    """Return the 対応区分 when they can be used.

    Raises:
        InvalidInput: a code or a name is missing, too long or doubled, or there are too many.

    """
    if len(found) > MAX_LINES:
        raise InvalidInput(f"{MAX_LINES}行以内にしてください。", field=field)
    for one in found:
        if not one.code or len(one.code) > MAX_CODE:
            raise InvalidInput(f"記号は1文字以上{MAX_CODE}文字以内にしてください。", field=field)
        if not one.label or len(one.label) > MAX_LABEL:
            raise InvalidInput(f"名称は1文字以上{MAX_LABEL}文字以内にしてください。", field=field)
        if one.needs_amendment and one.out_of_scope:
            raise InvalidInput(
                f"「{one.label}」に「修正」と「対象外」の両方は付けられません。", field=field
            )
    if len({one.code for one in found}) < len(found):
        raise InvalidInput("同じ記号が2つあります。", field=field)
    return found


def lines_of(text: str) -> list[str]:
    """Return the lines that say something, trimmed."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def categories_text(found: tuple[Category, ...]) -> str:
    """Return the 対応区分 as a person edits them: ``A：意見を反映するもの：修正``."""
    return "\n".join(
        "：".join(
            part
            for part in (
                one.code,
                one.label,
                AMENDS if one.needs_amendment else "",
                OUTSIDE if one.out_of_scope else "",
            )
            if part
        )
        for one in found
    )


def parse_categories(text: str) -> list[dict[str, Any]]:
    """Return what a person typed as it is stored; the reverse of ``categories_text``.

    Raises:
        InvalidInput: a line without its colon.

    """
    found = []
    for line in lines_of(text):
        code, colon, rest = line.replace(":", "：").partition("：")
        label, _, mark = rest.rpartition("：")
        if mark.strip() not in {AMENDS, OUTSIDE} or not label:
            label, mark = rest, ""
        if not colon or not label.strip():
            raise InvalidInput(
                f"「{line}」を「記号：名称」の形にしてください。", field="categories"
            )
        found.append(
            {
                "code": code.strip(),
                "label": label.strip(),
                "needs_amendment": mark.strip() == AMENDS,
                "out_of_scope": mark.strip() == OUTSIDE,
            }
        )
    return found


def _lines(key: str, plain: Mapping[str, Any]) -> list[Any]:
    if not isinstance(plain[key], list):
        raise InvalidInput(f"{LABELS[key]}は一覧にしてください。")
    return list(plain[key])


def _category(plain: Any) -> Category:
    keys = {"code", "label", "needs_amendment", "out_of_scope"}
    if not isinstance(plain, dict) or set(plain) - keys:
        raise InvalidInput(f"各行は{'、'.join(sorted(keys))}で書いてください。", field="categories")
    code, label = plain.get("code", ""), plain.get("label", "")
    flags = plain.get("needs_amendment", False), plain.get("out_of_scope", False)
    if not isinstance(code, str) or not isinstance(label, str):
        raise InvalidInput("codeとlabelは文字列にしてください。", field="categories")
    if not all(isinstance(flag, bool) for flag in flags):
        raise InvalidInput("印はtrueかfalseで書いてください。", field="categories")
    return Category(clean_input(code).strip(), clean_input(label).strip(), *flags)
