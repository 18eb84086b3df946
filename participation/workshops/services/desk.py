"""The desk: who calls, comes, faxes or writes is registered by the same rules as on the web.

What came in time takes part in a draw though it is typed later; what came after the deadline is
taken in only when the clerk says so, and waits behind a draw.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import DomainError, InvalidInput, StateConflict
from participation.privacy.crypto import keyring
from participation.submissions.models import Channel
from participation.submissions.services.receipts import secret_of_form
from participation.workshops.models import SeatMethod, SeatPool, Workshop, WorkshopDay
from participation.workshops.services.applying import NewApplication
from participation.workshops.services.registering import StoredApplication, store_applications
from participation.workshops.wording import days_by_id, pool_words

DESK_CHANNELS = (Channel.COUNTER, Channel.FAX, Channel.POST, Channel.EMAIL)
_TICK = timedelta(microseconds=1)


class ComesLate(InvalidInput):
    """It came after the deadline; the clerk has to say that it is taken in all the same."""


@dataclass(frozen=True)
class Entered:
    """What became of a form typed at the desk."""

    stored: StoredApplication
    late: bool


def is_late(pool: SeatPool, *, channel: Channel, arrived_on: date, now: datetime) -> bool:
    """Whether something came after the deadline of ``pool``.

    Paper counts by its day, since nobody notes the hour; who calls or comes today, by the clock.
    """
    if channel is Channel.COUNTER and arrived_on == clock.local_date(now):
        return now >= pool.closes_at
    return arrived_on > clock.local_date(pool.closes_at - _TICK)


def enter(
    session: Session,
    workshop: Workshop,
    new: NewApplication,
    *,
    arrived_on: date,
    late_ok: bool,
    actor: Actor,
    now: datetime,
) -> Entered:
    """Register what came by telephone, at the counter, by FAX, letter or mail.

    Who gave an e-mail address gets the receipt there, with the secret and the link; nobody at the
    desk sees these. The others are told the number.

    Args:
        session: the session of the act; the caller commits.
        workshop: for which event.
        new: what was typed; ``idempotency_key`` is the form's own, random.
        arrived_on: the day on which it reached the city.
        late_ok: that it is taken in although it came after the deadline.
        actor: who typed it.
        now: when.

    Raises:
        ComesLate: it came after the deadline, and nobody has said that it is taken in.
        DomainError: as a form from the web is refused (``seat_decisions``).

    """
    if new.channel not in DESK_CHANNELS:
        raise InvalidInput("申込みの方法を選んでください。", field="channel")
    if arrived_on > clock.local_date(now):
        raise InvalidInput("受け付けた日が今日より後になっています。", field="arrived_on")
    pools = _wished(session, workshop, new)
    _refuse_what_is_over(workshop, pools, now)
    late = [
        pool for pool in pools if is_late(pool, channel=new.channel, arrived_on=arrived_on, now=now)
    ]
    _check_late(workshop, late, late_ok=late_ok)
    key = f"desk:{workshop.id}:{actor.staff_id}:{new.idempotency_key}"
    email = new.sender.get("email", "")
    secret = secret_of_form(keyring(session), key) if email else None
    [stored] = store_applications(
        session,
        [replace(new, idempotency_key=key, secret=secret, mail_to=email, typed_by=actor.staff_id)],
        actor=actor,
        now=now,
    )
    if isinstance(stored, DomainError):
        raise stored
    if not stored.again and (late or arrived_on != clock.local_date(now)):
        audit.record(
            session,
            "workshops.application.noted",
            actor=actor,
            now=now,
            subject=f"application:{stored.application_id}",
            after={"arrived_on": arrived_on, "late": bool(late)},
            department_id=workshop.department_id,
        )
    return Entered(stored, bool(late))


def _wished(session: Session, workshop: Workshop, new: NewApplication) -> Sequence[SeatPool]:
    return session.scalars(
        select(SeatPool)
        .where(
            SeatPool.id.in_([wish.pool_id for wish in new.wishes]),
            SeatPool.workshop_id == workshop.id,
        )
        .order_by(SeatPool.id)
    ).all()


def _refuse_what_is_over(workshop: Workshop, pools: Iterable[SeatPool], now: datetime) -> None:
    days = days_by_id(workshop.days)
    for pool in pools:
        if all(day.ends_at <= now for day in _days_of(pool, workshop.days)):
            raise StateConflict(f"{pool_words(pool, days)}は終わっているため、申し込めません。")


def _days_of(pool: SeatPool, days: Iterable[WorkshopDay]) -> list[WorkshopDay]:
    return [day for day in days if not day.stop_reason and pool.day_id in {None, day.id}]


def _check_late(workshop: Workshop, late: Sequence[SeatPool], *, late_ok: bool) -> None:
    if not late:
        return
    days = days_by_id(workshop.days)
    for pool in late:
        if pool.method is SeatMethod.LOTTERY and pool.drawn_at is None:
            raise StateConflict(
                f"{pool_words(pool, days)}は、締切までに届いた申込みの中から抽選します。"
                "抽選のあとに入力すると、キャンセル待ちの最後になります。"
            )
    if not late_ok:
        names = "、".join(pool_words(pool, days) for pool in late)
        raise ComesLate(
            f"締切のあとに届いています：{names}。受け付けるときは、確かめてから、"
            "もう一度保存してください。",
            field="late_ok",
        )
