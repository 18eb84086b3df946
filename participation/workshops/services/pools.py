"""Seat pools: how many seats there are, how they are given out, and when one can register.

The rules of a pool freeze with its first registration; a capacity may grow and a deadline may be
later. Seats that come free so go to the waitlist at once.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from participation.audit.life import differing
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.news.models import NewsEvent
from participation.privacy.crypto import keyring
from participation.workshops.models import (
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatMethod,
    SeatPool,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopNoticeKind,
)
from participation.workshops.models import WorkshopState as S
from participation.workshops.moments import unless_same_minute
from participation.workshops.queries.workshops import pools_of
from participation.workshops.services.freezing import has_registrations, hold_pools
from participation.workshops.services.promotion import promote
from participation.workshops.services.state_machine import check_version, hold, record
from participation.workshops.services.telling import add_notice, tell_news
from participation.workshops.wording import days_by_id, moment_words, pool_words

MOST_SEATS = 100_000
MOST_MONTHS = 12 * 18
_FROZEN_NAMES = {
    "method": "決め方",
    "opens_at": "受付の開始",
    "youngest_months": "託児の年齢",
    "oldest_months": "託児の年齢",
    "until_school": "託児の年齢",
}


@dataclass(frozen=True)
class PoolTerms:
    """The seats of one kind as they are to be; moments are aware, ``closes_at`` is exclusive."""

    method: SeatMethod
    capacity: int | None
    opens_at: datetime
    closes_at: datetime
    has_waitlist: bool = True
    youngest_months: int | None = None
    oldest_months: int | None = None
    until_school: bool = False


def add_pools(
    session: Session,
    workshop: Workshop,
    kind: SeatKind,
    terms: Sequence[tuple[WorkshopDay | None, PoolTerms]],
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> list[SeatPool]:
    """Add seats of one kind, for the whole event (day None) or for days.

    Raises:
        StateConflict: somebody changed the workshop meanwhile, or it is past this.
        InvalidInput: the terms cannot be, or such seats are there already.

    """
    _begin(session, workshop, version)
    if not terms:
        raise InvalidInput("日を1つ以上選んでください。", field="days")
    taken = {(pool.day_id, pool.kind) for pool in pools_of(session, workshop.id)}
    made = []
    for day, one in terms:
        _check_place(workshop, kind, day)
        _check(kind, one)
        key = (None if day is None else day.id, kind)
        if key in taken:
            raise InvalidInput("同じ種類の定員がすでにあります。", field="kind")
        taken.add(key)
        made.append(_make(session, workshop, kind, day, one))
    record(
        session,
        workshop,
        "seats_added",
        actor=actor,
        now=now,
        after={"seats": [_plain(pool) for pool in made]},
    )
    return made


def change_pool(
    session: Session,
    workshop: Workshop,
    pool: SeatPool,
    terms: PoolTerms,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Change the seats of a pool; return whether anything differs.

    With more seats the waitlist moves up in the same transaction.

    Raises:
        StateConflict: somebody changed the workshop meanwhile, it is past this, or what is to be
            changed is frozen because somebody has registered.
        InvalidInput: the terms cannot be.

    """
    _begin(session, workshop, version)
    terms = replace(
        terms,
        opens_at=unless_same_minute(pool.opens_at, terms.opens_at),
        closes_at=unless_same_minute(pool.closes_at, terms.closes_at),
    )
    _check(pool.kind, terms)
    before, after = differing(pool, asdict(terms))
    if not after:
        return False
    if "method" in after:
        _refuse_drawn(pool)
    if has_registrations(session, pool.id):
        _refuse_frozen(session, pool, terms, after)
    for name, value in after.items():
        setattr(pool, name, value)
    if "method" in after:
        _deal_seed(session, pool)
    record(
        session,
        workshop,
        "seats_edited",
        actor=actor,
        now=now,
        before=_plain(pool, before),
        after=_plain(pool, after),
    )
    if "closes_at" in after and workshop.state is S.ANNOUNCED:
        _tell_deadline(session, workshop, pool, before["closes_at"], now=now)
    if {"capacity", "has_waitlist"} & set(after):
        promote(session, pool, now=now, actor=actor)
    return True


def remove_pool(
    session: Session,
    workshop: Workshop,
    pool: SeatPool,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Take away seats that nobody ever registered for.

    Raises:
        StateConflict: somebody did, or changed the workshop meanwhile, or it is past this.

    """
    _begin(session, workshop, version)
    if has_registrations(session, pool.id):
        raise StateConflict(
            "この定員には申込みがあるため、消せません。受付を終えるには、締切を過ぎるのを待つか、"
            "その日を中止してください。"
        )
    _refuse_drawn(pool)
    before = _plain(pool)
    session.delete(pool)
    record(session, workshop, "seats_removed", actor=actor, now=now, before={"seats": [before]})


def _begin(session: Session, workshop: Workshop, version: int) -> None:
    # In the one order of locks: the pools, then the workshop.
    hold_pools(session, workshop)
    hold(session, workshop)
    check_version(workshop, version)
    if workshop.state not in {S.PREPARING, S.ANNOUNCED, S.POSTPONED}:
        raise StateConflict("今の状態では、定員を変えられません。概要で状態を確かめてください。")


def _make(
    session: Session, workshop: Workshop, kind: SeatKind, day: WorkshopDay | None, terms: PoolTerms
) -> SeatPool:
    pool = SeatPool(
        workshop_id=workshop.id, day_id=None if day is None else day.id, kind=kind, **asdict(terms)
    )
    seed = _commit_to_seed(pool)
    session.add(pool)
    # The ciphertext is bound to the row, which has its number only now.
    session.flush()
    _seal_seed(session, pool, seed)
    return pool


def _deal_seed(session: Session, pool: SeatPool) -> None:
    seed = _commit_to_seed(pool)
    pool.draw_seed = None
    session.flush()
    _seal_seed(session, pool, seed)


def _commit_to_seed(pool: SeatPool) -> str:
    """Make a lottery's secret and publish its hash before anybody registers; "" for the others."""
    if pool.method is not SeatMethod.LOTTERY:
        pool.draw_commitment = None
        return ""
    seed = secrets.token_hex(32)
    pool.draw_commitment = hashlib.sha256(seed.encode()).hexdigest()
    return seed


def _seal_seed(session: Session, pool: SeatPool, seed: str) -> None:
    if not seed:
        return
    pool.draw_seed = keyring(session).encrypt(
        seed, table=SeatPool.__tablename__, column="draw_seed", row=str(pool.id)
    )
    session.flush()


def _tell_deadline(
    session: Session, workshop: Workshop, pool: SeatPool, was: datetime, *, now: datetime
) -> None:
    text = (
        f"{pool_words(pool, days_by_id(workshop.days))}の申込みの締切を、"
        f"{moment_words(was)}から{moment_words(pool.closes_at)}に変更しました。"
    )
    add_notice(session, workshop, WorkshopNoticeKind.CHANGED, text, now=now)
    event = NewsEvent.EXTENDED if pool.closes_at > was else NewsEvent.CHANGED
    tell_news(session, workshop, event, text, now=now)


def _check_place(workshop: Workshop, kind: SeatKind, day: WorkshopDay | None) -> None:
    if workshop.sign_up is SignUp.NONE:
        raise InvalidInput(
            "申込不要の催しに定員は設けません。「申込みのきまり」で申込みの単位を変えてください。"
        )
    if day is not None and day.stop_reason:
        raise InvalidInput("中止した日に定員は設けられません。", field="days")
    if kind is SeatKind.CHILDCARE:
        return
    if workshop.sign_up is SignUp.WHOLE and day is not None:
        raise InvalidInput(
            "全日程をまとめて申し込む催しなので、定員は全日程に1つにしてください。", field="days"
        )
    if workshop.sign_up is SignUp.EACH_DAY and day is None:
        raise InvalidInput(
            "参加する日を選んで申し込む催しなので、定員は日ごとに設けてください。", field="days"
        )
    if kind is SeatKind.ONLINE and day is not None and not day.online:
        raise InvalidInput("オンラインで参加できない日が選ばれています。", field="days")
    if kind is SeatKind.VENUE and day is not None and not day.at_venue:
        raise InvalidInput("会場のない日が選ばれています。", field="days")


def _check(kind: SeatKind, terms: PoolTerms) -> None:
    if terms.capacity is not None and not 1 <= terms.capacity <= MOST_SEATS:
        raise InvalidInput(f"定員は1から{MOST_SEATS:,}までにしてください。", field="capacity")
    if terms.capacity is None and terms.method is not SeatMethod.FIRST_COME:
        raise InvalidInput("抽選や無作為抽出では、定員を入力してください。", field="capacity")
    if terms.closes_at <= terms.opens_at:
        raise InvalidInput("締切は、受付の開始より後にしてください。", field="closes_on")
    if kind is not SeatKind.CHILDCARE:
        if terms.youngest_months is not None or terms.oldest_months is not None:
            raise InvalidInput("年齢は託児のときだけ入力してください。", field="youngest_months")
        return
    if terms.method is not SeatMethod.FIRST_COME:
        raise InvalidInput("託児は先着順で受け付けます。", field="method")
    low, high = terms.youngest_months, terms.oldest_months
    for value, field in ((low, "youngest_months"), (high, "oldest_months")):
        if value is not None and not 0 <= value <= MOST_MONTHS:
            raise InvalidInput(f"月齢は0から{MOST_MONTHS}までにしてください。", field=field)
    if low is not None and high is not None and high < low:
        raise InvalidInput("上の月齢は、下の月齢以上にしてください。", field="oldest_months")


def _refuse_frozen(
    session: Session, pool: SeatPool, terms: PoolTerms, changed: Collection[str]
) -> None:
    frozen = list(dict.fromkeys(_FROZEN_NAMES[one] for one in changed if one in _FROZEN_NAMES))
    if frozen:
        raise StateConflict(
            f"すでに申込みがあるため、{'、'.join(frozen)}は変えられません。"
            "申し込んだ方は、案内されたきまりを見て申し込んでいます。"
        )
    if terms.closes_at < pool.closes_at:
        raise StateConflict("すでに申込みがあるため、締切は今より後にだけ変えられます。")
    if "closes_at" in changed and pool.drawn_at is not None:
        raise StateConflict("抽選を終えたため、締切は変えられません。")
    if terms.capacity is not None and terms.capacity < pool.taken:
        raise StateConflict(
            f"すでに{pool.taken}席が決まっているため、定員をそれより少なくできません。"
        )
    lottery = pool.method is SeatMethod.LOTTERY
    fewer = terms.capacity is not None and (pool.capacity is None or terms.capacity < pool.capacity)
    if lottery and fewer:
        raise StateConflict("抽選の申込みがあるため、定員は増やすことだけできます。")
    if "has_waitlist" in changed and not terms.has_waitlist and _anybody_waits(session, pool):
        raise StateConflict(
            "キャンセル待ちの方や抽選を待つ方がいるため、キャンセル待ちをやめられません。"
        )


def _refuse_drawn(pool: SeatPool) -> None:
    """Refuse to take away a lottery that was drawn: its record is public, even with no entry."""
    if pool.drawn_at is not None:
        raise StateConflict(
            "この定員の抽選は済んでいて、結果を公開しています。決め方を変えたり、消したりできません。"
        )


def _anybody_waits(session: Session, pool: SeatPool) -> bool:
    # Who is in a draw was told that losing means waiting.
    waiting = {
        RegistrationStatus.APPLIED,
        RegistrationStatus.WAITLISTED,
        RegistrationStatus.OFFERED,
    }
    return bool(
        session.scalar(
            select(
                exists().where(Registration.pool_id == pool.id, Registration.status.in_(waiting))
            )
        )
    )


def _plain(pool: SeatPool, values: dict[str, Any] | None = None) -> dict[str, Any]:
    if values is None:
        values = {name: getattr(pool, name) for name in PoolTerms.__dataclass_fields__}
        values = {name: value for name, value in values.items() if value is not None}
    return {"seat_kind": pool.kind, "day_id": pool.day_id, **values}
