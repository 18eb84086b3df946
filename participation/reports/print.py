"""The yearly report on paper: a snapshot in, the bytes of a PDF/UA-1 document out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import ceil
from typing import Literal

from participation.core import fiscal_year
from participation.core.errors import InvalidInput
from participation.core.text import display_width
from participation.pdf.fonts import MissingGlyph, missing_glyphs
from participation.pdf.renderer import Progress, render
from participation.pdf.templating import fill_in, stylesheet
from participation.reports.snapshot import CategoryRow, ItemRow, Snapshot, Statement

Paper = Literal["A3", "A4"]

# Characters on a line of each column and lines on a page, in round numbers taken from the print
# template. They decide only where a row may be cut, never what is printed.
_NAME, _GUIDELINE, _CATEGORY, _POLICY, _YEARS = 11, 13, 2, 9, 72
_LINES_A_PAGE = 44
# A row up to this long moves to the next page whole; a longer one is cut where the page ends. It
# must fit there below the header row: WeasyPrint would rather leave that out than cut the row.
_WHOLE_ROW_LINES = 18
# A table of so few lines moves to the next page whole; more would leave too much paper empty.
_WHOLE_TABLE_LINES = 12
# The same for a statement. It must fit on a page below the header row: WeasyPrint starts a cell
# anew, for ever, when its next paragraph may not be cut and fits nowhere.
_WHOLE_STATEMENT_LINES = 8
_HEADER_LINES = 24


@dataclass(frozen=True)
class Cell:
    """One cell. ``span`` lines of the table high; ``key`` tells apart those printed in pieces."""

    statements: tuple[Statement, ...] = ()
    span: int = 1
    key: str = ""
    continues: bool = False


@dataclass(frozen=True)
class Line:
    """One line of the table: an item's first, or one more for its next 区分."""

    category: CategoryRow
    name: Cell | None  # None where the cell above reaches over this line, as for the next two
    guideline: Cell | None
    years: tuple[Cell, ...]


@dataclass(frozen=True)
class PrintedItem:
    """One item with its lines; ``whole`` if the end of a page must not cut it."""

    row: ItemRow
    lines: tuple[Line, ...]
    whole: bool


@dataclass(frozen=True)
class Heading:
    """One heading with the table below it, which may be empty."""

    tag: str  # h2 to h6
    text: str
    items: tuple[PrintedItem, ...]
    whole: bool  # so small a table that the end of a page must not cut it


def report_pdf(
    snapshot: Snapshot,
    *,
    paper: Paper = "A3",
    created: datetime,
    progress: Progress | None = None,
) -> bytes:
    """Return the report as PDF/UA-1; the same arguments give the same bytes on every machine.

    ``created`` (aware) is the moment written into the document. ``progress`` is told (done,
    total, label) a page at a time. Characters that the typefaces lack become 〓: ask
    ``replaced_characters`` beforehand and show them to the coordinator.

    Raises:
        InvalidInput: the heading of a column is too long to stand above it on each page.
        RenderError: the document could not be made.

    """
    if paper not in {"A3", "A4"}:
        raise ValueError(f"no such paper: {paper}")
    _check_headers(snapshot)
    return render(
        report_html(snapshot, paper=paper),
        stylesheet=stylesheet("pdf/report.css"),
        identifier=f"{snapshot.digest()} {paper}",
        created=created,
        progress=progress,
        expected_pages=expected_pages(snapshot),
    )


def report_html(snapshot: Snapshot, *, paper: Paper = "A3") -> str:
    """Return the HTML that ``report_pdf`` sets with templates/pdf/report.css."""
    return fill_in(
        "pdf/report.html",
        report=snapshot,
        headings=tuple(headings(snapshot)),
        year=fiscal_year.label(snapshot.fiscal_year),
        edition=f"第{snapshot.number}版" if snapshot.number > 1 else "",
        paper=paper,
        is_whole=partial(_is_whole, line_length=_YEARS // max(len(snapshot.columns), 1)),
    )


def headings(snapshot: Snapshot) -> Iterator[Heading]:
    """Yield the report's headings in printed order with their tables."""
    number = 0
    room = (_LINES_A_PAGE - _header_lines(snapshot)) // 2  # with as much to spare
    whole_up_to = min(room, _WHOLE_ROW_LINES)
    for node in snapshot.nodes():
        items = []
        for row in node.items:
            number += 1
            items.append(printed_item(row, key=f"i{number}", whole_up_to=whole_up_to))
        lines = sum(_height(row) + 1 for row in node.items)
        tag = f"h{min(node.level + 1, 6)}"
        yield Heading(tag, node.heading, tuple(items), whole=lines <= _WHOLE_TABLE_LINES)


def printed_item(row: ItemRow, *, key: str, whole_up_to: int = _WHOLE_ROW_LINES) -> PrintedItem:
    """Return the lines of the table that ``row`` takes: one for each 区分.

    An item of up to ``whole_up_to`` lines of text is not cut by the end of a page.

    Cells beside several 区分 reach over all of them. A reaching cell that the end of a page cuts
    loses its frame, so in an item too long for that the cells are printed in pieces instead, one
    a line, and the structure tree joins them again (``data-continues``).
    """
    categories = row.categories or (CategoryRow("", ""),)
    height = _height(row)
    whole = height <= whole_up_to
    if len(categories) == 1 or whole:
        span = len(categories)
        first = Line(
            categories[0],
            Cell(span=span),
            Cell(span=span),
            tuple(Cell(statements, span) for statements in row.cells),
        )
        others = tuple(Line(category, None, None, ()) for category in categories[1:])
        return PrintedItem(row, (first, *others), whole)
    lines = []
    left = list(row.cells)
    for number, category in enumerate(categories):
        is_last = number == len(categories) - 1
        room = _lines(category.policy, _POLICY)
        if number == 0:
            room = max(room, _lines(row.name, _NAME), _lines(row.guideline_text, _GUIDELINE))
        width = _YEARS // len(left)
        pieces = [cell if is_last else _beginning(cell, room, width) for cell in left]
        left = [cell[len(piece) :] for cell, piece in zip(left, pieces, strict=True)]
        lines.append(
            Line(
                category,
                Cell(key=f"{key}-name", continues=number > 0),
                Cell(key=f"{key}-guideline", continues=number > 0),
                tuple(
                    Cell(piece, key=f"{key}-{column}", continues=number > 0)
                    for column, piece in enumerate(pieces)
                ),
            )
        )
    return PrintedItem(row, tuple(lines), whole=False)


def replaced_characters(snapshot: Snapshot) -> tuple[MissingGlyph, ...]:
    """Return the characters of the report that the PDF will show as 〓 or leave out."""
    return missing_glyphs("".join(_texts(snapshot)))


def expected_pages(snapshot: Snapshot) -> int:
    """Return about how many pages the report will have."""
    lines = sum(_height(item) + 1 for item in snapshot.items())
    lines += sum(3 for _ in snapshot.nodes())
    return ceil(lines / _LINES_A_PAGE)


def _texts(snapshot: Snapshot) -> Iterator[str]:
    yield from (snapshot.title, snapshot.municipality, snapshot.correction, snapshot.legend_title)
    yield from snapshot.headers
    yield from (column.label for column in snapshot.columns)
    for node in snapshot.nodes():
        yield node.heading
    for item in snapshot.items():
        yield from (item.name, item.guideline_text)
        for category in item.categories:
            yield from (category.code, category.policy)
        for cell in item.cells:
            for statement in cell:
                yield from (statement.text, statement.department)
    for line in snapshot.legend:
        yield from (line.code, line.label)


def _is_whole(statement: Statement, *, line_length: int) -> bool:
    """Whether the end of a page must not cut ``statement``."""
    return _statement_lines(statement, line_length) <= _WHOLE_STATEMENT_LINES


def _check_headers(snapshot: Snapshot) -> None:
    # WeasyPrint leaves a header row out without a word when it takes too much of the page.
    for header, length in _headers(snapshot):
        if _lines(header, length) > _HEADER_LINES:
            raise InvalidInput(
                f"表の見出し「{header[:20]}…」が長すぎます。"
                f"{_HEADER_LINES * length}文字以内に短くしてください。"
            )


def _header_lines(snapshot: Snapshot) -> int:
    return max(_lines(header, length) for header, length in _headers(snapshot))


def _headers(snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    """Yield the headings of the columns, each with the length of its lines."""
    yield from zip(snapshot.headers, (_NAME, _GUIDELINE, _CATEGORY, _POLICY), strict=True)
    width = _YEARS // max(len(snapshot.columns), 1)
    yield from ((column.label, width) for column in snapshot.columns)


def _beginning(
    statements: tuple[Statement, ...], room: int, line_length: int
) -> tuple[Statement, ...]:
    """Return the first statements that fit into ``room`` lines, but at least one if there is."""
    taken = used = 0
    for statement in statements:
        used += _statement_lines(statement, line_length)
        if taken and used > room:
            break
        taken += 1
    return statements[:taken]


def _height(row: ItemRow) -> int:
    width = _YEARS // max(len(row.cells), 1)
    years = (sum(_statement_lines(entry, width) for entry in cell) for cell in row.cells)
    return max(
        _lines(row.name, _NAME),
        _lines(row.guideline_text, _GUIDELINE),
        sum(_lines(category.policy, _POLICY) + 1 for category in row.categories),
        *years,
        1,
    )


def _statement_lines(statement: Statement, length: int) -> int:
    return _lines(f"●{statement.text}（{statement.department}）", length)


def _lines(text: str, length: int) -> int:
    """Return about how many lines of ``length`` full-width characters ``text`` takes."""
    return sum(ceil(display_width(line) / (2 * length)) or 1 for line in text.split("\n"))
