"""Days that move: offers end in time, and a day that nobody saw goes with what hangs on it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import StateConflict
from participation.departments.models import Department
from participation.workshops.models import (
    AttendeeSheet,
    LetterKind,
    RegistrationStatus,
    SeatPool,
    SignUp,
    WorkshopDay,
    WorkshopLetter,
    WorkshopState,
)
from participation.workshops.services import days
from participation.workshops.services.attendee_sheets import request_sheet
from participation.workshops.services.days import DayTerms
from participation.workshops.services.promotion import lapse_due
from tests.factories import make_department, make_user, post, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.test_letters import mails, person

S = RegistrationStatus
ACTOR = system_actor("試験")


def change(session, workshop, day, **more):
    terms = replace(days.terms_of(session, day), **more)
    return days.change_day(
        session,
        workshop,
        day,
        terms,
        notice="会場の都合で日時を変えます。",
        version=workshop.version,
        actor=ACTOR,
        now=clock.now(),
    )


@pytest.fixture
def workshop(session):
    return make_workshop(session, make_department(session), days=2, sign_up=SignUp.EACH_DAY)


def offered(session, workshop, day, until, address="a@example.jp", **more):
    pool = make_pool(session, workshop, day=day, capacity=5)
    return make_registration(
        session, pool, status=S.OFFERED, offered_until=until, sender=person(address), **more
    )


def test_an_offer_ends_with_the_earlier_start_and_its_holder_hears_of_it(session, workshop):
    first = workshop.days[0]
    one = offered(session, workshop, first, first.starts_at - timedelta(hours=1))
    soon = first.starts_at - timedelta(days=3)
    kept = make_registration(
        session,
        session.get_one(SeatPool, one.pool_id),
        status=S.OFFERED,
        offered_until=soon - timedelta(days=1),
        sender=person("b@example.jp"),
    )
    change(session, workshop, first, starts_at=soon, ends_at=soon + timedelta(hours=2))
    session.expire_all()
    assert one.offered_until == soon
    assert kept.offered_until == soon - timedelta(days=1)  # had less time anyway
    (told,) = [mail for mail in mails(session) if "期限が早くなりました" in mail["subject"]]
    assert told["recipient"] == "a@example.jp"
    assert "までに、次のページで" in told["body"]
    assert "/workshops/application/" in told["body"]
    event = session.scalar(
        select(AuditEvent).where(AuditEvent.action == "workshops.registration.offer_shortened")
    )
    assert event.subject == f"registration:{one.id}"
    assert lapse_due(session, soon) == 2


def test_who_has_no_address_is_called_and_a_later_start_changes_nothing(session, workshop):
    day = workshop.days[0]
    until = day.starts_at - timedelta(hours=1)
    one = offered(session, workshop, day, until, address="")
    change(
        session,
        workshop,
        day,
        starts_at=day.starts_at + timedelta(hours=3),
        ends_at=day.ends_at + timedelta(hours=3),
    )
    assert one.offered_until == until
    soon = until - timedelta(days=1)
    change(session, workshop, day, starts_at=soon, ends_at=soon + timedelta(hours=2))
    session.expire_all()
    assert one.offered_until == soon
    assert not any("期限が早く" in mail["subject"] for mail in mails(session))
    event = session.scalar(
        select(AuditEvent).where(AuditEvent.action == "workshops.registration.offer_shortened")
    )
    assert event.after["mailed"] is False


def test_a_new_first_day_of_the_whole_event_ends_its_offers_too(session):
    workshop = make_workshop(session, make_department(session))
    one = offered(session, workshop, None, workshop.days[0].starts_at)
    soon = workshop.days[0].starts_at - timedelta(days=2)
    days.add_days(
        session,
        workshop,
        [DayTerms(soon, soon + timedelta(hours=2), venue="公民館")],
        notice="1日ふやします。",
        version=workshop.version,
        actor=ACTOR,
        now=clock.now(),
    )
    session.expire_all()
    assert one.offered_until == soon


def test_an_event_that_began_by_the_new_times_lets_go_without_a_letter(session, workshop):
    day, now = workshop.days[0], clock.now()
    one = offered(session, workshop, day, day.starts_at)
    change(
        session,
        workshop,
        day,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    assert one.offered_until < now
    assert not any("期限が早く" in mail["subject"] for mail in mails(session))
    assert lapse_due(session, clock.now()) == 1


@pytest.fixture
def preparing(session):
    return make_workshop(session, make_department(session), days=2, state=WorkshopState.PREPARING)


def remove(session, workshop, day):
    days.remove_day(session, workshop, day, version=workshop.version, actor=ACTOR, now=clock.now())


def test_a_day_goes_with_the_lists_that_were_printed_of_nobody(session, preparing):
    department = session.get_one(Department, preparing.department_id)
    user = make_user(session, Role.CONTRIBUTOR, department)
    day = preparing.days[0]
    actor = replace(ACTOR, staff_id=user.id)
    request_sheet(session, preparing, day, by_number=False, actor=actor, now=clock.now())
    session.commit()
    remove(session, preparing, day)
    session.commit()
    assert session.scalar(select(func.count()).select_from(AttendeeSheet)) == 0
    assert session.scalar(select(func.count()).select_from(WorkshopDay)) == 1


def test_a_day_that_somebody_was_written_to_about_stays(client, session, preparing):
    day = preparing.days[0]
    session.add(
        WorkshopLetter(
            workshop_id=preparing.id,
            kind=LetterKind.TYPED,
            subject="お知らせ",
            body="本文",
            day_id=day.id,
            statuses=[],
            created_at=clock.now(),
        )
    )
    session.commit()
    with pytest.raises(StateConflict, match="連絡の記録があるため、消せません"):
        remove(session, preparing, day)
    session.rollback()
    department = session.get_one(Department, preparing.department_id)
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    session.commit()
    url = f"/staff/workshops/{preparing.id}/days"
    answer = post(client, f"{url}/{day.id}/remove", {"version": preparing.version})
    assert answer.status_code == 303
    assert "連絡の記録があるため、消せません" in client.get(url).text
