"""What freezes: once somebody has registered, the rules that person trusted in stay.

Frozen with the first registration, whatever became of it: what one registers for, who comes first,
how many may come along, what the form asks and how long names are kept; of a pool how seats are
given out, when it opened, and whose children may come. A capacity may grow, a deadline may move to
later.
"""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from participation.workshops.models import Application, Registration, SeatPool, Workshop
from participation.workshops.queries.workshops import pools_of
from participation.workshops.services.seating import lock_pools


def hold_pools(session: Session, workshop: Workshop) -> dict[int, SeatPool]:
    """Lock all pools of a workshop, so that nobody registers meanwhile; before its own row."""
    pools = [pool.id for pool in pools_of(session, workshop.id)]
    # One may be taken away while we wait for it; then there is nothing in it to be kept.
    return lock_pools(session, pools, missing_ok=True)


def has_applications(session: Session, workshop_id: int) -> bool:
    """Whether anybody ever registered for a workshop."""
    return bool(session.scalar(select(exists().where(Application.workshop_id == workshop_id))))


def has_registrations(session: Session, pool_id: int) -> bool:
    """Whether anybody ever registered for the seats of a pool."""
    return bool(session.scalar(select(exists().where(Registration.pool_id == pool_id))))
