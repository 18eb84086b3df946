"""What becomes of registrations: cancelled, offered, accepted, lapsed; and who comes next."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.workshops.models import (
    Application,
    Registration,
    SeatKind,
    SeatMethod,
    SignUp,
    WorkshopState,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services import seating
from participation.workshops.services.changing import accept_offers, cancel_registrations
from participation.workshops.services.promotion import lapse_due, promote, promote_waiting
from participation.workshops.services.steps import resume
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.registering import assert_seats_add_up


@pytest.fixture
def workshop(session: Session):
    return make_workshop(session, make_department(session, "公園課"))


def cancel(session: Session, registration: Registration) -> None:
    application = session.get_one(Application, registration.application_id)
    cancel_registrations(session, application, [registration.id], actor=RESIDENT, now=clock.now())
    assert_seats_add_up(session)


def test_a_cancelled_seat_is_offered_to_who_waits_first(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=1)
    held = make_registration(session, pool)
    second = make_registration(session, pool, status=S.WAITLISTED, place=1)
    first = make_registration(session, pool, status=S.WAITLISTED)
    third = make_registration(session, pool, status=S.WAITLISTED, place=1)
    cancel(session, held)
    assert [one.status for one in (held, first, second, third)] == [
        S.CANCELLED,
        S.OFFERED,
        S.WAITLISTED,
        S.WAITLISTED,
    ]
    letter = open_letter(session, session.scalars(select(OutboxMessage)).one())
    assert "http://localhost/workshops/application/" in letter.body
    assert workshop.title in letter.body


def test_a_large_party_keeps_its_place_and_no_seat_stays_empty(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=3)
    held = [make_registration(session, pool) for _ in range(3)]
    large = make_registration(session, pool, status=S.WAITLISTED, seats=2)
    small = make_registration(session, pool, status=S.WAITLISTED, seats=1)
    cancel(session, held[0])
    assert (large.status, small.status) == (S.WAITLISTED, S.OFFERED)
    cancel(session, held[1])
    assert large.status is S.WAITLISTED
    cancel(session, held[2])
    assert large.status is S.OFFERED


def test_more_than_a_query_of_candidates(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=130)
    waiting = [make_registration(session, pool, status=S.WAITLISTED) for _ in range(130)]
    seating.lock_pools(session, [pool.id])
    assert len(promote(session, pool, now=clock.now(), actor=RESIDENT)) == 130
    assert {one.status for one in waiting} == {S.OFFERED}
    assert_seats_add_up(session)


def test_an_offer_runs_for_its_hours_and_not_beyond_the_start(session: Session) -> None:
    department = make_department(session, "公園課")
    now = clock.now()
    for starts_in, hours in ((timedelta(days=9), 48), (timedelta(hours=5), 5)):
        workshop = make_workshop(session, department, starts_at=now + starts_in)
        pool = make_pool(session, workshop, capacity=1)
        waiting = make_registration(session, pool, status=S.WAITLISTED)
        seating.lock_pools(session, [pool.id])
        promote(session, pool, now=now, actor=RESIDENT)
        assert waiting.offered_until == now + timedelta(hours=hours)


@pytest.mark.parametrize("why", ["begun", "postponed", "day cancelled", "not drawn"])
def test_nothing_is_offered(session: Session, why: str) -> None:
    now = clock.now()
    workshop = make_workshop(
        session,
        make_department(session, "公園課"),
        state=WorkshopState.POSTPONED if why == "postponed" else WorkshopState.ANNOUNCED,
        starts_at=now - timedelta(minutes=1) if why == "begun" else None,
    )
    if why == "day cancelled":
        workshop.days[0].stop_reason = "大雨"
    method = SeatMethod.LOTTERY if why == "not drawn" else SeatMethod.FIRST_COME
    pool = make_pool(session, workshop, day=workshop.days[0], capacity=1, method=method)
    waiting = make_registration(session, pool, status=S.WAITLISTED)
    seating.lock_pools(session, [pool.id])
    assert not promote(session, pool, now=now, actor=RESIDENT)
    assert promote_waiting(session, now) == 0
    assert waiting.status is S.WAITLISTED


def test_an_offer_is_accepted_once_and_in_time(session: Session, workshop) -> None:
    now = clock.now()
    pool = make_pool(session, workshop, capacity=2)
    until = now + timedelta(hours=1)
    offered = make_registration(session, pool, status=S.OFFERED, offered_until=until)
    application = session.get_one(Application, offered.application_id)
    with pytest.raises(StateConflict, match="期限"):
        accept_offers(session, application, [offered.id], actor=RESIDENT, now=until)
    tick = timedelta(microseconds=1)
    accept_offers(session, application, [offered.id], actor=RESIDENT, now=until - tick)
    assert offered.status is S.CONFIRMED
    assert_seats_add_up(session)
    with pytest.raises(StateConflict):
        accept_offers(session, application, [offered.id], actor=RESIDENT, now=now)


@pytest.mark.parametrize("why", ["cancelled", "day cancelled"])
def test_nobody_accepts_a_seat_of_what_is_not_held(session: Session, why: str) -> None:
    now = clock.now()
    cancelled = why == "cancelled"
    workshop = make_workshop(
        session,
        make_department(session, "公園課"),
        state=WorkshopState.CANCELLED if cancelled else WorkshopState.ANNOUNCED,
    )
    if not cancelled:
        workshop.days[0].stop_reason = "大雨"
    pool = make_pool(session, workshop, day=workshop.days[0], capacity=2)
    offered = make_registration(session, pool, status=S.OFFERED)
    application = session.get_one(Application, offered.application_id)
    with pytest.raises(StateConflict, match="中止"):
        accept_offers(session, application, [offered.id], actor=RESIDENT, now=now)
    assert offered.status is S.OFFERED


def test_an_offer_waits_while_the_event_is_postponed_and_runs_anew(session: Session) -> None:
    now = clock.now()
    workshop = make_workshop(
        session, make_department(session, "公園課"), state=WorkshopState.POSTPONED
    )
    pool = make_pool(session, workshop, capacity=1)
    until = now + timedelta(hours=1)
    offered = make_registration(session, pool, status=S.OFFERED, offered_until=until)
    late = now + timedelta(days=2)
    assert lapse_due(session, late) == 0
    assert offered.status is S.OFFERED
    starts_at = late + timedelta(days=30)
    resume(
        session,
        workshop,
        times={workshop.days[0].id: (starts_at, starts_at + timedelta(hours=2))},
        text="日程が決まりました。",
        actor=RESIDENT,
        now=late,
    )
    assert offered.offered_until == late + timedelta(hours=workshop.offer_hours)
    application = session.get_one(Application, offered.application_id)
    accept_offers(session, application, [offered.id], actor=RESIDENT, now=late)
    assert_seats_add_up(session)


def test_no_letter_says_that_an_offer_of_a_cancelled_event_is_over(session: Session) -> None:
    now = clock.now()
    workshop = make_workshop(
        session, make_department(session, "公園課"), state=WorkshopState.CANCELLED
    )
    pool = make_pool(session, workshop, capacity=1)
    offered = make_registration(session, pool, status=S.OFFERED, offered_until=now)
    assert lapse_due(session, now) == 1
    assert offered.status is S.LAPSED
    assert not session.scalars(select(OutboxMessage)).all()


def test_an_offer_lapses_and_goes_to_the_next(session: Session, workshop) -> None:
    now = clock.now()
    pool = make_pool(session, workshop, capacity=1)
    until = now + timedelta(hours=1)
    offered = make_registration(session, pool, status=S.OFFERED, offered_until=until)
    waiting = make_registration(session, pool, status=S.WAITLISTED, sender={"name": "電話のみ"})
    assert lapse_due(session, until - timedelta(microseconds=1)) == 0
    assert lapse_due(session, until) == 1
    assert (offered.status, waiting.status) == (S.LAPSED, S.OFFERED)
    assert lapse_due(session, until) == 0
    assert_seats_add_up(session)
    # Who has no address is not written to; the desk sees that nobody was.
    [letter] = session.scalars(select(OutboxMessage))
    assert "期限" in open_letter(session, letter).subject
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "workshops.registration.offered")
    ).one()
    assert event.after["mailed"] is False


def test_the_clock_offers_what_a_grown_capacity_left_free(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=1)
    make_registration(session, pool)
    waiting = make_registration(session, pool, status=S.WAITLISTED)
    assert promote_waiting(session, clock.now()) == 0
    pool.capacity = 2
    assert promote_waiting(session, clock.now()) == 1
    assert waiting.status is S.OFFERED
    assert promote_waiting(session, clock.now()) == 0


def make_childcare(session: Session, *, sign_up: SignUp = SignUp.EACH_DAY):
    workshop = make_workshop(session, make_department(session, "公園課"), days=2, sign_up=sign_up)
    pools = [
        make_pool(session, workshop, day=day, kind=kind, capacity=1)
        for day in workshop.days
        for kind in (SeatKind.VENUE, SeatKind.CHILDCARE)
    ]
    first = make_registration(session, pools[0])
    application = session.get_one(Application, first.application_id)
    others = [make_registration(session, pool, application=application) for pool in pools[1:]]
    return workshop, pools, [first, *others], application


def test_childcare_goes_with_the_seat_of_its_day(session: Session) -> None:
    _workshop, pools, (first, child, second, second_child), _application = make_childcare(session)
    waiting = make_registration(session, pools[1], status=S.WAITLISTED)
    cancel(session, first)
    assert child.status is S.CANCELLED
    assert waiting.status is S.OFFERED
    assert {second.status, second_child.status} == {S.CONFIRMED}


def test_childcare_alone_can_be_given_back(session: Session) -> None:
    _workshop, _pools, (first, child, *_rest), _application = make_childcare(session)
    cancel(session, child)
    assert (first.status, child.status) == (S.CONFIRMED, S.CANCELLED)


def test_everything_can_be_cancelled_at_once(session: Session) -> None:
    _workshop, _pools, all_four, application = make_childcare(session)
    cancel_registrations(session, application, actor=RESIDENT, now=clock.now())
    assert {one.status for one in all_four} == {S.CANCELLED}
    assert_seats_add_up(session)
    with pytest.raises(StateConflict):
        cancel_registrations(session, application, actor=RESIDENT, now=clock.now())


def test_a_lapsed_seat_takes_its_childcare_along(session: Session, workshop) -> None:
    now = clock.now()
    venue = make_pool(session, workshop, capacity=1)
    care = make_pool(session, workshop, kind=SeatKind.CHILDCARE, capacity=1)
    offered = make_registration(
        session, venue, status=S.OFFERED, offered_until=now - timedelta(minutes=1)
    )
    application = session.get_one(Application, offered.application_id)
    child = make_registration(session, care, application=application)
    lapse_due(session, now)
    assert (offered.status, child.status) == (S.LAPSED, S.CANCELLED)
    assert_seats_add_up(session)


def test_residents_change_nothing_after_the_start(session: Session) -> None:
    now = clock.now()
    workshop = make_workshop(
        session, make_department(session, "公園課"), starts_at=now - timedelta(minutes=1)
    )
    pool = make_pool(session, workshop)
    held = make_registration(session, pool)
    with pytest.raises(StateConflict, match="始まった"):
        cancel(session, held)


def test_anothers_registration_cannot_be_cancelled(session: Session, workshop) -> None:
    pool = make_pool(session, workshop)
    mine, other = make_registration(session, pool), make_registration(session, pool)
    application = session.get_one(Application, mine.application_id)
    with pytest.raises(StateConflict):
        cancel_registrations(
            session, application, [mine.id, other.id], actor=RESIDENT, now=clock.now()
        )
    with pytest.raises(StateConflict):
        accept_offers(session, application, [other.id], actor=RESIDENT, now=clock.now())
    assert {mine.status, other.status} == {S.CONFIRMED}


def test_states_allow_only_what_makes_sense(session: Session, workshop) -> None:
    now = clock.now()
    pool = make_pool(session, workshop, capacity=5, has_waitlist=False)
    held, gone = make_registration(session, pool), make_registration(session, pool, status=S.LOST)
    applied = make_registration(session, pool, status=S.APPLIED)
    for act in (
        lambda: seating.confirm(pool, held, now=now),
        lambda: seating.lose(held, now=now),
        lambda: seating.cancel(pool, gone, now=now),
        lambda: seating.offer(pool, applied, until=now + timedelta(hours=1), now=now),
        lambda: seating.waitlist(pool, applied, now=now),
        lambda: seating.accept(held, now=now),
    ):
        with pytest.raises(StateConflict):
            act()
    assert not seating.lapse(pool, held, now=now)
    with pytest.raises(InvalidInput):
        seating.allocate(pool, 0)
    with pytest.raises(NotFound):
        seating.lock_pools(session, [pool.id, 10**6])
    assert pool.taken == 1
    seating.lose(applied, now=now)
    assert applied.status is S.LOST
