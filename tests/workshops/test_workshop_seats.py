"""Seats: what may be set, what freezes with the first registration, what may grow."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput, StateConflict
from participation.departments.models import Department
from participation.news.models import NewsEvent, NewsItem
from participation.privacy.crypto import keyring
from participation.workshops.models import (
    RegistrationStatus,
    SeatKind,
    SeatMethod,
    SeatPool,
    SignUp,
    Workshop,
    WorkshopDay,
)
from participation.workshops.services import draws, pools
from participation.workshops.services.pools import PoolTerms
from tests.workshops.arrange import make_pool, make_registration, make_workshop

ACTOR = system_actor("tests")


HOURS = timedelta(hours=2)


@pytest.fixture
def now() -> datetime:
    return clock.now()


def add_pool(
    session: Session,
    workshop: Workshop,
    terms: PoolTerms,
    *,
    kind: SeatKind = SeatKind.VENUE,
    day: WorkshopDay | None = None,
) -> SeatPool:
    (made,) = pools.add_pools(
        session,
        workshop,
        kind,
        [(day, terms)],
        version=workshop.version,
        actor=ACTOR,
        now=clock.now(),
    )
    return made


def terms_of(pool: SeatPool) -> PoolTerms:
    return PoolTerms(**{name: getattr(pool, name) for name in PoolTerms.__dataclass_fields__})


def change(session: Session, workshop: Workshop, pool: SeatPool, **new: object) -> bool:
    return pools.change_pool(
        session,
        workshop,
        pool,
        replace(terms_of(pool), **new),  # type: ignore[arg-type]
        version=workshop.version,
        actor=ACTOR,
        now=clock.now(),
    )


@pytest.mark.parametrize(
    ("sign_up", "on_day", "kind", "allowed"),
    [
        (SignUp.WHOLE, False, SeatKind.VENUE, True),
        (SignUp.WHOLE, True, SeatKind.VENUE, False),
        (SignUp.WHOLE, True, SeatKind.CHILDCARE, True),
        (SignUp.EACH_DAY, True, SeatKind.VENUE, True),
        (SignUp.EACH_DAY, True, SeatKind.ONLINE, False),
        (SignUp.EACH_DAY, False, SeatKind.VENUE, False),
        (SignUp.NONE, False, SeatKind.VENUE, False),
    ],
)
def test_seats_are_of_what_one_registers_for(  # noqa: PLR0917
    session: Session,
    department: Department,
    now: datetime,
    sign_up: SignUp,
    on_day: bool,
    kind: SeatKind,
    allowed: bool,
) -> None:
    workshop = make_workshop(session, department, sign_up=sign_up)
    day = workshop.days[0] if on_day else None
    terms = PoolTerms(SeatMethod.FIRST_COME, 10, now, now + HOURS)
    if allowed:
        assert add_pool(session, workshop, terms, kind=kind, day=day).capacity == 10
        with pytest.raises(InvalidInput, match="すでに"):
            add_pool(session, workshop, terms, kind=kind, day=day)
    else:
        with pytest.raises(InvalidInput):
            add_pool(session, workshop, terms, kind=kind, day=day)


@pytest.mark.parametrize(
    ("new", "kind", "field"),
    [
        ({"capacity": None, "method": SeatMethod.LOTTERY}, SeatKind.VENUE, "capacity"),
        ({"capacity": 0}, SeatKind.VENUE, "capacity"),
        ({"youngest_months": 6}, SeatKind.VENUE, "youngest_months"),
        ({"method": SeatMethod.LOTTERY}, SeatKind.CHILDCARE, "method"),
        ({"youngest_months": 12, "oldest_months": 11}, SeatKind.CHILDCARE, "oldest_months"),
        ({"youngest_months": -1}, SeatKind.CHILDCARE, "youngest_months"),
    ],
)
def test_terms_that_cannot_be_are_refused(  # noqa: PLR0917
    session: Session,
    department: Department,
    now: datetime,
    new: dict[str, object],
    kind: SeatKind,
    field: str,
) -> None:
    workshop = make_workshop(session, department)
    terms = replace(PoolTerms(SeatMethod.FIRST_COME, 10, now, now + HOURS), **new)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as error:
        add_pool(session, workshop, terms, kind=kind)
    assert error.value.field == field


def test_a_lottery_shows_the_hash_of_its_secret_before_anybody_registers(
    session: Session, department: Department, now: datetime
) -> None:
    workshop = make_workshop(session, department)
    pool = add_pool(session, workshop, PoolTerms(SeatMethod.LOTTERY, 10, now, now + HOURS))

    def seed() -> str:
        assert pool.draw_seed is not None
        return keyring(session).decrypt(
            pool.draw_seed, table="seat_pool", column="draw_seed", row=str(pool.id)
        )

    first = seed()
    assert len(first) == 64
    assert pool.draw_commitment == hashlib.sha256(first.encode()).hexdigest()
    assert change(session, workshop, pool, method=SeatMethod.FIRST_COME)
    assert (pool.draw_seed, pool.draw_commitment) == (None, None)
    assert change(session, workshop, pool, method=SeatMethod.LOTTERY)
    assert seed() != first
    assert pool.draw_commitment == hashlib.sha256(seed().encode()).hexdigest()


@pytest.mark.parametrize(
    "status",
    [RegistrationStatus.CONFIRMED, RegistrationStatus.WAITLISTED, RegistrationStatus.CANCELLED],
)
def test_rules_freeze_with_the_first_registration(
    session: Session, department: Department, now: datetime, status: RegistrationStatus
) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop)
    assert change(session, workshop, pool, opens_at=now - 2 * HOURS)
    make_registration(session, pool, status=status)
    before = terms_of(pool)
    for new in (
        {"method": SeatMethod.LOTTERY},
        {"opens_at": now - 3 * HOURS},
        {"closes_at": pool.closes_at - HOURS},
    ):
        with pytest.raises(StateConflict, match="すでに申込みがあるため"):
            change(session, workshop, pool, **new)
    with pytest.raises(StateConflict, match="消せません"):
        pools.remove_pool(session, workshop, pool, version=workshop.version, actor=ACTOR, now=now)
    session.refresh(pool)
    assert terms_of(pool) == before
    assert change(session, workshop, pool, closes_at=pool.closes_at + HOURS)
    assert change(session, workshop, pool, capacity=31)


def test_the_age_of_children_freezes_too(session: Session, department: Department) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop, kind=SeatKind.CHILDCARE, youngest_months=6)
    make_registration(session, pool)
    with pytest.raises(StateConflict, match="託児の年齢"):
        change(session, workshop, pool, youngest_months=12)


def test_a_capacity_never_goes_below_what_is_taken(
    session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop, capacity=10)
    make_registration(session, pool, seats=4)
    with pytest.raises(StateConflict, match="4席"):
        change(session, workshop, pool, capacity=3)
    assert change(session, workshop, pool, capacity=4)


def test_a_lottery_that_people_entered_only_grows(session: Session, department: Department) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop, method=SeatMethod.LOTTERY, capacity=10)
    make_registration(session, pool, status=RegistrationStatus.APPLIED)
    with pytest.raises(StateConflict, match="増やす"):
        change(session, workshop, pool, capacity=9)
    assert change(session, workshop, pool, capacity=11)


def test_more_seats_go_to_the_waitlist_at_once(session: Session, department: Department) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop, capacity=1)
    make_registration(session, pool)
    waiting = [
        make_registration(session, pool, status=RegistrationStatus.WAITLISTED) for _ in range(3)
    ]
    assert change(session, workshop, pool, capacity=3)
    assert [one.status for one in waiting] == [
        RegistrationStatus.OFFERED,
        RegistrationStatus.OFFERED,
        RegistrationStatus.WAITLISTED,
    ]
    assert pool.taken == 3


def test_a_waitlist_with_people_on_it_is_not_closed(
    session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop, capacity=1)
    make_registration(session, pool)
    make_registration(session, pool, status=RegistrationStatus.WAITLISTED)
    with pytest.raises(StateConflict, match="キャンセル待ち"):
        change(session, workshop, pool, has_waitlist=False)


def test_a_later_deadline_is_told(session: Session, department: Department) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop)
    change(session, workshop, pool, closes_at=pool.closes_at + 24 * HOURS)
    assert session.scalars(select(NewsItem.event)).all() == [NewsEvent.EXTENDED]
    assert "締切" in workshop.notices[-1].text


def test_a_drawn_lottery_keeps_its_deadline(
    session: Session, department: Department, now: datetime
) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop, method=SeatMethod.LOTTERY)
    make_registration(session, pool)
    pool.drawn_at = now
    session.flush()
    with pytest.raises(StateConflict, match="抽選を終えた"):
        change(session, workshop, pool, closes_at=pool.closes_at + HOURS)


def test_a_drawn_lottery_stays_one_though_nobody_had_applied(
    session: Session, department: Department, now: datetime
) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(
        session,
        workshop,
        method=SeatMethod.LOTTERY,
        opens_at=now - timedelta(days=3),
        closes_at=now - timedelta(days=1),
    )
    draws.draw(session, pool, actor=ACTOR, now=now)
    terms = PoolTerms(SeatMethod.FIRST_COME, 30, pool.opens_at, now + timedelta(days=1))
    with pytest.raises(StateConflict, match="抽選"):
        pools.change_pool(
            session, workshop, pool, terms, version=workshop.version, actor=ACTOR, now=now
        )
    with pytest.raises(StateConflict, match="抽選"):
        pools.remove_pool(session, workshop, pool, version=workshop.version, actor=ACTOR, now=now)


def test_who_applied_for_a_draw_with_a_waitlist_keeps_it(
    session: Session, department: Department, now: datetime
) -> None:
    workshop = make_workshop(session, department)
    pool = make_pool(session, workshop, method=SeatMethod.LOTTERY, has_waitlist=True)
    make_registration(session, pool, status=RegistrationStatus.APPLIED)
    terms = PoolTerms(
        SeatMethod.LOTTERY, pool.capacity, pool.opens_at, pool.closes_at, has_waitlist=False
    )
    with pytest.raises(StateConflict, match="キャンセル待ち"):
        pools.change_pool(
            session, workshop, pool, terms, version=workshop.version, actor=ACTOR, now=now
        )
