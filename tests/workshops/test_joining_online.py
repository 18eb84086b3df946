"""How to join online: found by who has a seat online, told when it changes, to nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import system_actor
from participation.jobs.models import Job
from participation.jobs.worker import run_pending
from participation.workshops.models import (
    Application,
    RegistrationStatus,
    SeatKind,
    SignUp,
    WorkshopLetter,
    WorkshopState,
)
from participation.workshops.services import days
from participation.workshops.services.joining import put_online_access
from participation.workshops.services.registering import store_applications
from participation.workshops.services.web_registering import RESIDENT
from tests.factories import make_department, post
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.register_form import begin, filled, receipt_page, url
from tests.workshops.registering import new_application
from tests.workshops.test_application_pages import link_of
from tests.workshops.test_letters import mails, person

S = RegistrationStatus
ACTOR = system_actor("試験")
ACCESS = "参加はこちら：https://meeting.example.jp/j/123?pwd=abc、<b>パスコード</b> 4567"


@pytest.fixture
def workshop(session):
    workshop = make_workshop(
        session, make_department(session), days=2, sign_up=SignUp.EACH_DAY, reminder_days=None
    )
    for day in workshop.days:
        day.online = True
    return workshop


def tell(session, workshop, day, words):
    days.change_day(
        session,
        workshop,
        day,
        replace(days.terms_of(session, day), online_access=words),
        version=workshop.version,
        actor=ACTOR,
        now=clock.now(),
    )
    session.commit()


def page_of(client, session, registration):
    address = link_of(session, registration)
    session.commit()
    return client.get(address)


def test_set_then_changed_each_with_a_seat_online_is_written_to_once(
    app, client, session, workshop
):
    first, second = workshop.days
    online = make_pool(session, workshop, day=first, kind=SeatKind.ONLINE)
    venue = make_pool(session, workshop, day=first)
    other = make_pool(session, workshop, day=second, kind=SeatKind.ONLINE)
    one = make_registration(session, online, sender=person("online@example.jp"))
    make_registration(session, online, sender=person("waits@example.jp"), status=S.WAITLISTED)
    make_registration(session, venue, sender=person("venue@example.jp"))
    make_registration(session, other, sender=person("second@example.jp"))
    assert "まだ決まっていません" in page_of(client, session, one).text
    for number, words in enumerate((ACCESS, ACCESS.replace("4567", "8910")), start=1):
        tell(session, workshop, first, words)
        run_pending(app)
        session.expire_all()
        assert [mail["recipient"] for mail in mails(session)] == ["online@example.jp"] * number
        page = page_of(client, session, one)
        assert words.split()[-1] in page.text
        assert 'href="https://meeting.example.jp/j/123?pwd=abc"' in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"
    # The mail leads there; the words themselves stand in no letter, no record and no job.
    for mail in mails(session):
        assert "meeting.example.jp" not in mail["body"]
        assert "/workshops/application/" in mail["body"]
    kept = [
        *session.scalars(select(WorkshopLetter.body)),
        *map(str, session.scalars(select(AuditEvent.after))),
        *map(str, session.scalars(select(AuditEvent.before))),
        *map(str, session.scalars(select(Job.payload))),
    ]
    assert len(kept) > 4
    assert not any("meeting" in text or "4567" in text for text in kept)
    assert "meeting" not in client.get(f"/workshops/{workshop.id}/").text


def test_nobody_is_written_to_without_a_seat_online_or_before_the_announcement(session, workshop):
    day = workshop.days[0]
    pool = make_pool(session, workshop, day=day)
    make_registration(session, pool, sender=person("venue@example.jp"))
    tell(session, workshop, day, ACCESS)
    make_registration(
        session,
        make_pool(session, workshop, day=day, kind=SeatKind.ONLINE),
        sender=person("online@example.jp"),
    )
    tell(session, workshop, day, "")  # taken away: there is nothing to say yet
    workshop.state = WorkshopState.PREPARING
    tell(session, workshop, day, ACCESS)
    assert session.scalar(select(func.count()).select_from(WorkshopLetter)) == 0


def test_of_a_day_that_is_at_the_venue_alone_nothing_is_told(session):
    workshop = make_workshop(session, make_department(session))
    pool = make_pool(session, workshop, kind=SeatKind.ONLINE)  # of all days
    make_registration(session, pool, sender=person("online@example.jp"))
    tell(session, workshop, workshop.days[0], ACCESS)
    assert session.scalar(select(func.count()).select_from(WorkshopLetter)) == 0


@pytest.mark.parametrize("status", [one for one in S if one is not S.CONFIRMED])
def test_without_a_confirmed_seat_nothing_is_shown(client, session, workshop, status):
    day = workshop.days[0]
    put_online_access(session, day, ACCESS)
    one = make_registration(
        session, make_pool(session, workshop, day=day, kind=SeatKind.ONLINE), status=status
    )
    page = page_of(client, session, one)
    assert page.status_code == 200
    assert "meeting" not in page.text
    assert "オンラインの参加方法" not in page.text


@pytest.mark.parametrize("why", ["over", "day_off", "cancelled", "venue"])
def test_nor_of_what_is_not_joined(client, session, workshop, why):
    day = workshop.days[0]
    put_online_access(session, day, ACCESS)
    kind = SeatKind.VENUE if why == "venue" else SeatKind.ONLINE
    one = make_registration(session, make_pool(session, workshop, day=day, kind=kind))
    if why == "over":
        day.starts_at = clock.now() - timedelta(hours=3)
        day.ends_at = clock.now() - timedelta(minutes=1)
    elif why == "day_off":
        day.stop_reason = "大雨のため"
    elif why == "cancelled":
        workshop.state, workshop.stop_reason = WorkshopState.CANCELLED, "大雨のため"
    assert "meeting" not in page_of(client, session, one).text


def test_the_receipt_shows_it_and_its_mail_says_where(client, session):
    workshop = make_workshop(session, make_department(session))
    workshop.days[0].online = True
    put_online_access(session, workshop.days[0], ACCESS)
    pool = make_pool(session, workshop, kind=SeatKind.ONLINE)
    session.commit()
    sent = post(client, url(workshop), filled(workshop, begin(client, workshop), pool, act="send"))
    _number, _secret, page = receipt_page(client, sent)
    assert "オンラインの参加方法" in page.text
    assert "&lt;b&gt;パスコード&lt;/b&gt; 4567" in page.text
    (mail,) = mails(session)
    assert "オンラインの参加方法も、このページで確かめられます" in mail["body"]
    assert "4567" not in mail["body"]


def test_the_mail_for_the_venue_says_nothing_of_it(session, workshop):
    pool = make_pool(session, workshop, day=workshop.days[0])
    new = new_application(workshop, pool, mail_to="a@example.jp")
    store_applications(session, [new], actor=RESIDENT, now=clock.now())
    assert session.scalar(select(Application.language)) == "ja"
    (mail,) = mails(session)
    assert "オンライン" not in mail["body"]
