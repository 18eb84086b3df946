"""A report as a page: what was asked for, found in frozen words or in the entries of today."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import request
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.reports.contents import (
    PAGE_STATEMENTS,
    Block,
    Contents,
    ContentsLine,
    Filter,
    Heading,
    narrowed,
    pages,
    without_repeats,
)
from participation.reports.queries import editions
from participation.reports.queries.report import LiveReport
from participation.reports.snapshot import Column as YearColumn
from participation.reports.snapshot import ItemRow, Snapshot

# (changes) -> address of this page with them: section=3, page=2; None takes one out.
Address = Callable[..., str]

ARGUMENTS = frozenset({"item", "department", "column", "section", "page"})
_DIGITS = 5


class Source(Protocol):
    """Where the words come from, one heading or one page at a time."""

    frame: Snapshot  # its sections are not read
    contents: Contents

    def pieces(self, line: ContentsLine) -> Iterable[Sequence[ItemRow]]:
        """Return the rows of one heading, in pieces."""

    def page(self, line: ContentsLine, page: int) -> tuple[Sequence[ItemRow], int, int]:
        """Return one page of a heading, the number of it that there is, and how many there are."""


class FrozenSource:
    """The words of a built edition, which are kept in pages."""

    def __init__(self, session: Session, edition_id: int) -> None:
        """Read the frame; the rows follow as they are asked for."""
        self._session, self._edition_id = session, edition_id
        self.frame, self.contents = editions.frozen_frame(session, edition_id)

    def pieces(self, line: ContentsLine) -> Iterable[Sequence[ItemRow]]:
        """Return the rows of one heading, one page after the other."""
        return editions.frozen_rows(self._session, self._edition_id, line.first_part, line.parts)

    def page(self, line: ContentsLine, page: int) -> tuple[Sequence[ItemRow], int, int]:
        """Return one page, the only thing read."""
        page = min(page, line.parts)
        first = line.first_part + page - 1
        return next(editions.frozen_rows(self._session, self._edition_id, first)), page, line.parts


class LiveSource:
    """The confirmed entries as they are now."""

    def __init__(self, live: LiveReport) -> None:
        """Count what there is; the rows follow as they are asked for."""
        self._live = live
        self.frame, self.contents = live.frame(), live.contents()

    def pieces(self, line: ContentsLine) -> Iterable[Sequence[ItemRow]]:
        """Return the rows of one heading."""
        return [self._live.rows(line.number)]

    def page(self, line: ContentsLine, page: int) -> tuple[Sequence[ItemRow], int, int]:
        """Return one page of the rows of one heading."""
        return _page_of(self._live.rows(line.number), page)


@dataclass(frozen=True)
class ContentsLink:
    """A heading in the table of contents; ``url`` is empty where there is nothing to go to."""

    line: ContentsLine
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class ReportPage:
    """Everything that the template of a report needs."""

    frame: Snapshot
    columns: tuple[YearColumn, ...]  # those shown
    blocks: tuple[Block, ...]
    contents: tuple[ContentsLink, ...]
    wanted: Filter
    column_options: tuple[tuple[str, str], ...]
    item_options: tuple[tuple[str, str], ...]
    departments: tuple[str, ...]
    statements: int  # how many are wanted in all
    one_at_a_time: bool
    page: int
    pages: int
    previous_url: str
    next_url: str
    reset_url: str


def asked_for(source: Source) -> Filter:
    """Return what the request asks to see.

    Raises:
        NotFound: there is no such item, department or column in this report.

    """
    item, department = request.args.get("item") or None, request.args.get("department") or None
    column = request.args.get("column") or None
    keys = [column_key(each) for each in source.frame.columns]
    items = {each.code for each in source.contents.items()}
    if (
        (item is not None and item not in items)
        or (department is not None and department not in source.contents.departments())
        or (column is not None and column not in keys)
    ):
        raise NotFound("この報告書にその項目・課・年度はありません。選び直してください。")
    return Filter(item, department, None if column is None else keys.index(column))


def column_key(column: YearColumn) -> str:
    """Return a column's name in addresses: result-2023."""
    return f"{column.kind}-{column.fiscal_year}"


def read_report(source: Source, wanted: Filter, address: Address) -> ReportPage:
    """Return the page that the request asks for: all of it, or one section of a long report."""
    contents = source.contents
    shown = contents.sections(wanted)
    total = contents.counted(wanted)
    section = _number("section")
    one_at_a_time = total > PAGE_STATEMENTS or section is not None
    page = page_count = 1
    current = 0
    found: list[Block] = []
    if not one_at_a_time:
        found = [
            Block(line.number, contents.path(line.number), narrowed(source.pieces(line), wanted))
            for line in shown
        ]
    elif shown:
        line = next((each for each in shown if each.number == section), shown[0])
        current = line.number
        page = max(_number("page") or 1, 1)
        rows, page, page_count = (
            _page_of(narrowed(source.pieces(line), wanted), page)
            if wanted
            else source.page(line, page)
        )
        found = [Block(current, contents.path(current), tuple(rows))]
    frame = source.frame
    return ReportPage(
        frame=frame,
        columns=frame.columns if wanted.column is None else (frame.columns[wanted.column],),
        blocks=tuple(without_repeats(found)),
        contents=tuple(_links(contents, wanted, current if one_at_a_time else None, address)),
        wanted=wanted,
        column_options=tuple((column_key(each), each.label) for each in frame.columns),
        item_options=tuple((each.code, each.name) for each in contents.items()),
        departments=tuple(contents.departments()),
        statements=total,
        one_at_a_time=one_at_a_time,
        page=page,
        pages=page_count,
        previous_url=address(section=current, page=page - 1) if page > 1 else "",
        next_url=address(section=current, page=page + 1) if page < page_count else "",
        reset_url=address(item=None, department=None, column=None, section=None, page=None),
    )


def _links(
    contents: Contents, wanted: Filter, current: int | None, address: Address
) -> list[ContentsLink]:
    """Return the headings that show something; ``current`` is None when all are on this page."""
    shown = contents.sections(wanted)
    numbers = {line.number for line in shown}
    # A heading without items of its own is shown where one below it is.
    above = {heading for number in numbers for heading in contents.path(number)}
    links = []
    for line in contents.lines:
        if Heading(line.level, line.heading) not in above:
            continue
        if line.number and line.number not in numbers:
            continue
        url = ""
        if line.number:
            url = (
                address(section=line.number, page=None)
                if current is not None
                else f"#section-{line.number}"
            )
        count = sum(map(wanted.counted, line.items))
        links.append(ContentsLink(line, count, url, line.number > 0 and line.number == current))
    return links


def _page_of(rows: Sequence[ItemRow], page: int) -> tuple[Sequence[ItemRow], int, int]:
    cut = pages(rows)
    page = min(page, len(cut))
    return cut[page - 1], page, len(cut)


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    fits = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if fits else None
