"""The contributor's page as values: each item with last year's plan beside this year's answers."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.reports.models import (
    Entry,
    EntryEvent,
    EntryKind,
    EntryState,
    Guideline,
    GuidelineItem,
    Item,
)
from participation.reports.queries import entries as queries
from participation.reports.queries import guideline as guidelines


@dataclass(frozen=True)
class WorksheetCell:
    """One box to fill: a department's entries of one item in one column of the round."""

    kind: EntryKind
    fiscal_year: int
    entries: tuple[Entry, ...]  # living ones, in order
    withdrawn: tuple[Entry, ...]

    @property
    def is_answered(self) -> bool:
        """Whether there is a text or a 「該当なし」."""
        return bool(self.entries)

    @property
    def says_nothing(self) -> bool:
        """Whether the answer is 「該当なし」."""
        return any(entry.nothing for entry in self.entries)


@dataclass(frozen=True)
class WorksheetItem:
    """One item with what was planned and the two boxes of the round."""

    item: GuidelineItem
    is_own: bool  # assigned to the department, or told of this year or in the two before
    is_asked: bool  # assigned to it, or told of in the round before: an answer is due
    last_plan: tuple[Entry, ...]  # the plan of the year whose result is asked for now
    result: WorksheetCell
    plan: WorksheetCell

    @property
    def cells(self) -> tuple[WorksheetCell, WorksheetCell]:
        """Both boxes."""
        return self.result, self.plan


@dataclass(frozen=True)
class WorksheetSection:
    """A heading with the items under it that a list shows."""

    heading: str
    level: int
    items: tuple[WorksheetItem, ...]


@dataclass(frozen=True)
class Worksheet:
    """The whole page of one department and round."""

    guideline: Guideline
    round_year: int
    items: tuple[WorksheetItem, ...]  # in printed order
    own: tuple[WorksheetSection, ...]
    others: tuple[WorksheetSection, ...]
    returns: dict[int, EntryEvent] = field(default_factory=dict)  # by entry, of those sent back

    @property
    def missing(self) -> tuple[WorksheetCell, ...]:
        """The boxes of items that an answer is due for, and that have none."""
        asked = [item for item in self.items if item.is_asked]
        return tuple(cell for item in asked for cell in item.cells if not cell.is_answered)

    @property
    def ready(self) -> tuple[Entry, ...]:
        """The entries that can be submitted now."""
        return tuple(
            entry
            for item in self.items
            for cell in item.cells
            for entry in cell.entries
            if entry.state in {EntryState.DRAFT, EntryState.RETURNED}
        )


def worksheet(
    session: Session,
    round_year: int,
    department_id: int,
    department_ids: Collection[int],
    *,
    item_id: int | None = None,
) -> Worksheet:
    """Return the page of one department.

    Args:
        session: the session.
        round_year: the year of the round.
        department_id: the department itself.
        department_ids: it and those it has taken over from; their entries count as its own.
        item_id: only this item; None means all.

    Raises:
        NotFound: no guideline is in force, or it does not have ``item_id``.

    """
    guideline = guidelines.guideline_for(session, round_year)
    columns = [(kind, year) for kind in EntryKind for year in range(round_year - 2, round_year + 1)]
    by_item: dict[int, list[Entry]] = defaultdict(list)
    family = {department_id, *department_ids}
    for entry in queries.entries_of_departments(session, family, columns, item_id=item_id):
        by_item[entry.item_id].append(entry)
    assigned = guidelines.assignments(session)
    tree = guidelines.section_tree(guideline)
    rows: dict[int, WorksheetItem] = {}
    for branch in (branch for root in tree for branch in root.walk()):
        for item in branch.items:
            if item_id is None or item.item_id == item_id:
                is_assigned = not family.isdisjoint(assigned.get(item.item_id, frozenset()))
                rows[item.id] = _row(item, by_item[item.item_id], round_year, is_assigned)
    if item_id is not None and not rows:
        raise NotFound("この項目は、この年度の指針にありません。一覧から選び直してください。")
    returned = [
        entry.id
        for entries in by_item.values()
        for entry in entries
        if entry.state is EntryState.RETURNED
    ]
    return Worksheet(
        guideline=guideline,
        round_year=round_year,
        items=tuple(rows.values()),
        own=_sections(tree, rows, is_own=True),
        others=_sections(tree, rows, is_own=False),
        returns=queries.last_returns(session, returned) if returned else {},
    )


def heading(section_mark: str, title: str, level: int) -> str:
    """Return a heading as printed: a figure is followed by a wide space, a sign is not."""
    separator = "　" if level == 1 and section_mark.isalnum() else ""
    return f"{section_mark}{separator}{title}"


def item_names(session: Session, round_year: int) -> dict[int, str]:
    """Return for every item the name it has in the version in force, or had in the latest."""
    names = (
        select(GuidelineItem.item_id, GuidelineItem.name)
        .join(Guideline, Guideline.id == GuidelineItem.guideline_id)
        .order_by(Guideline.number)
    )
    found = {row.item_id: row.name for row in session.execute(names)}
    in_force = guidelines.guideline_in_force(session, round_year)
    if in_force is not None:
        found.update({item.item_id: item.name for item in in_force.items})
    return found


def item_codes(session: Session) -> dict[int, str]:
    """Return the code of every item."""
    return {row.id: row.code for row in session.execute(select(Item.id, Item.code))}


def _row(
    item: GuidelineItem, entries: list[Entry], round_year: int, is_assigned: bool
) -> WorksheetItem:
    def cell(kind: EntryKind, year: int) -> WorksheetCell:
        here = [e for e in entries if e.kind is kind and e.fiscal_year == year]
        return WorksheetCell(
            kind,
            year,
            tuple(entry for entry in here if entry.state is not EntryState.WITHDRAWN),
            tuple(entry for entry in here if entry.state is EntryState.WITHDRAWN),
        )

    living = [entry for entry in entries if entry.state is not EntryState.WITHDRAWN]
    last_round = queries.columns_of_round(round_year - 1)
    told = any(
        (entry.kind, entry.fiscal_year) in last_round and not entry.nothing for entry in living
    )
    return WorksheetItem(
        item=item,
        is_own=is_assigned or bool(living),
        is_asked=is_assigned or told,
        last_plan=cell(EntryKind.PLAN, round_year - 1).entries,
        result=cell(EntryKind.RESULT, round_year - 1),
        plan=cell(EntryKind.PLAN, round_year),
    )


def _sections(
    tree: tuple[guidelines.SectionBranch, ...],
    rows: dict[int, WorksheetItem],
    *,
    is_own: bool,
) -> tuple[WorksheetSection, ...]:
    sections = []
    for branch in (branch for root in tree for branch in root.walk()):
        items = tuple(
            rows[item.id]
            for item in branch.items
            if item.id in rows and rows[item.id].is_own is is_own
        )
        # A heading without items of its own stays when something below it is shown.
        below = any(
            item.id in rows and rows[item.id].is_own is is_own
            for child in branch.walk()
            for item in child.items
        )
        if below:
            sections.append(
                WorksheetSection(
                    heading(branch.section.mark, branch.section.title, branch.level),
                    branch.level,
                    items,
                )
            )
    return tuple(sections)
