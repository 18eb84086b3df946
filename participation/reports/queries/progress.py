"""How far each department is in a round: counts by state, missing answers, a map by section."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.departments import queries as departments
from participation.departments.models import Department
from participation.reports.models import Entry, EntryKind, EntryState, Guideline
from participation.reports.queries import entries as queries
from participation.reports.queries import guideline as guidelines

Cell = tuple[int, EntryKind]  # an item's id and the column of the round

# How far an answer must have come to count as done, and the states that are as far.
STAGES: dict[str, frozenset[EntryState]] = {
    "answered": frozenset(queries.LIVE),
    "submitted": frozenset({EntryState.SUBMITTED, EntryState.APPROVED, EntryState.CONFIRMED}),
    "approved": frozenset({EntryState.APPROVED, EntryState.CONFIRMED}),
    "confirmed": frozenset({EntryState.CONFIRMED}),
}


@dataclass
class DepartmentProgress:
    """One line: a department with its predecessors' entries counted as its own."""

    department: Department
    name: str
    states: Counter[EntryState] = field(default_factory=Counter)
    nothing: int = 0
    asked: set[Cell] = field(default_factory=set)
    answered: dict[Cell, set[EntryState]] = field(default_factory=lambda: defaultdict(set))

    @property
    def entries(self) -> int:
        """All living entries of the round, 「該当なし」 included."""
        return self.states.total()

    @property
    def missing(self) -> list[Cell]:
        """What was asked and has no answer yet."""
        return [cell for cell in self.asked if cell not in self.answered]

    def done(self, stage: str, item_ids: Collection[int] | None = None) -> tuple[int, int]:
        """Return how many cells have come as far as ``stage``, and of how many.

        A cell counts when all its entries have come so far.
        """
        wanted = STAGES[stage]
        cells = [
            cell
            for cell in self.asked | self.answered.keys()
            if item_ids is None or cell[0] in item_ids
        ]
        done = [c for c in cells if c in self.answered and self.answered[c] <= wanted]
        return len(done), len(cells)


@dataclass(frozen=True)
class MapSection:
    """A column of the map: an outermost section and the items below it."""

    heading: str
    title: str
    item_ids: frozenset[int]


@dataclass(frozen=True)
class Progress:
    """The overview of a round."""

    guideline: Guideline
    lines: list[DepartmentProgress]
    sections: list[MapSection]

    def total(self, stage: str) -> tuple[int, int]:
        """Return how many cells of the whole city have come as far as ``stage``, of how many."""
        pairs = [line.done(stage) for line in self.lines]
        return sum(done for done, _ in pairs), sum(of for _, of in pairs)


def progress(session: Session, round_year: int, today: date) -> Progress:
    """Return how far every department is that was asked for something or has answered.

    Asked is a department for an item that is assigned to it or of which it (or a department it
    took over from) told last year. Takes the same few queries at any number of entries.

    Raises:
        NotFound: no guideline is in force.

    """
    guideline = guidelines.guideline_for(session, round_year)
    known = departments.all_departments(session)
    closure = departments.predecessor_closure(session, [one.id for one in known], today)
    lines = {
        one.id: DepartmentProgress(one, one.name_on(today)) for one in known if one.exists_on(today)
    }
    owners = _owners(lines, closure, known)
    for one in known:
        if not owners[one.id]:  # gone without a successor: its entries still show
            lines[one.id] = DepartmentProgress(one, one.name_on(today))
            owners[one.id] = [one.id]
    item_ids = {item.item_id for item in guideline.items}
    _fill(session, lines, owners, round_year, item_ids)
    shown = [line for line in lines.values() if line.asked or line.answered]
    shown.sort(key=lambda line: (line.department.position, line.department.id))
    return Progress(guideline, shown, _map_sections(guideline))


def _owners(
    lines: Collection[int], closure: dict[int, frozenset[int]], known: Iterable[Department]
) -> dict[int, list[int]]:
    """Return for each department the lines that it counts for: its own or its successors'."""
    owners: dict[int, list[int]] = {one.id: [] for one in known}
    for department_id in lines:
        for part in closure[department_id]:
            if part == department_id or part not in lines:
                owners[part].append(department_id)
    return owners


def _fill(
    session: Session,
    lines: dict[int, DepartmentProgress],
    owners: dict[int, list[int]],
    round_year: int,
    item_ids: set[int],
) -> None:
    this_round = queries.columns_of_round(round_year)
    last_round = queries.columns_of_round(round_year - 1)
    for item_id, department_ids in guidelines.assignments(session).items():
        if item_id in item_ids:
            for department_id in department_ids:
                _ask(lines, owners[department_id], item_id)
    told = session.execute(
        select(Entry.item_id, Entry.department_id)
        .where(queries.in_columns(last_round), Entry.state.in_(queries.LIVE), ~Entry.nothing)
        .distinct()
    )
    for item_id, department_id in told:
        if item_id in item_ids:
            _ask(lines, owners[department_id], item_id)
    rows = session.execute(
        select(Entry.item_id, Entry.department_id, Entry.kind, Entry.state, Entry.nothing).where(
            queries.in_columns(this_round), Entry.state.in_(queries.LIVE)
        )
    )
    for item_id, department_id, kind, state, nothing in rows:
        for owner in owners[department_id]:
            line = lines[owner]
            line.states[state] += 1
            line.nothing += nothing
            line.answered[item_id, kind].add(state)


def _ask(lines: dict[int, DepartmentProgress], owners: list[int], item_id: int) -> None:
    for owner in owners:
        lines[owner].asked |= {(item_id, kind) for kind in EntryKind}


def _map_sections(guideline: Guideline) -> list[MapSection]:
    return [
        MapSection(
            branch.section.mark or branch.section.title,
            branch.section.title,
            frozenset(item.item_id for part in branch.walk() for item in part.items),
        )
        for branch in guidelines.section_tree(guideline)
    ]
