"""What waits for a person in the open rounds; the staff home turns it into links."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import Actor, Role
from participation.policy import Permission, holds, reachable_departments
from participation.reports.models import Entry, EntryEvent, EntryState, Round
from participation.reports.queries import entries as queries
from participation.reports.queries import rounds
from participation.reports.queries.entries import AUTHORING_ACTS
from participation.reports.queries.progress import progress
from participation.reports.queries.worksheet import worksheet


@dataclass(frozen=True)
class Waiting:
    """One kind of work in one round.

    ``kind`` is ``returned`` (sent back to the department), ``draft`` (not submitted yet),
    ``missing`` (boxes without an answer), ``to_approve``, ``to_confirm``, or ``behind``
    (departments that have not submitted all they were asked for).
    """

    kind: str
    round_year: int
    count: int
    due_on: date | None
    is_late: bool


# kind, permission, state; in the order in which the home shows them.
_KINDS = (
    ("returned", Permission.ENTRY_WRITE, EntryState.RETURNED),
    ("draft", Permission.ENTRY_WRITE, EntryState.DRAFT),
    ("to_approve", Permission.ENTRY_APPROVE, EntryState.SUBMITTED),
    ("to_confirm", Permission.ENTRY_CONFIRM, EntryState.APPROVED),
)


def waiting(session: Session, actor: Actor, now: datetime) -> list[Waiting]:
    """Return what ``actor`` has to do now; empty when nothing waits.

    Entries with the actor's own words don't wait for the actor's approval. What waits for the
    coordinator counts in closed rounds too.
    """
    if actor.is_system:
        return []
    today = clock.local_date(now)
    lines = []
    for found in rounds.all_rounds(session):
        for kind, permission, state in _KINDS:
            may_act = found.closed_at is None or permission is Permission.ENTRY_CONFIRM
            if not may_act or not holds(actor, permission):
                continue
            condition = queries.in_columns(queries.columns_of_round(found.fiscal_year)) & (
                Entry.state == state
            )
            departments = reachable_departments(actor, permission)
            if departments is not None:
                condition &= Entry.department_id.in_(departments)
            if permission is not Permission.ENTRY_WRITE:
                condition &= by_another(actor)
            count = session.scalar(select(func.count()).select_from(Entry).where(condition))
            if kind == "draft":
                lines += _missing(session, found, actor, today)
            if count:
                late = found.due_on is not None and found.due_on < today
                lines.append(Waiting(kind, found.fiscal_year, count, found.due_on, late))
        if found.closed_at is None and holds(actor, Permission.ROUND_WRITE):
            lines += _behind(session, found, today)
    return lines


def _behind(session: Session, found: Round, today: date) -> list[Waiting]:
    """Return the departments that the coordinator still waits for."""
    count = 0
    for line in progress(session, found.fiscal_year, today).lines:
        done, asked = line.done("approved")
        count += done < asked
    late = found.due_on is not None and found.due_on < today
    return [Waiting("behind", found.fiscal_year, count, found.due_on, late)] if count else []


def _missing(session: Session, found: Round, actor: Actor, today: date) -> list[Waiting]:
    """Return the boxes that the actor's own departments have left without an answer."""
    own = {
        grant.department_id: grant.department_ids
        for grant in actor.grants
        if grant.role is Role.CONTRIBUTOR and grant.department_id is not None
    }
    count = sum(
        len(worksheet(session, found.fiscal_year, department_id, family).missing)
        for department_id, family in own.items()
    )
    late = found.due_on is not None and found.due_on < today
    return [Waiting("missing", found.fiscal_year, count, found.due_on, late)] if count else []


def by_another(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that ``actor`` never put words into an entry."""
    wrote = exists().where(
        EntryEvent.entry_id == Entry.id,
        EntryEvent.act.in_(AUTHORING_ACTS),
        EntryEvent.actor_id == actor.staff_id,
    )
    return ~wrote & (Entry.author_id.is_(None) | (Entry.author_id != actor.staff_id))
