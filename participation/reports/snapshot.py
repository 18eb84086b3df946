"""A report frozen at one moment: what the page, the PDF and the spreadsheets are all made from.

Plain values without tables, so that a published edition can be read back in ten years and so
that no renderer can touch the database.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Column:
    """One year column of the report."""

    kind: str  # "result" (取り組み実績) or "plan" (取り組み予定)
    fiscal_year: int  # western year in which the fiscal year begins
    label: str  # 令和5年度の取り組み実績


@dataclass(frozen=True)
class Statement:
    """One ● paragraph: an entry's text and the department's name of that year."""

    text: str
    department: str


@dataclass(frozen=True)
class CategoryRow:
    """One 区分 of an item with its 対応方針."""

    code: str
    policy: str


@dataclass(frozen=True)
class ItemRow:
    """One item (基本的な取り組み). ``cells`` has one tuple of statements a column."""

    code: str
    name: str
    guideline_text: str
    categories: tuple[CategoryRow, ...]
    cells: tuple[tuple[Statement, ...], ...]

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Read back what ``asdict`` wrote."""
        return cls(
            code=plain["code"],
            name=plain["name"],
            guideline_text=plain["guideline_text"],
            categories=tuple(CategoryRow(**row) for row in plain["categories"]),
            cells=tuple(
                tuple(Statement(**statement) for statement in cell) for cell in plain["cells"]
            ),
        )


@dataclass(frozen=True)
class SectionNode:
    """A heading of any depth; items stand directly under it, before its children."""

    level: int  # 1 for the outermost
    mark: str  # １ ① ◎ or whatever the guideline uses, may be empty
    title: str
    items: tuple[ItemRow, ...] = ()
    children: tuple["SectionNode", ...] = ()

    @property
    def heading(self) -> str:
        """The heading as printed: a figure is followed by a wide space, a sign is not."""
        separator = "　" if self.mark.isalnum() and self.level == 1 else ""
        return f"{self.mark}{separator}{self.title}"

    def walk(self) -> Iterator["SectionNode"]:
        """Yield this node and all below it in printed order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Read back what ``asdict`` wrote."""
        return cls(
            level=plain["level"],
            mark=plain["mark"],
            title=plain["title"],
            items=tuple(map(ItemRow.from_plain, plain["items"])),
            children=tuple(cls.from_plain(child) for child in plain["children"]),
        )


@dataclass(frozen=True)
class Legend:
    """One line of 「当初における「区分」欄の説明」."""

    code: str
    label: str


@dataclass(frozen=True)
class Snapshot:
    """The whole report."""

    title: str
    municipality: str
    fiscal_year: int  # of the plan column; names the report
    number: int  # 版, from 1
    columns: tuple[Column, ...]
    headers: tuple[str, str, str, str]  # 基本的な取り組み, 「指針の記載内容」, 区分, 対応方針
    legend_title: str
    legend: tuple[Legend, ...]
    sections: tuple[SectionNode, ...]
    correction: str = ""  # reason of a correction (訂正理由), empty for a first edition

    def nodes(self) -> Iterator[SectionNode]:
        """Yield every heading in printed order."""
        for section in self.sections:
            yield from section.walk()

    def items(self) -> Iterator[ItemRow]:
        """Yield every item in printed order."""
        for node in self.nodes():
            yield from node.items

    def to_json(self) -> str:
        """Return the one canonical text of this report; equal reports give equal text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def digest(self) -> str:
        """Return the SHA-256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what ``to_json`` wrote."""
        return cls.from_plain(json.loads(text))

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Read back what ``asdict`` wrote."""
        return cls(
            **{
                **plain,
                "columns": tuple(Column(**column) for column in plain["columns"]),
                "headers": tuple(plain["headers"]),
                "legend": tuple(Legend(**row) for row in plain["legend"]),
                "sections": tuple(SectionNode.from_plain(node) for node in plain["sections"]),
            }
        )
