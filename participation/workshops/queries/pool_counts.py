"""How many registrations and seats a workshop's pools have, by what they are worth; one query."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.workshops.models import Registration, RegistrationStatus, SeatPool

Counts = dict[int, dict[RegistrationStatus, tuple[int, int]]]


def counts_of(session: Session, workshop_id: int) -> Counts:
    """Return for each pool with registrations: status → (registrations, seats)."""
    found: Counts = {}
    rows = session.execute(
        select(
            Registration.pool_id,
            Registration.status,
            func.count(),
            func.coalesce(func.sum(Registration.seats), 0),
        )
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(SeatPool.workshop_id == workshop_id)
        .group_by(Registration.pool_id, Registration.status)
    )
    for pool_id, status, registrations, seats in rows:
        found.setdefault(pool_id, {})[status] = (registrations, int(seats))
    return found
