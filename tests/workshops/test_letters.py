"""Letters to the registered: whom they reach, once each, and what stands in them."""

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import Actor, Role
from participation.core.errors import InvalidInput
from participation.departments.models import Department
from participation.jobs.models import Job, JobState
from participation.jobs.worker import run_pending
from participation.mail.models import OutboxMessage
from participation.privacy.crypto import keyring
from participation.submissions.models import Receipt
from participation.workshops.models import (
    Application,
    LetterDelivery,
    LetterKind,
    RegistrationStatus,
    SeatKind,
    WorkshopLetter,
)
from participation.workshops.queries.letters import letters_of, reach_of, to_be_called
from participation.workshops.services.letters import write_letter
from participation.workshops.services.links import link_of
from tests.factories import make_department, make_user
from tests.workshops.arrange import make_pool, make_registration, make_workshop

S = RegistrationStatus


@pytest.fixture
def workshop(session):
    return make_workshop(session, make_department(session), days=2, section_name="広聴係")


@pytest.fixture
def actor(session, workshop):
    user = make_user(session, Role.CONTRIBUTOR, session.get_one(Department, workshop.department_id))
    return Actor(user.id, user.name)


def write(session, workshop, actor, **more):
    values = {
        "subject": "会場の変更",
        "body": "会場を変えます。",
        "statuses": [S.CONFIRMED],
        **more,
    }
    return write_letter(session, workshop, LetterKind.TYPED, actor=actor, now=clock.now(), **values)


def mails(session):
    keys, found = keyring(session), []
    for one in session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)):
        place = {"table": OutboxMessage.__tablename__, "row": str(one.id)}
        found.append(
            {
                name: keys.decrypt(getattr(one, name), column=name, **place)
                for name in ("recipient", "subject", "body")
            }
        )
    return found


def person(address):
    return {"name": "相模 花子", "email": address}


def send(app, session, letter):
    letter_id = letter.id
    session.commit()
    run_pending(app)
    session.expire_all()
    return session.get_one(WorkshopLetter, letter_id)


def test_each_gets_one_mail_with_the_own_link(app, session, workshop, actor):
    pool = make_pool(session, workshop)
    first = make_registration(session, pool, sender=person("a@example.jp"))
    make_registration(session, pool, sender=person("b@example.jp"))
    make_registration(session, pool, sender={"name": "電話 太郎", "phone": "0463-00-0000"})
    make_registration(session, pool, status=S.WAITLISTED, sender=person("c@example.jp"))
    letter = send(app, session, write(session, workshop, actor))
    assert letter.finished_at is not None
    found = mails(session)
    assert sorted(one["recipient"] for one in found) == ["a@example.jp", "b@example.jp"]
    application = session.get_one(Application, first.application_id)
    number = session.get_one(Receipt, application.receipt_id).number
    own = next(one for one in found if one["recipient"] == "a@example.jp")
    assert own["subject"] == "会場の変更"
    assert own["body"].startswith("会場を変えます。\n")
    for words in (number, link_of(session, number), workshop.title, "広聴係"):
        assert words in own["body"]
    assert len({one["body"] for one in found}) == 2
    line = letters_of(session, workshop.id)[0]
    assert (line.mailed, line.unmailed) == (2, 1)
    assert len(to_be_called(session, letter)) == 1


def test_a_job_that_runs_again_sends_nothing_again(app, session, workshop, actor):
    pool = make_pool(session, workshop)
    for number in range(3):
        make_registration(session, pool, sender=person(f"p{number}@example.jp"))
    letter = send(app, session, write(session, workshop, actor))
    job = session.get_one(Job, letter.job_id)
    letter.finished_at = None
    job.state, job.lease_until = JobState.QUEUED, None
    session.commit()
    run_pending(app)
    session.expire_all()
    assert session.get_one(WorkshopLetter, letter.id).finished_at is not None
    assert len(mails(session)) == 3


def test_a_letter_of_a_day_reaches_who_comes_on_it(app, session, workshop, actor):
    one, two = workshop.days
    whole = make_pool(session, workshop)
    first, second = make_pool(session, workshop, day=one), make_pool(session, workshop, day=two)
    make_registration(session, whole, sender=person("whole@example.jp"))
    make_registration(session, first, sender=person("first@example.jp"))
    make_registration(session, second, sender=person("second@example.jp"))
    send(app, session, write(session, workshop, actor, day_id=two.id))
    assert sorted(m["recipient"] for m in mails(session)) == [
        "second@example.jp",
        "whole@example.jp",
    ]


def test_childcare_alone_makes_nobody_a_recipient(session, workshop):
    venue = make_pool(session, workshop, day=workshop.days[0])
    childcare = make_pool(session, workshop, day=workshop.days[0], kind=SeatKind.CHILDCARE)
    waits = make_registration(session, venue, status=S.WAITLISTED)
    application = session.get_one(Application, waits.application_id)
    make_registration(session, childcare, application=application)
    assert reach_of(session, workshop.id, day_id=None, statuses=[S.CONFIRMED]).applications == 0
    assert reach_of(session, workshop.id, day_id=None, statuses=[S.WAITLISTED]).applications == 1


def test_who_registers_afterwards_does_not_get_it(app, session, workshop, actor):
    pool = make_pool(session, workshop)
    make_registration(session, pool, sender=person("early@example.jp"))
    letter = write(session, workshop, actor)
    make_registration(session, pool, sender=person("late@example.jp"))
    send(app, session, letter)
    assert [one["recipient"] for one in mails(session)] == ["early@example.jp"]


def test_an_address_that_mail_refuses_stops_nobody(app, session, workshop, actor):
    pool = make_pool(session, workshop)
    make_registration(session, pool, sender=person("no address"))
    make_registration(session, pool, sender=person("good@example.jp"))
    letter = send(app, session, write(session, workshop, actor))
    assert letter.finished_at is not None
    line = letters_of(session, workshop.id)[0]
    assert (line.mailed, line.unmailed) == (1, 1)


@pytest.mark.parametrize("subject", ["件名\r\nBcc: all@example.jp", "件名\n", "二\r行", "", "　 "])
def test_a_subject_is_one_line(session, workshop, actor, subject):
    with pytest.raises(InvalidInput):
        write(session, workshop, actor, subject=subject)
    assert session.scalar(select(func.count()).select_from(WorkshopLetter)) == 0


def test_a_title_with_a_wide_blank_is_a_subject(app, session, workshop, actor):
    pool = make_pool(session, workshop)
    make_registration(session, pool, sender=person("a@example.jp"))
    send(app, session, write(session, workshop, actor, subject="「公園　ワークショップ」の変更"))
    assert mails(session)[0]["subject"] == "「公園 ワークショップ」の変更"


def test_a_letter_is_on_record_and_names_nobody(session, workshop, actor):
    make_registration(session, make_pool(session, workshop), sender=person("a@example.jp"))
    letter = write(session, workshop, actor)
    event = session.scalar(
        select(AuditEvent).where(AuditEvent.subject == f"workshop_letter:{letter.id}")
    )
    assert event.action == "workshops.letter.written"
    assert event.department_id == workshop.department_id
    assert event.after["title"] == "会場の変更"
    assert "a@example.jp" not in str(event.after)


def test_nobody_meant_is_an_error(session, workshop, actor):
    with pytest.raises(InvalidInput):
        write(session, workshop, actor, statuses=[])


def test_a_broken_off_letter_is_undone_whole(session, workshop, actor):
    make_registration(session, make_pool(session, workshop))
    session.commit()
    write(session, workshop, actor)
    session.rollback()
    for table in (WorkshopLetter, LetterDelivery, OutboxMessage):
        assert session.scalar(select(func.count()).select_from(table)) == 0
