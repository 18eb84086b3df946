"""Reading entries: by id, by cell, by column; always in printed order."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from participation.core.errors import NotFound
from participation.departments.models import Department
from participation.reports.models import Entry, EntryEvent, EntryKind, EntryState

Column = tuple[EntryKind, int]

LIVE = tuple(state for state in EntryState if state is not EntryState.WITHDRAWN)

# Acts by which a person puts words into an entry: who did one of them may not approve it.
AUTHORING_ACTS = ("created", "copied", "derived", "imported", "declared_nothing", "edited")


@dataclass(frozen=True)
class Place:
    """Where an entry stands: one department's part of one item in one column."""

    item_id: int
    department_id: int
    kind: EntryKind
    fiscal_year: int


@dataclass(frozen=True)
class EntryLine:
    """One entry as the report needs it, without an ORM object."""

    id: int
    item_id: int
    department_id: int
    fiscal_year: int
    kind: EntryKind
    text: str
    nothing: bool
    state: EntryState
    activity_type: str


def round_year_of(kind: EntryKind, year: int) -> int:
    """Return the year of the round that collects entries of this kind and fiscal year."""
    return year + 1 if kind is EntryKind.RESULT else year


def columns_of_round(round_year: int) -> tuple[Column, Column]:
    """Return the two columns that the round of a year collects."""
    return (EntryKind.RESULT, round_year - 1), (EntryKind.PLAN, round_year)


def get_entry(session: Session, entry_id: int) -> Entry:
    """Return one entry.

    Raises:
        NotFound: there is no such entry.

    """
    entry = session.get(Entry, entry_id)
    if entry is None:
        raise NotFound("その記載は見つかりませんでした。一覧からお探しください。")
    return entry


def entry_lines(
    session: Session,
    columns: Sequence[Column],
    *,
    item_ids: Collection[int] | None = None,
    states: Collection[EntryState] = LIVE,
) -> Iterator[EntryLine]:
    """Yield the entries of the given columns in printed order within each item and column.

    Departments follow the city's organisation chart, entries of one department their own order.

    Args:
        session: the session.
        columns: pairs of kind and western fiscal year, e.g. ``(EntryKind.RESULT, 2023)``.
        item_ids: only these items; None means all.
        states: only entries in one of these states.

    """
    rows = session.execute(
        select(
            Entry.id,
            Entry.item_id,
            Entry.department_id,
            Entry.fiscal_year,
            Entry.kind,
            Entry.text,
            Entry.nothing,
            Entry.state,
            Entry.activity_type,
        )
        .join(Department, Department.id == Entry.department_id)
        .where(
            in_columns(columns),
            Entry.state.in_(states),
            true() if item_ids is None else Entry.item_id.in_(item_ids),
        )
        .order_by(
            Entry.item_id,
            Entry.fiscal_year,
            Entry.kind,
            Department.position,
            Entry.department_id,
            Entry.position,
            Entry.id,
        )
        .execution_options(yield_per=1_000)
    )
    for row in rows:
        yield EntryLine(*row)


def in_columns(columns: Sequence[Column]) -> ColumnElement[bool]:
    """Return the condition that an entry stands in one of ``columns``."""
    return or_(
        false(), *(and_(Entry.kind == kind, Entry.fiscal_year == year) for kind, year in columns)
    )


def place_of(entry: Entry) -> Place:
    """Return where an entry stands."""
    return Place(entry.item_id, entry.department_id, entry.kind, entry.fiscal_year)


def _in_place(place: Place) -> ColumnElement[bool]:
    return and_(
        Entry.item_id == place.item_id,
        Entry.department_id == place.department_id,
        Entry.kind == place.kind,
        Entry.fiscal_year == place.fiscal_year,
    )


def entries_in(session: Session, place: Place) -> list[Entry]:
    """Return the living entries of a place, in order, as they are in the database now."""
    return list(
        session.scalars(
            select(Entry)
            .where(_in_place(place), Entry.state.in_(LIVE))
            .order_by(Entry.position, Entry.id)
            .execution_options(populate_existing=True)
        )
    )


def entry_of_activity(session: Session, ref: str, kind: EntryKind, year: int) -> Entry | None:
    """Return the living entry that was drafted from an activity into a column."""
    return session.scalar(
        select(Entry).where(
            Entry.activity_ref == ref,
            Entry.kind == kind,
            Entry.fiscal_year == year,
            Entry.state.in_(LIVE),
        )
    )


def entries_of_departments(
    session: Session,
    department_ids: Collection[int],
    columns: Sequence[Column],
    *,
    item_id: int | None = None,
) -> list[Entry]:
    """Return every entry of these departments in these columns, withdrawn ones too, in order."""
    return list(
        session.scalars(
            select(Entry)
            .where(
                Entry.department_id.in_(department_ids),
                in_columns(columns),
                true() if item_id is None else Entry.item_id == item_id,
            )
            .order_by(Entry.item_id, Entry.position, Entry.id)
        )
    )


def next_position(session: Session, place: Place) -> int:
    """Return the position behind the last entry of a place, withdrawn ones included."""
    last = session.scalar(select(func.max(Entry.position)).where(_in_place(place)))
    return 0 if last is None else last + 1


def history(session: Session, entry_id: int) -> list[EntryEvent]:
    """Return all steps of an entry, newest first."""
    return list(
        session.scalars(
            select(EntryEvent)
            .where(EntryEvent.entry_id == entry_id)
            .order_by(EntryEvent.version.desc())
        )
    )


def event_at(session: Session, entry_id: int, version: int) -> EntryEvent | None:
    """Return the step that led to ``version``: what somebody saw who began to edit from it."""
    return session.scalars(
        select(EntryEvent).where(EntryEvent.entry_id == entry_id, EntryEvent.version == version)
    ).first()


def author_ids(session: Session, entry_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return for each entry the ids of all who ever put words into it."""
    found: dict[int, set[int]] = {entry_id: set() for entry_id in entry_ids}
    rows = session.execute(
        select(EntryEvent.entry_id, EntryEvent.actor_id)
        .where(
            EntryEvent.entry_id.in_(entry_ids),
            EntryEvent.act.in_(AUTHORING_ACTS),
        )
        .distinct()
    )
    for entry_id, actor_id in rows:
        if actor_id is not None:
            found[entry_id].add(actor_id)
    for entry_id, author_id in session.execute(
        select(Entry.id, Entry.author_id).where(Entry.id.in_(entry_ids))
    ):
        if author_id is not None:
            found[entry_id].add(author_id)
    return {entry_id: frozenset(ids) for entry_id, ids in found.items()}


def last_returns(session: Session, entry_ids: Collection[int]) -> dict[int, EntryEvent]:
    """Return for each entry its latest sending back, with who, when and why."""
    rows = session.scalars(
        select(EntryEvent)
        .where(EntryEvent.entry_id.in_(entry_ids), EntryEvent.act == "returned")
        .order_by(EntryEvent.version)
    )
    return {event.entry_id: event for event in rows}


def with_items(session: Session, entry_ids: Collection[int]) -> list[Entry]:
    """Return the entries with these ids, their items loaded, by id."""
    return list(
        session.scalars(
            select(Entry)
            .where(Entry.id.in_(entry_ids))
            .options(joinedload(Entry.item))
            .order_by(Entry.id)
        )
    )
