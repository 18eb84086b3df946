"""The waitlist: whoever comes first and fits is offered what has become free, for a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.core.actors import Actor, system_actor
from participation.workshops.models import (
    Registration,
    RegistrationStatus,
    SeatMethod,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.services.seat_letters import (
    send_lapse,
    send_offer,
)
from participation.workshops.services.seating import (
    drop_childcare,
    free_seats,
    lapse,
    lock_workshops,
    offer,
    registrations_now,
)

_CLOCK = "時計"
# One sweep looks at so many offers or waitlists; the next one, a minute later, goes on.
_AT_ONCE = 200
_CANDIDATES = 100


def promote(
    session: Session, pool: SeatPool, *, now: datetime, actor: Actor
) -> Sequence[Registration]:
    """Offer the free seats of a locked pool to who waits, in their order; return what is offered.

    A party too large for what is free keeps its place, and the next that fits gets the seats, so
    that none stays empty. An offer runs for the workshop's hours, at most to the start of the
    event; who has an e-mail address is written to, the desk calls the others. Nothing is offered
    once the event has begun, or while it is postponed or cancelled.

    Args:
        session: the session of the act; the caller commits.
        pool: locked (``seating.lock_pools``).
        now: when.
        actor: whose act made seats free.

    """
    workshop = session.get_one(Workshop, pool.workshop_id)
    start = event_start(session, pool)
    undrawn = pool.method is SeatMethod.LOTTERY and pool.drawn_at is None
    if workshop.state is not WorkshopState.ANNOUNCED or undrawn or start is None or now >= start:
        return ()
    until = min(now + timedelta(hours=workshop.offer_hours), start)
    session.flush()
    offered: list[Registration] = []
    while (free := free_seats(pool)) is None or free > 0:
        fitting = _next_that_fit(session, pool, free)
        before = len(offered)
        offered += [
            one for one in fitting if _fits(pool, one) and offer(pool, one, until=until, now=now)
        ]
        session.flush()
        if len(offered) == before or len(fitting) < _CANDIDATES:
            break
    for one in offered:
        mailed = send_offer(session, workshop, pool, one, now=now)
        audit.record(
            session,
            "workshops.registration.offered",
            actor=actor,
            now=now,
            subject=f"registration:{one.id}",
            after={"seats": one.seats, "until": until, "mailed": mailed},
            department_id=workshop.department_id,
        )
    return offered


def promote_all(
    session: Session, pools: Iterable[SeatPool], *, now: datetime, actor: Actor
) -> list[Registration]:
    """Promote in several locked pools, by their id."""
    found: list[Registration] = []
    for pool in sorted(pools, key=lambda one: one.id):
        found += promote(session, pool, now=now, actor=actor)
    return found


def event_start(session: Session, pool: SeatPool) -> datetime | None:
    """Return when a pool's day begins, or the first of its days; None when none is held."""
    days = select(WorkshopDay.starts_at).where(
        WorkshopDay.workshop_id == pool.workshop_id, WorkshopDay.stop_reason == ""
    )
    if pool.day_id is not None:
        days = days.where(WorkshopDay.id == pool.day_id)
    return session.scalar(days.order_by(WorkshopDay.starts_at).limit(1))


def lapse_due(session: Session, now: datetime) -> int:
    """End offers whose time is over and offer their seats to the next; return how many ended.

    Every minute. While an event is postponed its offers wait (``run_anew``). Twice, or in two
    workers at once, it does nothing more: each offer is looked at again once its pool is locked.
    """
    due = session.execute(
        select(Registration.application_id, SeatPool.workshop_id)
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .join(Workshop, Workshop.id == SeatPool.workshop_id)
        .where(
            Registration.status == RegistrationStatus.OFFERED,
            Registration.offered_until <= now,
            Workshop.state != WorkshopState.POSTPONED,
        )
        .order_by(Registration.offered_until, Registration.id)
        .limit(_AT_ONCE)
    ).all()
    if not due:
        return 0
    actor = system_actor(_CLOCK)
    pools = lock_workshops(session, [workshop_id for _application, workshop_id in due])
    applications = {application_id for application_id, _workshop in due}
    lapsed = [
        one
        for one in registrations_now(session, applications)
        if lapse(pools[one.pool_id], one, now=now)
    ]
    dropped = drop_childcare(session, pools, {one.application_id for one in lapsed}, now=now)
    session.flush()
    for one in lapsed:
        workshop = session.get_one(Workshop, pools[one.pool_id].workshop_id)
        start = event_start(session, pools[one.pool_id])
        if workshop.state is WorkshopState.ANNOUNCED and start is not None and now < start:
            send_lapse(session, workshop, pools[one.pool_id], one, now=now)
        audit.record(
            session,
            "workshops.registration.lapsed",
            actor=actor,
            now=now,
            subject=f"registration:{one.id}",
            after={"seats": one.seats},
            department_id=workshop.department_id,
        )
    changed = {one.pool_id for one in (*lapsed, *dropped)}
    promote_all(session, [pools[pool_id] for pool_id in changed], now=now, actor=actor)
    return len(lapsed)


def run_anew(
    session: Session, workshop: Workshop, pools: Iterable[SeatPool], now: datetime
) -> None:
    """Give who has an offer of a postponed event its whole time again, the new days being set.

    Args:
        session: the session of the act; the caller commits.
        workshop: the event.
        pools: all of its pools, locked.
        now: when.

    """
    for pool in pools:
        start = event_start(session, pool)
        if start is None:
            continue
        until = min(now + timedelta(hours=workshop.offer_hours), start)
        session.execute(
            update(Registration)
            .where(
                Registration.pool_id == pool.id,
                Registration.status == RegistrationStatus.OFFERED,
            )
            .values(offered_until=until)
            .execution_options(synchronize_session="fetch")
        )


def shorten_offers(
    session: Session, workshop: Workshop, pools: Iterable[SeatPool], *, actor: Actor, now: datetime
) -> int:
    """Have offers end with the start that is earlier now, and tell who has one; return how many.

    The rule is that of ``promote``. An offer whose event has begun by the new times ends with the
    next minute, as every other.

    Args:
        session: the session of the act; the caller commits.
        workshop: the event.
        pools: all of its pools, locked.
        actor: who has changed the days.
        now: when.

    """
    shortened = 0
    for pool in sorted(pools, key=lambda one: one.id):
        start = event_start(session, pool)
        if start is None:
            continue
        late = session.scalars(
            select(Registration)
            .where(
                Registration.pool_id == pool.id,
                Registration.status == RegistrationStatus.OFFERED,
                Registration.offered_until > start,
            )
            .order_by(Registration.id)
            .execution_options(populate_existing=True)
        ).all()
        for one in late:
            one.offered_until = start
            session.flush()
            mailed = now < start and send_offer(session, workshop, pool, one, now=now, sooner=True)
            audit.record(
                session,
                "workshops.registration.offer_shortened",
                actor=actor,
                now=now,
                subject=f"registration:{one.id}",
                after={"until": start, "mailed": mailed},
                department_id=workshop.department_id,
            )
        shortened += len(late)
    return shortened


def promote_waiting(session: Session, now: datetime) -> int:
    """Offer whatever is free to who waits, wherever it became so; return how many offers.

    Every minute, beside the acts that promote at once: a capacity may have grown, or an act may
    have met a moment at which nothing could be offered.
    """
    room = or_(
        SeatPool.capacity.is_(None), SeatPool.capacity - SeatPool.taken >= Registration.seats
    )
    waiting = session.execute(
        select(SeatPool.id, SeatPool.workshop_id)
        .join(Registration, Registration.pool_id == SeatPool.id)
        .join(Workshop, Workshop.id == SeatPool.workshop_id)
        .where(
            Registration.status == RegistrationStatus.WAITLISTED,
            Workshop.state == WorkshopState.ANNOUNCED,
            Workshop.id.in_(
                select(WorkshopDay.workshop_id).where(
                    WorkshopDay.starts_at > now, WorkshopDay.stop_reason == ""
                )
            ),
            room,
        )
        .distinct()
        .order_by(SeatPool.id)
        .limit(_AT_ONCE)
    ).all()
    if not waiting:
        return 0
    by_workshop = defaultdict(list)
    for pool_id, workshop_id in waiting:
        by_workshop[workshop_id].append(pool_id)
    pools = lock_workshops(session, by_workshop)
    wanted = [pools[pool_id] for pool_id, _workshop in waiting]
    return len(promote_all(session, wanted, now=now, actor=system_actor(_CLOCK)))


def _next_that_fit(session: Session, pool: SeatPool, free: int | None) -> Sequence[Registration]:
    query = select(Registration).where(
        Registration.pool_id == pool.id, Registration.status == RegistrationStatus.WAITLISTED
    )
    if free is not None:
        query = query.where(Registration.seats <= free)
    return session.scalars(
        query.order_by(Registration.place, Registration.id)
        .limit(_CANDIDATES)
        .execution_options(populate_existing=True)
    ).all()


def _fits(pool: SeatPool, registration: Registration) -> bool:
    free = free_seats(pool)
    return free is None or registration.seats <= free
