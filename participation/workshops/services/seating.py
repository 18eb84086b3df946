"""Seats: the one place that changes how many are taken and what a registration is worth.

A seat changes hands only with the row of its pool locked, so that nobody counts what somebody else
is just taking; the database refuses more than there are all the same (promise P3). The rule that
always holds: ``taken`` is the sum of the seats of what is confirmed or offered. Locks are taken in
one order everywhere: pools by id, then what else, then the audit log's head. See
docs/decisions/0017-seats.md.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.db.engine import holds_write_lock
from participation.workshops.models import (
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatPool,
)

HOLDING = frozenset({RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED})
STANDING = HOLDING | {RegistrationStatus.APPLIED, RegistrationStatus.WAITLISTED}
_WITHOUT_SEAT = frozenset({RegistrationStatus.APPLIED, RegistrationStatus.WAITLISTED})


def lock_pools(
    session: Session, pool_ids: Iterable[int], *, missing_ok: bool = False
) -> dict[int, SeatPool]:
    """Lock pools until the transaction ends and return them as they stand now, by id.

    Args:
        session: the session of the act; whatever it knew of these pools is read anew.
        pool_ids: any order; they are locked by id, so that no two acts wait for each other.
        missing_ok: leave out what there is not, instead of an error.

    Raises:
        NotFound: one of them is gone.

    """
    wanted = sorted(set(pool_ids))
    if not wanted:
        return {}
    if session.get_bind().dialect.name == "sqlite" and not holds_write_lock(session):
        # SQLite has no lock of a row; its one write lock is taken before anything is read.
        session.execute(
            update(SeatPool)
            .where(SeatPool.id.in_(wanted))
            .values(taken=SeatPool.taken)
            .execution_options(synchronize_session=False)
        )
    found = {
        pool.id: pool
        for pool in session.scalars(
            select(SeatPool)
            .where(SeatPool.id.in_(wanted))
            .order_by(SeatPool.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    if len(found) != len(wanted) and not missing_ok:
        raise NotFound("お探しの申込枠は見つかりませんでした。")
    return found


def lock_workshops(session: Session, workshop_ids: Iterable[int]) -> dict[int, SeatPool]:
    """Lock all pools of some workshops and return them by id.

    For acts on registrations: one that ends takes the application's childcare with it, and a
    registration changes only with its pool locked. Taken away meanwhile is only what nobody has
    registered for.
    """
    return lock_pools(
        session,
        session.scalars(
            select(SeatPool.id).where(SeatPool.workshop_id.in_(sorted(set(workshop_ids))))
        ).all(),
        missing_ok=True,
    )


def registrations_now(session: Session, application_ids: Iterable[int]) -> list[Registration]:
    """Return registrations of some applications as they stand now, their pools being locked."""
    return list(
        session.scalars(
            select(Registration)
            .where(Registration.application_id.in_(sorted(set(application_ids))))
            .order_by(Registration.id)
            .execution_options(populate_existing=True)
        )
    )


def free_seats(pool: SeatPool) -> int | None:
    """Return how many seats are free; None where there is no limit."""
    return None if pool.capacity is None else pool.capacity - pool.taken


def allocate(pool: SeatPool, seats: int) -> bool:
    """Take ``seats`` of a locked pool if there are so many; otherwise change nothing."""
    if seats < 1:
        raise InvalidInput("席の数を確かめてください。")
    free = free_seats(pool)
    if free is not None and seats > free:
        return False
    pool.taken += seats
    return True


def confirm(pool: SeatPool, registration: Registration, *, now: datetime) -> bool:
    """Give a registration without seats its seats; False when there are not so many.

    Raises:
        StateConflict: it has seats already, or is over.

    """
    _require(registration, _WITHOUT_SEAT)
    if not allocate(pool, registration.seats):
        return False
    _set(registration, RegistrationStatus.CONFIRMED, now)
    return True


def waitlist(
    pool: SeatPool, registration: Registration, *, now: datetime, place: int | None = None
) -> None:
    """Put a registration without seats on the waitlist of its locked pool.

    Args:
        pool: its pool.
        registration: what waits.
        now: when.
        place: the rank of a draw; None leaves the place that it has.

    Raises:
        StateConflict: it has seats, or is over; or the pool has no waitlist.

    """
    _require(registration, _WITHOUT_SEAT)
    if not pool.has_waitlist:
        raise StateConflict("この申込枠には、キャンセル待ちがありません。")
    if place is not None:
        registration.place = place
    _set(registration, RegistrationStatus.WAITLISTED, now)


def lose(registration: Registration, *, now: datetime) -> None:
    """Say of a registration that it drew no seat and that there is no waitlist.

    Raises:
        StateConflict: it was not in the draw.

    """
    _require(registration, frozenset({RegistrationStatus.APPLIED}))
    _set(registration, RegistrationStatus.LOST, now)


def cancel(pool: SeatPool, registration: Registration, *, now: datetime) -> None:
    """Take a registration back; its seats become free. The caller promotes.

    Raises:
        StateConflict: it is over already.

    """
    _require(registration, STANDING)
    _release(pool, registration)
    _set(registration, RegistrationStatus.CANCELLED, now)


def offer(pool: SeatPool, registration: Registration, *, until: datetime, now: datetime) -> bool:
    """Hold seats for who waits, until they are accepted; False when there are not so many.

    Raises:
        StateConflict: it does not wait, or there is no time left to accept.

    """
    _require(registration, frozenset({RegistrationStatus.WAITLISTED}))
    if until <= now:
        raise StateConflict("ご案内する時間が残っていません。")
    if not allocate(pool, registration.seats):
        return False
    _set(registration, RegistrationStatus.OFFERED, now)
    registration.offered_until = until
    return True


def return_to_waitlist(
    pool: SeatPool, registration: Registration, *, now: datetime, place: int
) -> None:
    """Take an offer back on the phone; who had it waits at ``place``. The caller promotes.

    Raises:
        StateConflict: nothing is offered (any more).

    """
    _require(registration, frozenset({RegistrationStatus.OFFERED}))
    _release(pool, registration)
    registration.place = place
    _set(registration, RegistrationStatus.WAITLISTED, now)


def accept(registration: Registration, *, now: datetime) -> None:
    """Make an offered seat a confirmed one.

    Raises:
        StateConflict: nothing is offered (any more).

    """
    if registration.status is RegistrationStatus.OFFERED and not _is_running(registration, now):
        raise StateConflict("ご案内の期限が過ぎたため、参加を決めることができませんでした。")
    _require(registration, frozenset({RegistrationStatus.OFFERED}))
    _set(registration, RegistrationStatus.CONFIRMED, now)


def lapse(pool: SeatPool, registration: Registration, *, now: datetime) -> bool:
    """End an offer whose time is over; its seats become free. False when it still runs or is none.

    The caller promotes.
    """
    if registration.status is not RegistrationStatus.OFFERED or _is_running(registration, now):
        return False
    _release(pool, registration)
    _set(registration, RegistrationStatus.LAPSED, now)
    return True


def drop_childcare(
    session: Session,
    pools: dict[int, SeatPool],
    application_ids: Iterable[int],
    *,
    now: datetime,
) -> list[Registration]:
    """Cancel childcare of applications whose parents have no claim on that day's venue any more.

    Args:
        session: the session of the act.
        pools: all pools of the workshops, locked.
        application_ids: whose registrations have ended; the changes are flushed.
        now: when.

    Returns:
        What was cancelled; the caller promotes in their pools.

    """
    session.flush()
    by_application: dict[int, list[Registration]] = {}
    for one in registrations_now(session, application_ids):
        if one.status in STANDING:
            by_application.setdefault(one.application_id, []).append(one)
    dropped = []
    for standing in by_application.values():
        venues = [pools[one.pool_id] for one in standing if _is_venue(pools[one.pool_id])]
        for one in standing:
            pool = pools[one.pool_id]
            if pool.kind is SeatKind.CHILDCARE and not any(covers(v, pool) for v in venues):
                cancel(pool, one, now=now)
                dropped.append(one)
    return dropped


def covers(venue: SeatPool, childcare: SeatPool) -> bool:
    """Whether a seat of ``venue`` lets a child be looked after in ``childcare``: the same day."""
    return (
        _is_venue(venue)
        and venue.workshop_id == childcare.workshop_id
        and (venue.day_id is None or childcare.day_id in {None, venue.day_id})
    )


def _is_venue(pool: SeatPool) -> bool:
    return pool.kind is SeatKind.VENUE


def _is_running(registration: Registration, now: datetime) -> bool:
    return registration.offered_until is not None and now < registration.offered_until


def _release(pool: SeatPool, registration: Registration) -> None:
    if registration.status in HOLDING:
        pool.taken -= registration.seats


def _set(registration: Registration, status: RegistrationStatus, now: datetime) -> None:
    registration.status = status
    registration.offered_until = None
    registration.changed_at = now


def _require(registration: Registration, statuses: frozenset[RegistrationStatus]) -> None:
    if registration.status not in statuses:
        raise StateConflict(
            "この申込みの状態はすでに変わっています。最新の状態を確かめてください。"
        )
