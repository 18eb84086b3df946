"""Registering: seats, waitlist, refusals; one form once, one person once."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.errors import InvalidInput, StateConflict
from participation.mail.letter import open_letter
from participation.mail.models import OutboxMessage
from participation.privacy.crypto import keyring
from participation.submissions.models import Channel, Receipt, Sender
from participation.submissions.services.senders import contents_of
from participation.workshops.models import (
    Application,
    Registration,
    SeatKind,
    SeatMethod,
    SeatPool,
    SignUp,
    WorkshopInvitation,
    WorkshopState,
)
from participation.workshops.models import RegistrationStatus as S
from participation.workshops.services.invitation_codes import code_hash
from participation.workshops.services.links import link_token, token_hash
from participation.workshops.services.registering import StoredApplication, store_applications
from participation.workshops.services.seat_decisions import KnownPerson, NoSeat
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.registering import assert_seats_add_up, new_application


def store(session: Session, *applications):
    results = store_applications(session, applications, actor=RESIDENT, now=clock.now())
    session.flush()
    assert_seats_add_up(session)
    return results


def statuses(result: StoredApplication) -> list[S]:
    assert isinstance(result, StoredApplication)
    return [status for _pool, status in result.statuses]


@pytest.fixture
def workshop(session: Session):
    return make_workshop(session, make_department(session, "公園課"))


def count(session: Session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_seats_then_waitlist(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=3)
    results = store(session, *(new_application(workshop, pool) for _ in range(5)))
    assert [statuses(one) for one in results] == [[S.CONFIRMED]] * 3 + [[S.WAITLISTED]] * 2
    assert pool.taken == 3


def test_full_without_waitlist_stores_nothing(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=1, has_waitlist=False)
    first, second = store(session, new_application(workshop, pool), new_application(workshop, pool))
    assert statuses(first) == [S.CONFIRMED]
    assert isinstance(second, NoSeat)
    assert "満席です" in str(second)
    assert second.pool_ids == (pool.id,)
    assert [count(session, table) for table in (Receipt, Sender, Application)] == [1, 1, 1]


def test_one_full_pool_refuses_the_whole_form(session: Session) -> None:
    workshop = make_workshop(
        session, make_department(session, "公園課"), days=2, sign_up=SignUp.EACH_DAY
    )
    first, second = (
        make_pool(session, workshop, day=day, capacity=1, has_waitlist=False)
        for day in workshop.days
    )
    store(session, new_application(workshop, second))
    [both] = store(session, new_application(workshop, {first: 1, second: 1}))
    assert isinstance(both, NoSeat)
    assert both.pool_ids == (second.id,)
    assert first.taken == 0


def test_a_party_gets_all_its_seats_or_waits(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=4)
    results = store(
        session,
        *(new_application(workshop, pool, party=party) for party in (3, 2, 1)),
    )
    assert [statuses(one) for one in results] == [[S.CONFIRMED], [S.WAITLISTED], [S.CONFIRMED]]
    assert pool.taken == 4


def test_a_party_larger_than_the_room_is_refused(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=2)
    [result] = store(session, new_application(workshop, pool, party=3))
    assert isinstance(result, NoSeat)
    assert "残りの席が人数より少ない" in str(result)


def test_the_same_form_twice_is_one_application(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=5)
    form = new_application(workshop, pool)
    first, again = store(session, form, form)
    [later] = store(session, form)
    assert (first.again, again.again, later.again) == (False, True, True)
    assert first.application_id == again.application_id == later.application_id
    assert first.number == later.number
    assert statuses(later) == [S.CONFIRMED]
    assert pool.taken == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"name": "相模 花子", "email": "Hanako@example.jp"},
            {"name": "相模　花子", "email": "hanako@EXAMPLE.jp"},
        ),
        (
            {"name": "相模花子", "phone": "０４６３-９４-４７１１"},
            {"name": "相模 花子", "phone": "+81 463944711"},
        ),
        ({"name": "ｻｶﾞﾐ", "address": "田中348"}, {"name": "サガミ", "address": "田中３４８"}),
    ],
)
def test_the_same_person_twice_is_refused(session: Session, workshop, one, other) -> None:
    pool = make_pool(session, workshop, capacity=5)
    first, second = store(
        session,
        new_application(workshop, pool, sender=one),
        new_application(workshop, pool, sender=other),
    )
    [third] = store(session, new_application(workshop, pool, sender=other))
    assert statuses(first) == [S.CONFIRMED]
    assert isinstance(second, KnownPerson)
    assert isinstance(third, KnownPerson)
    assert pool.taken == 1


def test_a_family_with_one_address_is_several_people(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=5)
    results = store(
        session,
        *(
            new_application(workshop, pool, sender={"name": name, "email": "us@example.jp"})
            for name in ("相模 花子", "相模 太郎")
        ),
    )
    assert [statuses(one) for one in results] == [[S.CONFIRMED]] * 2


def test_the_database_itself_refuses_one_too_many_and_one_twice(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=1)
    store(session, new_application(workshop, pool, sender={"name": "あ", "phone": "1"}))
    session.commit()
    pool.taken = 2
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    known = session.scalars(select(Registration)).one()
    other = make_registration(session, session.get_one(SeatPool, pool.id), status=S.WAITLISTED)
    other.person_key = known.person_key
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_who_cancelled_may_register_again(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=5)
    sender = {"name": "相模 花子", "phone": "0463944711"}
    [first] = store(session, new_application(workshop, pool, sender=sender))
    registration = session.scalars(select(Registration)).one()
    registration.status, pool.taken = S.CANCELLED, 0
    session.flush()
    [second] = store(session, new_application(workshop, pool, sender=sender))
    assert statuses(second) == [S.CONFIRMED]
    assert first.number != second.number


def test_a_lottery_takes_everybody_as_applied(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, method=SeatMethod.LOTTERY, capacity=1)
    results = store(session, *(new_application(workshop, pool) for _ in range(3)))
    assert [statuses(one) for one in results] == [[S.APPLIED]] * 3
    assert pool.taken == 0


def test_after_the_draw_one_waits_behind_everybody(session: Session, workshop) -> None:
    now = clock.now()
    pool = make_pool(
        session,
        workshop,
        method=SeatMethod.LOTTERY,
        capacity=1,
        drawn_at=now,
        closes_at=now - timedelta(minutes=1),
    )
    make_registration(session, pool)
    make_registration(session, pool, status=S.WAITLISTED, place=2)
    [late] = store(session, new_application(workshop, pool))
    assert isinstance(late, StateConflict)
    [typed] = store(session, new_application(workshop, pool, channel=Channel.FAX))
    assert statuses(typed) == [S.WAITLISTED]
    queue = session.scalars(
        select(Registration.application_id)
        .where(Registration.status == S.WAITLISTED)
        .order_by(Registration.place, Registration.id)
    ).all()
    assert queue[-1] == typed.application_id


def test_an_invitation_is_good_for_one_use(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, method=SeatMethod.INVITED, capacity=5)
    session.add(
        WorkshopInvitation(
            workshop_id=workshop.id,
            number=1,
            code_hash=code_hash(keyring(session), "7K3M-Q9XT"),
            created_at=clock.now(),
        )
    )
    session.flush()
    without, wrong, right, again = store(
        session,
        new_application(workshop, pool),
        new_application(workshop, pool, invitation_code="0000-0000"),
        new_application(workshop, pool, invitation_code="７ｋ３ｍ q9xt"),
        new_application(workshop, pool, invitation_code="7K3M-Q9XT"),
    )
    assert [getattr(one, "field", None) for one in (without, wrong, again)] == ["code"] * 3
    assert statuses(right) == [S.CONFIRMED]
    assert session.scalars(select(WorkshopInvitation)).one().application_id == right.application_id
    [later] = store(session, new_application(workshop, pool, invitation_code="7K3MQ9XT"))
    assert isinstance(later, InvalidInput)


def test_the_window_is_exact(session: Session, workshop) -> None:
    pool = make_pool(session, workshop)
    tick = timedelta(microseconds=1)
    results = store(
        session,
        *(
            new_application(workshop, pool, received_at=at)
            for at in (pool.opens_at - tick, pool.opens_at, pool.closes_at - tick, pool.closes_at)
        ),
    )
    assert [isinstance(one, StoredApplication) for one in results] == [False, True, True, False]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"party": 4}, "party"),
        ({"party": 0}, "party"),
        ({"eligibility_id": None}, "eligibility"),
        ({"eligibility_id": 99_999}, "eligibility"),
    ],
)
def test_what_breaks_a_rule_is_refused(session: Session, workshop, change, field) -> None:
    pool = make_pool(session, workshop)
    [result] = store(session, new_application(workshop, pool, **change))
    assert isinstance(result, InvalidInput)
    assert result.field == field
    assert count(session, Receipt) == 0


def test_pools_of_other_workshops_and_none_at_all_are_refused(session: Session, workshop) -> None:
    other = make_workshop(session, make_department(session, "道路課"))
    strange = make_pool(session, other)
    results = store(session, new_application(workshop, strange), new_application(workshop, {}))
    assert [one.field for one in results] == ["days", "days"]


def test_venue_and_online_of_one_day_exclude_each_other(session: Session, workshop) -> None:
    venue = make_pool(session, workshop)
    online = make_pool(session, workshop, kind=SeatKind.ONLINE)
    [result] = store(session, new_application(workshop, {venue: 1, online: 1}))
    assert isinstance(result, InvalidInput)


@pytest.mark.parametrize("state", [WorkshopState.CANCELLED, WorkshopState.POSTPONED])
def test_a_stopped_event_takes_nobody(session: Session, state) -> None:
    workshop = make_workshop(session, make_department(session, "公園課"), state=state)
    pool = make_pool(session, workshop)
    [result] = store(session, new_application(workshop, pool))
    assert isinstance(result, StateConflict)


def test_what_is_stored_beside(session: Session, workshop) -> None:
    pool = make_pool(session, workshop)
    form = new_application(
        workshop,
        pool,
        sender={"name": "相模 花子", "needs": "wheelchair", "extra.school": "第一中"},
        mail_to="hanako@example.jp",
        first_time=True,
    )
    [result] = store(session, form)
    application = session.get_one(Application, result.application_id)
    assert application.has_mail
    assert application.first_time
    sender = session.scalars(select(Sender)).one()
    assert contents_of(session, sender) == {
        "name": "相模 花子",
        "needs": "wheelchair",
        "extra.school": "第一中",
        "email": "hanako@example.jp",
    }
    letter = open_letter(session, session.scalars(select(OutboxMessage)).one())
    token = link_token(keyring(session), result.number)
    assert f"http://localhost/workshops/application/{token}" in letter.body
    assert result.number in letter.body
    assert form.secret in letter.body
    assert "参加決定" in letter.body
    assert application.link_hash == token_hash(keyring(session), token)
    assert token not in application.link_hash
    event = session.scalars(select(AuditEvent)).one()
    assert event.action == "workshops.application.received"
    assert event.department_id == workshop.department_id
    assert event.after["seats"] == [{"pool": pool.id, "seats": 1, "status": "confirmed"}]
    stored = session.get_one(Receipt, result.receipt_id)
    assert stored.secret_hash == hashlib.sha256(form.secret.encode()).hexdigest()


def test_who_waits_and_fits_goes_before_who_is_new(session: Session, workshop) -> None:
    pool = make_pool(session, workshop, capacity=1)
    make_registration(session, pool)
    waiting = make_registration(session, pool, status=S.WAITLISTED)
    pool.capacity = 2  # grown by somebody who did not promote
    session.flush()
    [new] = store(session, new_application(workshop, pool))
    assert statuses(new) == [S.WAITLISTED]
    assert waiting.status is S.OFFERED
