"""Spreadsheets of entries and editions: one line a statement, readable by people and machines.

The columns that an import needs carry the names that an import knows, so whatever is exported
here can be read back without changing anything.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from participation.core import fiscal_year
from participation.reports.labels import NOTHING, SHORT_KIND, STATE
from participation.reports.models import EntryKind
from participation.reports.queries.exports import ExportedEntry
from participation.reports.snapshot import ItemRow, SectionNode, Snapshot
from participation.sheets.write_csv import CsvResult, write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx

Encoding = Literal["utf-8-sig", "cp932"]
Row = tuple[str | int, ...]

ENTRY_HEADER = (
    "項目番号",
    "基本的な取り組み",
    "年度（西暦）",
    "年度（和暦）",
    "実績・予定",
    "担当課",
    "内容",
    "活動の種類",
    "状態",
)
_ENTRY_WIDTHS = (10, 28, 12, 14, 12, 20, 70, 16, 12)

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv"


def entry_row(entry: ExportedEntry) -> Row:
    """Return the cells of one entry under ``ENTRY_HEADER``."""
    return (
        entry.item_code,
        entry.item_name,
        entry.fiscal_year,
        fiscal_year.label(entry.fiscal_year),
        SHORT_KIND[entry.kind],
        entry.department,
        NOTHING if entry.nothing else entry.text,
        entry.activity_type,
        STATE[entry.state],
    )


def entries_csv(entries: Iterable[ExportedEntry], *, encoding: Encoding) -> CsvResult:
    """Return the entries as CSV; with CP932 also the characters that it lacks."""
    return write_csv(ENTRY_HEADER, map(entry_row, entries), encoding=encoding)


def entries_xlsx(entries: Iterable[ExportedEntry], *, created: datetime) -> bytes:
    """Return the entries as a workbook of one sheet."""
    sheet = Sheet("記載", ENTRY_HEADER, map(entry_row, entries), _ENTRY_WIDTHS)
    return write_xlsx([sheet], title="取り組みの記載", created=created)


def report_csv(snapshot: Snapshot, *, encoding: Encoding) -> CsvResult:
    """Return the report as CSV, one line a statement; an item without any has one line too."""
    table = _Statements(snapshot)
    return write_csv(table.header, table.rows(), encoding=encoding)


def report_xlsx(snapshot: Snapshot, *, created: datetime) -> bytes:
    """Return the report as a workbook: the statements, the legend, and what report it is."""
    table = _Statements(snapshot)
    about: list[Row] = [
        ("表題", snapshot.title),
        ("自治体名", snapshot.municipality),
        ("年度（西暦）", snapshot.fiscal_year),
        ("年度（和暦）", fiscal_year.label(snapshot.fiscal_year)),
        ("版", snapshot.number),
    ]
    if snapshot.correction:
        about.append(("訂正の理由", snapshot.correction))
    legend = [(row.code, row.label) for row in snapshot.legend]
    return write_xlsx(
        [
            Sheet("取り組み", table.header, table.rows(), table.widths),
            Sheet("区分の説明", ("区分", "説明"), legend, (8, 60)),
            Sheet("この資料について", ("事項", "内容"), about, (16, 80)),
        ],
        title=snapshot.title,
        created=created,
    )


class _Statements:
    """The statements of a report as a table; as deep and wide as this city's guideline is."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.depth = max((node.level for node in snapshot.nodes()), default=1)
        self.categories = max((len(row.categories) for row in snapshot.items()), default=1)
        headings = [f"見出し{level}" for level in range(1, self.depth + 1)]
        categories: list[str] = []
        for number in range(1, self.categories + 1):
            suffix = f"（{number}）" if number > 1 else ""
            categories += [f"区分{suffix}", f"対応方針{suffix}"]
        self.header = (
            "項目番号",
            *headings,
            "基本的な取り組み",
            "指針の記載内容",
            *categories,
            "年度（西暦）",
            "年度（和暦）",
            "実績・予定",
            "担当課",
            "内容",
        )
        self.widths = (
            10,
            *(24 for _ in headings),
            28,
            28,
            *(8 if index % 2 == 0 else 28 for index in range(len(categories))),
            *(12, 14, 12, 20, 70),
        )

    def rows(self) -> Iterator[Row]:
        for section in self.snapshot.sections:
            yield from self._node(section, ())

    def _node(self, node: SectionNode, above: tuple[str, ...]) -> Iterator[Row]:
        # A heading may leave out a level below another; each stands in the column of its level.
        path = (*above, *("" for _ in range(node.level - 1 - len(above))), node.heading)
        for item in node.items:
            yield from self._item(item, path)
        for child in node.children:
            yield from self._node(child, path)

    def _item(self, item: ItemRow, path: tuple[str, ...]) -> Iterator[Row]:
        blank = [""] * (2 * (self.categories - len(item.categories)))
        front: Row = (
            item.code,
            *path,
            *("" for _ in range(self.depth - len(path))),
            item.name,
            item.guideline_text,
            *(text for row in item.categories for text in (row.code, row.policy)),
            *blank,
        )
        if not any(item.cells):
            yield (*front, "", "", "", "", "")
        for column, cell in zip(self.snapshot.columns, item.cells, strict=True):
            year = column.fiscal_year
            kind = SHORT_KIND[EntryKind(column.kind)]
            for statement in cell:
                yield (
                    *front,
                    year,
                    fiscal_year.label(year),
                    kind,
                    statement.department,
                    statement.text,
                )
