"""The real report's shape as a snapshot, from the city's data where that folder exists."""

import csv
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from participation.reports.snapshot import (
    CategoryRow,
    Column,
    ItemRow,
    Legend,
    SectionNode,
    Snapshot,
    Statement,
)

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "isehara"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")

COLUMNS = (
    Column("result", 2022, "令和4年度の取り組み実績"),
    Column("result", 2023, "令和5年度の取り組み実績"),
    Column("plan", 2024, "令和6年度の取り組み予定"),
)
HEADERS = ("基本的な取り組み", "「指針の記載内容」", "区分", "対応方針")


def real_snapshot(*, multiply: int = 1, columns: tuple[Column, ...] = COLUMNS) -> Snapshot:
    """Return the report of 令和6年度; ``multiply`` repeats each item's entries so many times.

    The data have two of the three columns. The oldest is filled with the results of the year
    after it, told of the year before, so that the report has the size of the printed one.
    """
    guideline = json.loads((DATA / "guideline.json").read_text())
    entries = _entries()

    def item_row(item: dict[str, Any]) -> ItemRow:
        return ItemRow(
            code=item["id"],
            name=item["name"],
            guideline_text=item["guideline_text"],
            categories=tuple(CategoryRow(**row) for row in item["categories"]),
            cells=tuple(
                entries[item["id"], column.kind, column.fiscal_year] * multiply
                for column in columns
            ),
        )

    def items(section: str, subsection: str | None = None, group: str | None = None) -> Any:
        return tuple(
            item_row(item)
            for item in guideline["items"]
            if (item["section"], item["subsection"], item["group"]) == (section, subsection, group)
        )

    def subsection_node(section: str, plain: dict[str, Any]) -> SectionNode:
        mark = plain["mark"]
        groups = tuple(
            SectionNode(3, group[0], group[1:], items(section, mark, group))
            for group in plain["groups"]
        )
        return SectionNode(2, mark, plain["title"], items(section, mark), groups)

    sections = tuple(
        SectionNode(
            1,
            plain["no"].translate(WIDE),
            plain["title"],
            items(plain["no"]),
            tuple(subsection_node(plain["no"], sub) for sub in plain["subsections"]),
        )
        for plain in guideline["sections"]
    )
    return Snapshot(
        title=guideline["title"],
        municipality=guideline["municipality"]["name"],
        fiscal_year=2024,
        number=1,
        columns=columns,
        headers=HEADERS,
        legend_title=guideline["category_note"],
        legend=tuple(Legend(row["code"], row["label"]) for row in guideline["categories"]),
        sections=sections,
    )


def corrected(snapshot: Snapshot) -> Snapshot:
    """Return the second edition of ``snapshot``."""
    return replace(
        snapshot,
        number=2,
        correction="「広報の拡充」の令和5年度の取り組み実績に記載の誤りがあったため、訂正しました。",
    )


def _entries() -> dict[tuple[str, str, int], tuple[Statement, ...]]:
    found: dict[tuple[str, str, int], tuple[Statement, ...]] = defaultdict(tuple)
    with (DATA / "entries.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            year = 2018 + int(row["fiscal_year"].removeprefix("R"))
            statement = Statement(row["text"], row["department"])
            found[row["item_id"], row["kind"], year] += (statement,)
            if row["kind"] == "result":
                earlier = row["text"].translate(str.maketrans("5５", "4４"))
                found[row["item_id"], "result", year - 1] += (
                    Statement(earlier, row["department"]),
                )
    return found
