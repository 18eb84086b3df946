"""The lists of the approver and the coordinator: what waits for a look, in printed order."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from participation.departments.models import Department
from participation.reports.models import Entry, EntryKind, EntryState, Guideline, GuidelineItem
from participation.reports.queries import entries as queries

Columns = TypeVarTuple("Columns")

# A list is worked off from its head: what is dealt with leaves it and the rest moves up.
SHOWN = 200
# So many are taken by one press of 「すべて」: while it runs, nobody else of the round can write,
# and whoever waits longer than db.engine.WAIT_SECONDS is turned away.
TAKEN_AT_ONCE = 300


@dataclass(frozen=True)
class ReviewFilter:
    """What a list is narrowed to."""

    round_year: int
    states: frozenset[EntryState]
    departments: Collection[int] | None = None  # None: all
    department_id: int | None = None
    item_id: int | None = None
    kind: EntryKind | None = None

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on ``Entry``."""
        condition = queries.in_columns(queries.columns_of_round(self.round_year)) & Entry.state.in_(
            self.states
        )
        if self.departments is not None:
            condition &= Entry.department_id.in_(self.departments)
        if self.department_id is not None:
            condition &= Entry.department_id == self.department_id
        if self.item_id is not None:
            condition &= Entry.item_id == self.item_id
        if self.kind is not None:
            condition &= Entry.kind == self.kind
        return condition


@dataclass(frozen=True)
class ReviewList:
    """The head of a list and how long the whole is."""

    entries: list[Entry]
    total: int


def review_list(session: Session, guideline: Guideline, chosen: ReviewFilter) -> ReviewList:
    """Return the first ``SHOWN`` entries of a list in the order of ``guideline``."""
    total = session.scalar(select(func.count()).select_from(Entry).where(chosen.condition())) or 0
    ordered = _ordered(select(Entry), guideline, chosen).options(joinedload(Entry.item))
    return ReviewList(list(session.scalars(ordered.limit(SHOWN))), total)


def all_chosen(
    session: Session, guideline: Guideline, chosen: ReviewFilter, *, until: datetime
) -> list[tuple[int, int]]:
    """Return ids and versions of the first ``TAKEN_AT_ONCE`` entries of a list.

    Only those that were as they are now at ``until``, the moment when the list was drawn.
    """
    pairs = (
        _ordered(select(Entry.id, Entry.version), guideline, chosen)
        .where(Entry.updated_at <= until)
        .limit(TAKEN_AT_ONCE)
    )
    return [(entry_id, version) for entry_id, version in session.execute(pairs)]


def filter_choices(session: Session, chosen: ReviewFilter) -> tuple[list[int], list[int]]:
    """Return the departments and the items that occur in a list before it is narrowed."""
    whole = ReviewFilter(chosen.round_year, chosen.states, chosen.departments).condition()
    return (
        list(session.scalars(select(Entry.department_id).where(whole).distinct())),
        list(session.scalars(select(Entry.item_id).where(whole).distinct())),
    )


def _ordered(
    statement: Select[*Columns], guideline: Guideline, chosen: ReviewFilter
) -> Select[*Columns]:
    return (
        statement.join(Department, Department.id == Entry.department_id)
        .outerjoin(
            GuidelineItem,
            (GuidelineItem.item_id == Entry.item_id) & (GuidelineItem.guideline_id == guideline.id),
        )
        .where(chosen.condition())
        .order_by(
            func.coalesce(GuidelineItem.position, 1_000_000),
            Entry.item_id,
            Department.position,
            Entry.department_id,
            Entry.fiscal_year,
            Entry.position,
            Entry.id,
        )
    )
