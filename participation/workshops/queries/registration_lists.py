"""The registration board: lines by keyset, without a name; figures of each pool."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.submissions.codes import typed
from participation.submissions.models import Channel, Receipt
from participation.workshops.models import (
    Application,
    Registration,
    RegistrationStatus,
    SeatPool,
    Workshop,
)
from participation.workshops.queries.pool_counts import counts_of
from participation.workshops.queries.workshops import pools_of

_AT_ONCE = 1_000
# Offered, and nobody can write to them: the desk calls.
TO_CALL: tuple[ColumnElement[bool], ...] = (
    Registration.status == RegistrationStatus.OFFERED,
    Application.has_mail.is_(False),
)


@dataclass(frozen=True)
class BoardFilter:
    """What the list is asked for; an empty value asks for everything."""

    pool_id: int | None = None
    status: RegistrationStatus | None = None
    channel: Channel | None = None
    number: str = ""  # a receipt number, however it was typed
    to_call: bool = False

    @property
    def in_order(self) -> bool:
        """Whether it is a waitlist, which is listed in its order."""
        return self.status is RegistrationStatus.WAITLISTED and self.pool_id is not None


@dataclass(frozen=True)
class BoardLine:
    """One registration on the board."""

    id: int
    application_id: int
    receipt_id: int
    number: str
    pool_id: int
    seats: int
    status: RegistrationStatus
    place: int
    offered_until: datetime | None
    channel: Channel
    received_at: datetime
    has_mail: bool
    first_time: bool
    eligibility_id: int | None
    changed_at: datetime

    @property
    def to_call(self) -> bool:
        """Whether a seat is held for somebody whom only the desk can tell."""
        return self.status is RegistrationStatus.OFFERED and not self.has_mail

    @property
    def cursor(self) -> str:
        """Where the next page begins, in either order of ``board_lines``."""
        return f"{self.place}~{self.id}"


@dataclass(frozen=True)
class PoolFigures:
    """How many seats of a pool are held and how many people ask for some."""

    pool: SeatPool
    confirmed: int  # seats
    offered: int  # seats
    waiting: int  # registrations
    waiting_seats: int
    applied: int  # registrations
    applied_seats: int


def pool_figures(session: Session, workshop_id: int) -> list[PoolFigures]:
    """Return the figures of an event's pools; two queries."""
    counts = counts_of(session, workshop_id)

    def figures(pool: SeatPool) -> PoolFigures:
        found = counts.get(pool.id, {})

        def of(status: RegistrationStatus) -> tuple[int, int]:
            return found.get(status, (0, 0))

        return PoolFigures(
            pool=pool,
            confirmed=of(RegistrationStatus.CONFIRMED)[1],
            offered=of(RegistrationStatus.OFFERED)[1],
            waiting=of(RegistrationStatus.WAITLISTED)[0],
            waiting_seats=of(RegistrationStatus.WAITLISTED)[1],
            applied=of(RegistrationStatus.APPLIED)[0],
            applied_seats=of(RegistrationStatus.APPLIED)[1],
        )

    return [figures(pool) for pool in pools_of(session, workshop_id)]


def count_to_call(session: Session, workshop_id: int) -> int:
    """Return how many offers wait for a call by the desk."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Registration)
            .join(Application, Application.id == Registration.application_id)
            .where(Application.workshop_id == workshop_id, *TO_CALL)
        )
        or 0
    )


def board_lines(
    session: Session,
    workshop_id: int,
    wanted: BoardFilter,
    *,
    limit: int,
    before: str | None = None,
) -> list[BoardLine]:
    """Return registrations of an event, newest first; a waitlist of one pool in its own order.

    Args:
        session: any session.
        workshop_id: whose.
        wanted: the filter.
        limit: how many at most.
        before: the ``cursor`` of the last line of the page before; one that cannot be read is
            taken as none.

    """
    query = _filtered(workshop_id, wanted)
    place = _place(before)
    if wanted.in_order:
        if place is not None:
            query = query.where(tuple_(Registration.place, Registration.id) > place)
        query = query.order_by(Registration.place, Registration.id)
    else:
        if place is not None:
            query = query.where(Registration.id < place[1])
        query = query.order_by(Registration.id.desc())
    return [BoardLine(*row) for row in session.execute(query.limit(limit))]


def all_lines(session: Session, workshop_id: int, wanted: BoardFilter) -> Iterator[BoardLine]:
    """Yield every registration of a filter, in the order of ``board_lines``."""
    before: str | None = None
    while lines := board_lines(session, workshop_id, wanted, limit=_AT_ONCE, before=before):
        yield from lines
        before = lines[-1].cursor


def get_application(session: Session, workshop: Workshop, application_id: int) -> Application:
    """Return an application of ``workshop``.

    Raises:
        NotFound: it has none of this number.

    """
    found = session.get(Application, application_id)
    if found is None or found.workshop_id != workshop.id:
        raise NotFound("お探しの申込みは見つかりませんでした。一覧から選び直してください。")
    return found


def waiting_before(session: Session, registration: Registration) -> int:
    """Return how many wait in front of somebody who waits for the same seats."""
    return (
        session.scalar(
            select(func.count()).where(
                Registration.pool_id == registration.pool_id,
                Registration.status == RegistrationStatus.WAITLISTED,
                tuple_(Registration.place, Registration.id) < (registration.place, registration.id),
            )
        )
        or 0
    )


def _filtered(workshop_id: int, wanted: BoardFilter) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            Registration.id,
            Registration.application_id,
            Application.receipt_id,
            Receipt.number,
            Registration.pool_id,
            Registration.seats,
            Registration.status,
            Registration.place,
            Registration.offered_until,
            Application.channel,
            Application.received_at,
            Application.has_mail,
            Application.first_time,
            Application.eligibility_id,
            Registration.changed_at,
        )
        .join(Application, Application.id == Registration.application_id)
        .join(Receipt, Receipt.id == Application.receipt_id)
        .where(Application.workshop_id == workshop_id)
    )
    conditions: list[Any] = []
    if wanted.pool_id is not None:
        conditions.append(Registration.pool_id == wanted.pool_id)
    if wanted.status is not None:
        conditions.append(Registration.status == wanted.status)
    if wanted.channel is not None:
        conditions.append(Application.channel == wanted.channel)
    if wanted.number.strip():
        conditions.append(Receipt.number.in_({wanted.number.strip(), typed(wanted.number)}))
    if wanted.to_call:
        conditions += TO_CALL
    return query.where(*conditions)


def _place(before: str | None) -> tuple[int, int] | None:
    place, _, row_id = (before or "").partition("~")
    try:
        found = int(place), int(row_id)
    except ValueError:
        return None
    return found if max(map(abs, found)) < 2**31 else None
