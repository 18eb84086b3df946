"""Reading a guideline from plain JSON values: every fault is named, nothing is stored here.

The shape is that of a city's guideline.json: ``title``, ``categories``, ``category_note``,
``sections`` and ``items``. A section has ``no`` (a figure, printed full-width) or ``mark`` (a sign,
kept as it is) and a ``title``; below it stand ``subsections``, ``groups`` or, to any depth,
``sections``. A group may be one string whose leading sign is its mark: 「◎政策決定への市民参加」.
An item names its place by ``section``, ``subsection`` and ``group``, or by a list of such names as
``section``: ``["1", "①", "ア"]``.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from participation.core.errors import InvalidInput
from participation.core.text import clean_input

MAX_DEPTH = 8
MAX_SECTIONS = 1_000
MAX_ITEMS = 2_000
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_SHOWN_PROBLEMS = 20


@dataclass(frozen=True)
class CategoryLine:
    """One 区分: its code and, in the legend, its label or, on an item, its 対応方針."""

    code: str
    text: str


@dataclass(frozen=True)
class HeadingLine:
    """One heading; ``parent`` is its parent's index among the headings."""

    parent: int | None
    mark: str
    title: str


@dataclass(frozen=True)
class ItemLine:
    """One item; ``heading`` is the index of its heading."""

    code: str
    heading: int
    name: str
    guideline_text: str
    categories: tuple[CategoryLine, ...]


@dataclass(frozen=True)
class GuidelineContent:
    """All words of a version in printed order; two versions that say the same are equal."""

    title: str
    category_note: str
    categories: tuple[CategoryLine, ...]
    headings: tuple[HeadingLine, ...]
    items: tuple[ItemLine, ...]


class GuidelineFileError(InvalidInput):
    """The file is no guideline; ``problems`` has one line for each fault found."""

    def __init__(self, problems: list[str]) -> None:
        shown = problems[:_SHOWN_PROBLEMS]
        rest = len(problems) - len(shown)
        lines = [*shown, *([f"ほか{rest}件"] if rest else [])]
        advice = "指針のファイルを直してから、もう一度読み込んでください。"
        super().__init__(advice + "／".join(lines))
        self.problems = tuple(problems)


def read_content(data: Any) -> GuidelineContent:
    """Return the words of the guideline in ``data`` (parsed JSON).

    Raises:
        GuidelineFileError: with every fault found, each with its place in the file.

    """
    reader = _Reader()
    content = reader.read(data)
    if reader.problems:
        raise GuidelineFileError(reader.problems)
    return content


@dataclass
class _Node:
    """A heading while it is read, with every name that an item may call it by."""

    index: int
    names: frozenset[str]
    children: list["_Node"] = field(default_factory=list)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.headings: list[HeadingLine] = []

    def read(self, data: Any) -> GuidelineContent:
        if not isinstance(data, dict):
            self.problems.append("ファイルの全体が { } で囲まれたオブジェクトではありません。")
            return GuidelineContent("", "", (), (), ())
        title = self.text(data, "title", "", 300)
        note = self.text(data, "category_note", "", 300, optional=True)
        categories = self.categories(data, "categories", "", "label")
        self.unique([line.code for line in categories], "categories の code")
        roots = self.nodes(data, "sections", "", None, 1)
        if not roots:
            self.problems.append("sections に見出しが1つもありません。")
        items = self.items(data, roots)
        codes = {line.code for line in categories}
        for line in items:
            for row in line.categories:
                if row.code not in codes:
                    self.problems.append(
                        f"項目「{line.code}」の区分「{row.code}」が categories にありません。"
                    )
        return GuidelineContent(title, note, categories, tuple(self.headings), items)

    def text(
        self, data: dict[str, Any], key: str, place: str, longest: int, *, optional: bool = False
    ) -> str:
        value = data.get(key)
        where = f"{place}{key}"
        if value is None and optional:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            self.problems.append(f"{where} に文字列がありません。")
            return ""
        value = clean_input(value)
        if not value.strip() and not optional:
            self.problems.append(f"{where} が空です。")
        if len(value) > longest:
            self.problems.append(f"{where} が{longest}文字を超えています。")
        return value

    def rows(self, data: dict[str, Any], key: str, place: str) -> list[Any]:
        value = data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.problems.append(f"{place}{key} が [ ] で囲まれた一覧ではありません。")
            return []
        return value

    def categories(
        self, data: dict[str, Any], key: str, place: str, text_key: str
    ) -> tuple[CategoryLine, ...]:
        lines = []
        for number, plain in enumerate(self.rows(data, key, place)):
            here = f"{place}{key}[{number}]."
            if not isinstance(plain, dict):
                self.problems.append(f"{here[:-1]} がオブジェクトではありません。")
                continue
            lines.append(
                CategoryLine(
                    self.text(plain, "code", here, 20),
                    self.text(plain, text_key, here, 300, optional=text_key == "policy"),
                )
            )
        if not lines:
            self.problems.append(f"{place}{key} に区分が1つもありません。")
        return tuple(lines)

    def nodes(
        self, data: dict[str, Any], key: str, place: str, parent: int | None, level: int
    ) -> list[_Node]:
        found: list[_Node] = []
        for number, plain in enumerate(self.rows(data, key, place)):
            here = f"{place}{key}[{number}]."
            if level > MAX_DEPTH or len(self.headings) >= MAX_SECTIONS:
                self.problems.append(
                    f"{here[:-1]}：見出しは{MAX_DEPTH}段、{MAX_SECTIONS}個までにしてください。"
                )
                return found
            node = self.node(plain, here, parent)
            if node is None:
                continue
            found.append(node)
            if isinstance(plain, dict):
                for deeper in ("subsections", "groups", "sections"):
                    node.children += self.nodes(plain, deeper, here, node.index, level + 1)
        return found

    def node(self, plain: Any, here: str, parent: int | None) -> _Node | None:
        names: set[str] = set()
        if isinstance(plain, str):
            whole = clean_input(plain)
            mark, title = split_mark(whole)
            if not title:
                self.problems.append(f"{here[:-1]} に見出しの文字がありません。")
            names |= {whole}
            self.too_long(title, f"{here[:-1]}", 300)
        elif isinstance(plain, dict):
            number = self.text(plain, "no", here, 20, optional=True)
            mark = number.translate(_WIDE) or self.text(plain, "mark", here, 20, optional=True)
            title = self.text(plain, "title", here, 300)
            names |= {number}
        else:
            self.problems.append(f"{here[:-1]} がオブジェクトでも文字列でもありません。")
            return None
        names |= {mark, title, mark + title}
        self.headings.append(HeadingLine(parent, mark, title))
        return _Node(len(self.headings) - 1, frozenset(names - {""}))

    def items(self, data: dict[str, Any], roots: list[_Node]) -> tuple[ItemLine, ...]:
        plains = self.rows(data, "items", "")
        if len(plains) > MAX_ITEMS:
            self.problems.append(f"items は{MAX_ITEMS}件までにしてください。")
            return ()
        placed: list[tuple[int, float, int, ItemLine]] = []
        for number, plain in enumerate(plains):
            here = f"items[{number}]."
            if not isinstance(plain, dict):
                self.problems.append(f"{here[:-1]} がオブジェクトではありません。")
                continue
            line = ItemLine(
                code=self.text(plain, "id", here, 40),
                heading=self.place(plain, here, roots),
                name=self.text(plain, "name", here, 300),
                guideline_text=self.text(plain, "guideline_text", here, 4_000, optional=True),
                categories=self.categories(plain, "categories", here, "policy"),
            )
            order = plain.get("order", number)
            if isinstance(order, bool) or not isinstance(order, int | float):
                self.problems.append(f"{here}order が数ではありません。")
                order = number
            placed.append((line.heading, order, number, line))
        self.unique([row[-1].code for row in placed], "items の id")
        # Headings are numbered in printed order, so this is the printed order of the items.
        return tuple(row[-1] for row in sorted(placed, key=lambda row: row[:3]))

    def place(self, plain: dict[str, Any], here: str, roots: list[_Node]) -> int:
        section = plain.get("section")
        parts = section if isinstance(section, list) else [section]
        path = [
            str(part)
            for part in (*parts, plain.get("subsection"), plain.get("group"))
            if part is not None
        ]
        if not path:
            self.problems.append(f"{here}section がありません。")
        nodes, index = roots, 0
        for part in path:
            wanted = clean_input(part)
            matching = [node for node in nodes if wanted in node.names]
            if len(matching) != 1:
                problem = "が複数あります" if matching else "がありません"
                self.problems.append(f"{here[:-1]}：見出し「{wanted}」{problem}。")
                break
            nodes, index = matching[0].children, matching[0].index
        return index

    def unique(self, values: list[str], what: str) -> None:
        for value in sorted({value for value in values if values.count(value) > 1 and value}):
            self.problems.append(f"{what}「{value}」が重なっています。")

    def too_long(self, value: str, where: str, longest: int) -> None:
        if len(value) > longest:
            self.problems.append(f"{where} が{longest}文字を超えています。")


def split_mark(heading: str) -> tuple[str, str]:
    """Split a heading into its leading sign and the rest: ◎意見の把握 → (◎, 意見の把握)."""
    end = 0
    while end < len(heading) and unicodedata.category(heading[end]) in {"So", "Sm", "No", "Nl"}:
        end += 1
    return heading[:end], heading[end:].lstrip(" 　")
