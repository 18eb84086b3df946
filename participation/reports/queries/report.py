"""The report as it stands now, read from the guideline, the entries and the city's wording."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.city.queries import get_city, wording
from participation.city.wording import ReportWording
from participation.core import clock, fiscal_year
from participation.departments.queries import all_departments
from participation.reports.contents import Contents, ContentsItem, ContentsLine
from participation.reports.labels import display_day
from participation.reports.models import Entry, EntryKind, EntryState, GuidelineItem
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


class LiveReport:
    """The report of a year from its confirmed entries as they are now, read as far as asked."""

    def __init__(
        self, session: Session, year: int, columns: Sequence[Column], *, now: datetime
    ) -> None:
        """Read the guideline.

        Args:
            session: the session.
            year: fiscal year of the plan column; decides the version of the guideline.
            columns: what is printed, from left to right.
            now: when; a department has its name of the last day of each column's year, or of
                today.

        Raises:
            NotFound: no version of the guideline has been enacted yet.

        """
        self._session, self.year, self.columns = session, year, tuple(columns)
        self._guideline = guideline_for(session, year)
        self._roots = section_tree(self._guideline)
        departments = all_departments(session)
        today = clock.local_date(now)
        days = [display_day(of_year, today) for _, of_year in columns]
        self._names = [{each.id: each.name_on(day) for each in departments} for day in days]

    def frame(self, *, number: int = 1, correction: str = "") -> Snapshot:
        """Return all but the sections."""
        words, city = wording(self._session), get_city(self._session)
        return Snapshot(
            title=self._guideline.title,
            municipality=city.name if city is not None else "",
            fiscal_year=self.year,
            number=number,
            columns=tuple(_column(words, kind, year) for kind, year in self.columns),
            headers=(words.item, words.guideline_text, words.category, words.policy),
            legend_title=self._guideline.category_note,
            legend=tuple(Legend(row.code, row.label) for row in self._guideline.categories),
            sections=(),
            correction=correction,
        )

    def sections(self) -> tuple[SectionNode, ...]:
        """Return the whole of it."""
        cells = self._cells(None)
        return tuple(self._node(root, cells) for root in self._roots)

    def rows(self, number: int) -> tuple[ItemRow, ...]:
        """Return the items of one heading, by its number in the table of contents."""
        with_items = [branch for branch in self._branches() if branch.items]
        items = with_items[number - 1].items
        cells = self._cells([item.item_id for item in items])
        return tuple(self._row(item, cells) for item in items)

    def contents(self) -> Contents:
        """Return the table of contents, counted by the database."""
        counts: dict[int, tuple[dict[str, int], ...]] = defaultdict(
            lambda: tuple({} for _ in self.columns)
        )
        rows = self._session.execute(
            select(Entry.item_id, Entry.kind, Entry.fiscal_year, Entry.department_id, func.count())
            .where(
                in_columns(self.columns),
                Entry.state == EntryState.CONFIRMED,
                Entry.nothing.is_(False),
            )
            .group_by(Entry.item_id, Entry.kind, Entry.fiscal_year, Entry.department_id)
        )
        for item_id, kind, year, department_id, count in rows:
            place = self.columns.index((kind, year))
            cell, name = counts[item_id][place], self._names[place][department_id]
            cell[name] = cell.get(name, 0) + count
        lines = []
        number = 0
        for branch in self._branches():
            number += bool(branch.items)
            items = tuple(
                ContentsItem(item.item.code, item.name, counts[item.item_id])
                for item in branch.items
            )
            heading = SectionNode(branch.level, branch.section.mark, branch.section.title).heading
            lines.append(ContentsLine(branch.level, heading, number if items else 0, items))
        return Contents(tuple(lines))

    def _branches(self) -> Iterator[SectionBranch]:
        for root in self._roots:
            yield from root.walk()

    def _cells(self, item_ids: Collection[int] | None) -> Cells:
        places = {column: place for place, column in enumerate(self.columns)}
        found: Cells = defaultdict(lambda: tuple([] for _ in self.columns))
        for line in entry_lines(
            self._session, self.columns, item_ids=item_ids, states=(EntryState.CONFIRMED,)
        ):
            if not line.nothing:
                place = places[line.kind, line.fiscal_year]
                statement = Statement(line.text, self._names[place][line.department_id])
                found[line.item_id][place].append(statement)
        return found

    def _node(self, branch: SectionBranch, cells: Cells) -> SectionNode:
        return SectionNode(
            level=branch.level,
            mark=branch.section.mark,
            title=branch.section.title,
            items=tuple(self._row(item, cells) for item in branch.items),
            children=tuple(self._node(child, cells) for child in branch.children),
        )

    def _row(self, item: GuidelineItem, cells: Cells) -> ItemRow:
        return ItemRow(
            code=item.item.code,
            name=item.name,
            guideline_text=item.guideline_text,
            categories=tuple(CategoryRow(row.code, row.policy) for row in item.categories),
            cells=tuple(map(tuple, cells[item.item_id])),
        )


def build_snapshot(
    session: Session,
    year: int,
    columns: Sequence[Column],
    *,
    now: datetime,
    number: int = 1,
    correction: str = "",
) -> Snapshot:
    """Return the whole report; see ``LiveReport`` for the arguments.

    ``number`` is the edition's (版), ``correction`` says why there is a new one.

    Raises:
        NotFound: no version of the guideline has been enacted yet.

    """
    live = LiveReport(session, year, columns, now=now)
    frame = live.frame(number=number, correction=correction)
    return replace(frame, sections=live.sections())


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
