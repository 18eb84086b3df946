"""One application with what it asked for, for its sender and for the door."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.submissions.models import Receipt
from participation.workshops.models import (
    Application,
    Registration,
    SeatPool,
    Workshop,
    WorkshopDay,
)


@dataclass(frozen=True)
class Claimed:
    """One registration with its seats' pool, and its day where it is for one."""

    registration: Registration
    pool: SeatPool
    day: WorkshopDay | None


def application_of_receipt(session: Session, receipt_id: int) -> Application | None:
    """Return the application that a receipt is for."""
    return session.scalar(select(Application).where(Application.receipt_id == receipt_id))


def application_by_link(session: Session, link_hash: str) -> Application | None:
    """Return the application whose link has this hash."""
    return session.scalar(select(Application).where(Application.link_hash == link_hash))


def receipt_number(session: Session, application: Application) -> str:
    """Return the 受付番号 of an application."""
    return session.get_one(Receipt, application.receipt_id).number


def claims_of(session: Session, application: Application) -> Sequence[Claimed]:
    """Return what an application asked for, by day, the venue and online before childcare."""
    workshop = session.get_one(Workshop, application.workshop_id)
    days = {day.id: day for day in workshop.days}
    order = {day_id: number for number, day_id in enumerate(days, start=1)}
    rows = session.execute(
        select(Registration, SeatPool)
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(Registration.application_id == application.id)
        .order_by(Registration.id)
    )
    found = [
        Claimed(one, pool, None if pool.day_id is None else days[pool.day_id]) for one, pool in rows
    ]
    return sorted(found, key=lambda one: order.get(one.pool.day_id or 0, 0))
