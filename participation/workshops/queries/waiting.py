"""What waits to be done about workshops: to announce, to draw, to report."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from participation.workshops.models import (
    Registration,
    RegistrationStatus,
    SeatMethod,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.queries.workshop_lists import in_states

_MOST = 200


def to_announce(
    session: Session, *, reach: frozenset[int] | None, until: date
) -> Sequence[Workshop]:
    """Return what is being prepared and is to begin by ``until``, the first to begin in front."""
    statement = (
        select(Workshop)
        .where(Workshop.state == WorkshopState.PREPARING, Workshop.first_day <= until)
        .order_by(Workshop.first_day, Workshop.id)
        .limit(_MOST)
    )
    if reach is not None:
        statement = statement.where(Workshop.department_id.in_(sorted(reach)))
    return session.scalars(statement).all()


def to_draw(
    session: Session, *, reach: frozenset[int] | None, now: datetime
) -> Sequence[tuple[Workshop, int]]:
    """Return workshops with lotteries that are closed and not drawn, with how many each has."""
    waits = exists().where(
        Registration.pool_id == SeatPool.id, Registration.status == RegistrationStatus.APPLIED
    )
    statement = (
        select(Workshop, SeatPool.id)
        .join(SeatPool, SeatPool.workshop_id == Workshop.id)
        .outerjoin(WorkshopDay, WorkshopDay.id == SeatPool.day_id)
        .where(
            Workshop.state == WorkshopState.ANNOUNCED,
            SeatPool.method == SeatMethod.LOTTERY,
            SeatPool.drawn_at.is_(None),
            SeatPool.closes_at <= now,
            (SeatPool.day_id.is_(None)) | (WorkshopDay.stop_reason == ""),
            waits,
        )
        .order_by(SeatPool.closes_at, SeatPool.id)
        .limit(_MOST)
    )
    if reach is not None:
        statement = statement.where(Workshop.department_id.in_(sorted(reach)))
    found: dict[int, tuple[Workshop, int]] = {}
    for workshop, _pool_id in session.execute(statement):
        found[workshop.id] = (workshop, found.get(workshop.id, (workshop, 0))[1] + 1)
    return list(found.values())


def to_report(
    session: Session, *, reach: frozenset[int] | None, before: date
) -> Sequence[Workshop]:
    """Return announced workshops whose last day lies before ``before`` and that have no outcome."""
    announced = in_states(session, [WorkshopState.ANNOUNCED], reach=reach, limit=_MOST)
    return [one for one in announced if one.last_day is not None and one.last_day < before]
