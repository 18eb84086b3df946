"""The report as it stands now, read from the guideline, the entries and the city's wording."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.city.queries import get_city, wording
from participation.city.wording import ReportWording
from participation.core import clock, fiscal_year
from participation.departments.queries import all_departments
from participation.reports.contents import Contents, ContentsItem, ContentsLine
from participation.reports.labels import display_day
from participation.reports.models import Entry, EntryKind, EntryState
from participation.reports.queries.entries import LIVE, Column, entry_lines, in_columns
from participation.reports.queries.guideline import SectionBranch, guideline_for, section_tree
from participation.reports.snapshot import (
    CategoryRow,
    ItemRow,
    Legend,
    SectionNode,
    Snapshot,
    Statement,
)
from participation.reports.snapshot import Column as SnapshotColumn

# An item's statements: one tuple a column.
Cells = dict[int, tuple[list[Statement], ...]]


def default_columns(year: int) -> list[Column]:
    """Return the three columns of the report of ``year``: results n−2 and n−1, plan n."""
    return [
        (EntryKind.RESULT, year - 2),
        (EntryKind.RESULT, year - 1),
        (EntryKind.PLAN, year),
    ]


def build_snapshot(
    session: Session,
    year: int,
    columns: Sequence[Column],
    *,
    now: datetime,
    number: int = 1,
    correction: str = "",
    part: int | None = None,
) -> Snapshot:
    """Return the report of ``year`` from its confirmed entries.

    Args:
        session: the session.
        year: fiscal year of the plan column; decides the version of the guideline.
        columns: what is printed, from left to right.
        now: when; a department has its name of the last day of each column's year, or of today.
        number: the edition's number (版).
        correction: why there is a new edition.
        part: only this outermost section, from 1; 0 for none of them; None for all.

    Raises:
        NotFound: no version of the guideline has been enacted yet.

    """
    guideline = guideline_for(session, year)
    roots = section_tree(guideline)
    if part is not None:
        roots = roots[part - 1 : part]
    item_ids = [item.item_id for root in roots for node in root.walk() for item in node.items]
    cells = _cells(session, columns, None if part is None else item_ids, now)
    words = wording(session)
    city = get_city(session)
    return Snapshot(
        title=guideline.title,
        municipality=city.name if city is not None else "",
        fiscal_year=year,
        number=number,
        columns=tuple(_column(words, kind, year) for kind, year in columns),
        headers=(words.item, words.guideline_text, words.category, words.policy),
        legend_title=guideline.category_note,
        legend=tuple(Legend(row.code, row.label) for row in guideline.categories),
        sections=tuple(_node(root, cells, len(columns)) for root in roots),
        correction=correction,
    )


def live_contents(
    session: Session, year: int, columns: Sequence[Column], *, now: datetime
) -> Contents:
    """Return the table of contents of the same report, counted by the database."""
    names = _names(session, columns, now)
    counts: dict[int, tuple[dict[str, int], ...]] = defaultdict(lambda: tuple({} for _ in columns))
    rows = session.execute(
        select(Entry.item_id, Entry.kind, Entry.fiscal_year, Entry.department_id, func.count())
        .where(in_columns(columns), Entry.state == EntryState.CONFIRMED, Entry.nothing.is_(False))
        .group_by(Entry.item_id, Entry.kind, Entry.fiscal_year, Entry.department_id)
    )
    for item_id, kind, of_year, department_id, count in rows:
        place = columns.index((kind, of_year))
        cell = counts[item_id][place]
        name = names[place][department_id]
        cell[name] = cell.get(name, 0) + count
    lines = []
    number = 0
    for part, root in enumerate(section_tree(guideline_for(session, year)), start=1):
        for branch in root.walk():
            number += bool(branch.items)
            items = tuple(
                ContentsItem(item.item.code, item.name, counts[item.item_id])
                for item in branch.items
            )
            heading = _node(branch, {}, 0).heading
            lines.append(ContentsLine(branch.level, heading, part, number if items else 0, items))
    return Contents(tuple(lines))


def data_moment(session: Session, year: int, columns: Sequence[Column]) -> datetime:
    """Return the moment of the newest change in the report's data.

    Written into the document as its date, so that the same data give the same bytes.

    Raises:
        NotFound: no version of the guideline has been enacted yet.

    """
    guideline = guideline_for(session, year)
    newest = session.scalar(
        select(func.max(Entry.updated_at)).where(
            in_columns(columns), Entry.state == EntryState.CONFIRMED
        )
    )
    enacted = guideline.enacted_at or guideline.created_at
    return max(enacted, newest) if newest is not None else enacted


def waiting_entries(session: Session, columns: Sequence[Column]) -> dict[EntryState, int]:
    """Return how many entries of each state would be left out, since they aren't confirmed."""
    rows = session.execute(
        select(Entry.state, func.count())
        .where(in_columns(columns), Entry.state.in_(LIVE), Entry.state != EntryState.CONFIRMED)
        .group_by(Entry.state)
    )
    found = dict(rows.all())
    return {state: found[state] for state in EntryState if state in found}


def changed_since(session: Session, columns: Sequence[Column], moment: datetime) -> int:
    """Return how many entries of the columns were changed in any way after ``moment``."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Entry)
            .where(in_columns(columns), Entry.updated_at > moment)
        )
        or 0
    )


def _column(words: ReportWording, kind: EntryKind, year: int) -> SnapshotColumn:
    what = words.result if kind is EntryKind.RESULT else words.plan
    return SnapshotColumn(kind.value, year, f"{fiscal_year.label(year)}の{what}")


def _names(session: Session, columns: Sequence[Column], now: datetime) -> list[dict[int, str]]:
    departments = all_departments(session)
    today = clock.local_date(now)
    days = [display_day(year, today) for _, year in columns]
    return [{each.id: each.name_on(day) for each in departments} for day in days]


def _cells(
    session: Session,
    columns: Sequence[Column],
    item_ids: Collection[int] | None,
    now: datetime,
) -> Cells:
    names = _names(session, columns, now)
    places = {column: place for place, column in enumerate(columns)}
    found: Cells = defaultdict(lambda: tuple([] for _ in columns))
    for line in entry_lines(session, columns, item_ids=item_ids, states=(EntryState.CONFIRMED,)):
        if not line.nothing:
            place = places[line.kind, line.fiscal_year]
            statement = Statement(line.text, names[place][line.department_id])
            found[line.item_id][place].append(statement)
    return found


def _node(branch: SectionBranch, cells: Cells, columns: int) -> SectionNode:
    section = branch.section
    return SectionNode(
        level=branch.level,
        mark=section.mark,
        title=section.title,
        items=tuple(
            ItemRow(
                code=item.item.code,
                name=item.name,
                guideline_text=item.guideline_text,
                categories=tuple(CategoryRow(row.code, row.policy) for row in item.categories),
                cells=_frozen(cells.get(item.item_id, ()), columns),
            )
            for item in branch.items
        ),
        children=tuple(_node(child, cells, columns) for child in branch.children),
    )


def _frozen(cells: Iterable[list[Statement]], columns: int) -> tuple[tuple[Statement, ...], ...]:
    return tuple(map(tuple, cells)) or ((),) * columns
