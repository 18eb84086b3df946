"""The order of the waitlist, where the desk changes it: somebody lets the others go first."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import NotFound, StateConflict
from participation.workshops.models import (
    Application,
    Registration,
    RegistrationStatus,
    SeatMethod,
    SeatPool,
    Workshop,
)
from participation.workshops.services import seating
from participation.workshops.services.promotion import promote
from participation.workshops.services.seat_decisions import AFTER_THE_DRAW

# Places below this are ranks of a draw, which stay.
_LATE = AFTER_THE_DRAW - 1_000_000


def move_to_end(
    session: Session,
    application: Application,
    registration_id: int,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Registration:
    """Put who waits, or has an offer and would rather wait on, behind all who wait now.

    Whoever registers later still comes behind them: the others move up, and the place of newcomers
    stays. Seats of an offer go to the next.

    Args:
        session: the session of the act; the caller commits.
        application: whose.
        registration_id: which of its registrations.
        actor: who does it at the desk.
        now: when.
        reason: what the desk noted.

    Raises:
        NotFound: the application has no such registration.
        StateConflict: it neither waits nor is offered, or nobody else waits.

    """
    pools = seating.lock_workshops(session, [application.workshop_id])
    found = next(
        (
            one
            for one in seating.registrations_now(session, [application.id])
            if one.id == registration_id
        ),
        None,
    )
    if found is None:
        raise NotFound("お探しの申込みは見つかりませんでした。")
    pool = pools[found.pool_id]
    if found.status not in {RegistrationStatus.WAITLISTED, RegistrationStatus.OFFERED}:
        raise StateConflict("キャンセル待ちの申込みではないため、順番を変えられません。")
    if not _others_wait(session, pool, found):
        raise StateConflict("ほかに待っている方がいないため、順番は変わりません。")
    newcomers = AFTER_THE_DRAW if pool.method is SeatMethod.LOTTERY else 0
    before = {"status": found.status}
    _let_the_others_go_first(session, pool, found, newcomers)
    if found.status is RegistrationStatus.OFFERED:
        seating.return_to_waitlist(pool, found, now=now, place=newcomers)
    else:
        seating.waitlist(pool, found, now=now, place=newcomers)
    session.flush()
    audit.record(
        session,
        "workshops.registration.moved_to_end",
        actor=actor,
        now=now,
        subject=f"registration:{found.id}",
        before=before,
        after={"status": found.status},
        reason=reason,
        department_id=session.get_one(Workshop, pool.workshop_id).department_id,
    )
    promote(session, pool, now=now, actor=actor)
    return found


def _others_wait(session: Session, pool: SeatPool, found: Registration) -> bool:
    return bool(
        session.scalar(
            select(func.count()).where(
                Registration.pool_id == pool.id,
                Registration.status == RegistrationStatus.WAITLISTED,
                Registration.id != found.id,
            )
        )
    )


def _let_the_others_go_first(
    session: Session, pool: SeatPool, found: Registration, newcomers: int
) -> None:
    """Move all one place up who share places with newcomers; their order stays."""
    others = [
        Registration.pool_id == pool.id,
        Registration.status.in_([RegistrationStatus.WAITLISTED, RegistrationStatus.OFFERED]),
        Registration.id != found.id,
    ]
    if newcomers:
        others.append(Registration.place >= _LATE)
    session.execute(
        update(Registration)
        .where(*others)
        .values(place=Registration.place - 1)
        .execution_options(synchronize_session=False)
    )
    # What the session knows of the others is old now; the locked pool is not.
    for one in session:
        if isinstance(one, Registration) and one is not found:
            session.expire(one)
