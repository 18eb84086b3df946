"""A report as a page: what was asked for, found in frozen words or in the entries of today."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    blocks,
    pages,
    without_repeats,
)
from participation.reports.queries import editions
from participation.reports.queries.entries import Column
from participation.reports.queries.report import build_snapshot, live_contents
from participation.reports.snapshot import Column as YearColumn
from participation.reports.snapshot import SectionNode, Snapshot

# (changes) -> address of this page with them: section=3, page=2; None takes one out.
Address = Callable[..., str]

ARGUMENTS = frozenset({"item", "department", "column", "section", "page"})
_DIGITS = 5


class Source(Protocol):
    """Where the words come from, one outermost section at a time."""

    frame: Snapshot  # without sections
    contents: Contents

    def part(self, number: int) -> SectionNode:
        """Return an outermost section, from 1."""


class FrozenSource:
    """The words of a built edition."""

    def __init__(self, session: Session, edition_id: int) -> None:
        """Read the frame; the sections follow as they are asked for."""
        self._session, self._edition_id = session, edition_id
        self.frame, self.contents = editions.frozen_frame(session, edition_id)

    def part(self, number: int) -> SectionNode:
        """Return an outermost section, from 1."""
        return editions.frozen_part(self._session, self._edition_id, number)


class LiveSource:
    """The confirmed entries as they are now."""

    def __init__(
        self, session: Session, year: int, columns: Sequence[Column], now: datetime
    ) -> None:
        """Count what there is; the sections follow as they are asked for."""
        self._session, self._year, self._columns, self._now = session, year, columns, now
        self.frame = build_snapshot(session, year, columns, now=now, part=0)
        self.contents = live_contents(session, year, columns, now=now)

    def part(self, number: int) -> SectionNode:
        """Return an outermost section, from 1."""
        found = build_snapshot(self._session, self._year, self._columns, now=self._now, part=number)
        return found.sections[0]


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
    if not one_at_a_time:
        found = [block for part in _parts(shown) for block in _blocks(source, part, wanted)]
    elif shown:
        line = next((each for each in shown if each.number == section), shown[0])
        current = line.number
        block = next(each for each in _blocks(source, line.part, wanted) if each.number == current)
        cut = pages(block)
        page_count = len(cut)
        page = min(max(_number("page") or 1, 1), page_count)
        found = [cut[page - 1]]
    else:
        found = []
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
    parts = {line.part for line in shown}
    links = []
    for line in contents.lines:
        if line.part not in parts or (line.number and line.number not in numbers):
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


def _parts(lines: list[ContentsLine]) -> list[int]:
    return list(dict.fromkeys(line.part for line in lines))


def _blocks(source: Source, part: int, wanted: Filter) -> list[Block]:
    return list(blocks(source.part(part), source.contents.first_number(part), wanted))


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    fits = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if fits else None
