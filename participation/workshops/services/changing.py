"""What becomes of a registration afterwards: given back, taken up, or let go by."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor
from participation.core.errors import StateConflict
from participation.workshops.models import (
    Application,
    Registration,
    SeatPool,
    Workshop,
    WorkshopState,
)
from participation.workshops.services.promotion import event_start, promote_all
from participation.workshops.services.seating import (
    STANDING,
    accept,
    cancel,
    drop_childcare,
    lock_workshops,
    registrations_now,
)

_OVER = "この申込みの状態はすでに変わっています。最新の状態を確かめてください。"
_NOT_HELD = "中止になったため、参加を決めることはできません。"
_BEGUN = "催しが始まったため、ここでは変えられません。主催する課に連絡してください。"


def cancel_registrations(
    session: Session,
    application: Application,
    registration_ids: Collection[int] | None = None,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Sequence[Registration]:
    """Take registrations of an application back and offer their seats to who waits.

    Childcare goes with the last seat of its day at the venue. To decline an offered seat is the
    same act.

    Args:
        session: the session of the act; the caller commits.
        application: whose.
        registration_ids: which; None is all that stand.
        actor: the sender (``web_registering.RESIDENT``) or who does it at the desk.
        now: when.
        reason: what the desk noted.

    Returns:
        What was cancelled.

    Raises:
        StateConflict: one of them is over already, or none stands; or the sender comes after the
            event has begun.

    """
    pools = lock_workshops(session, [application.workshop_id])
    chosen = [
        one
        for one in registrations_now(session, [application.id])
        if (one.status in STANDING if registration_ids is None else one.id in registration_ids)
    ]
    if not chosen or any(one.status not in STANDING for one in chosen):
        raise StateConflict(_OVER)
    if registration_ids is not None and len(chosen) != len(set(registration_ids)):
        raise StateConflict(_OVER)
    for one in chosen:
        _not_begun(session, pools[one.pool_id], actor, now)
        cancel(pools[one.pool_id], one, now=now)
    dropped = drop_childcare(session, pools, [application.id], now=now)
    cancelled = [*chosen, *dropped]
    session.flush()
    workshop = session.get_one(Workshop, application.workshop_id)
    for one in cancelled:
        _record(session, "given_back", one, workshop, actor=actor, now=now, reason=reason)
    changed = {one.pool_id for one in cancelled}
    promote_all(session, [pools[pool_id] for pool_id in changed], now=now, actor=actor)
    return cancelled


def accept_offers(
    session: Session,
    application: Application,
    registration_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> Sequence[Registration]:
    """Make offered seats confirmed ones.

    Raises:
        StateConflict: one of them is not offered (any more), its time is over, or it is of what
            was cancelled.

    """
    pools = lock_workshops(session, [application.workshop_id])
    chosen = [
        one for one in registrations_now(session, [application.id]) if one.id in registration_ids
    ]
    if not chosen or len(chosen) != len(set(registration_ids)):
        raise StateConflict(_OVER)
    workshop = session.get_one(Workshop, application.workshop_id)
    for one in chosen:
        if not is_held(session, workshop, pools[one.pool_id]):
            raise StateConflict(_NOT_HELD)
        accept(one, now=now)
    session.flush()
    for one in chosen:
        _record(session, "accepted", one, workshop, actor=actor, now=now)
    return chosen


def is_held(session: Session, workshop: Workshop, pool: SeatPool) -> bool:
    """Whether what the seats of ``pool`` are for has not been cancelled."""
    cancelled = workshop.state is WorkshopState.CANCELLED
    return not cancelled and event_start(session, pool) is not None


def is_changeable(session: Session, pool: SeatPool, now: datetime) -> bool:
    """Whether a sender may still change a registration of ``pool``: its event has not begun."""
    start = event_start(session, pool)
    return start is None or now < start


def _not_begun(session: Session, pool: SeatPool, actor: Actor, now: datetime) -> None:
    if actor.is_system and not is_changeable(session, pool, now):
        raise StateConflict(_BEGUN)


def _record(
    session: Session,
    verb: str,
    registration: Registration,
    workshop: Workshop,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    audit.record(
        session,
        f"workshops.registration.{verb}",
        actor=actor,
        now=now,
        subject=f"registration:{registration.id}",
        after={"seats": registration.seats, "status": registration.status},
        reason=reason,
        department_id=workshop.department_id,
    )
