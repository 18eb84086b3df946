"""Reminders before the day and the letter for the questionnaire: once, and to whom they are for."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from participation.core import clock
from participation.jobs.worker import run_pending
from participation.privacy.crypto import keyring
from participation.workshops.models import (
    Application,
    LetterKind,
    Questionnaire,
    RegistrationStatus,
    SeatKind,
    WorkshopDay,
    WorkshopLetter,
    WorkshopState,
)
from participation.workshops.services.reminders import (
    ask_for_answers,
    remind_due,
    reminder_moment,
)
from tests.factories import make_department
from tests.workshops.arrange import make_pool, make_registration, make_workshop
from tests.workshops.test_letters import mails, person

S = RegistrationStatus
START = datetime(2027, 2, 13, 5, 0, tzinfo=UTC)  # Saturday, 14:00 in Japan
MOMENT = datetime(2027, 2, 10, 0, 0, tzinfo=UTC)  # three days before, 9:00 in Japan
ACCESS = "https://meeting.example.jp/j/123 パスコード 4567"


@pytest.fixture
def workshop(session):
    return make_workshop(
        session, make_department(session), days=2, starts_at=START, belongings="筆記用具"
    )


def test_from_nine_in_the_morning_until_it_begins(session, workshop):
    make_registration(session, make_pool(session, workshop), sender=person("a@example.jp"))
    assert remind_due(session, MOMENT - timedelta(seconds=1)) == 0
    assert remind_due(session, START) == 0
    assert remind_due(session, MOMENT) == 1
    assert remind_due(session, MOMENT + timedelta(hours=1)) == 0  # once
    (sent,) = mails(session)
    assert sent["recipient"] == "a@example.jp"
    body = sent["body"]
    for words in ("令和9年2月13日（土）14:00", "市役所 全員協議会室", "筆記用具", "人数：1人"):
        assert words in body
    assert f"/calendar/workshop/{workshop.id}.ics" in body
    assert "令和9年2月20日" in body  # whole event: all its days
    assert "託児" not in body


def test_the_calendar_file_is_where_the_mail_says(app, workshop):
    adapter = app.url_map.bind("localhost")
    endpoint, values = adapter.match(f"/calendar/workshop/{workshop.id}.ics")
    assert endpoint == "portal.event_ical"
    assert values == {"source": "workshop", "number": workshop.id}


def test_each_day_by_itself(session, workshop):
    first, second = (make_pool(session, workshop, day=day) for day in workshop.days)
    both = make_registration(session, first, sender=person("both@example.jp"))
    application = session.get_one(Application, both.application_id)
    make_registration(session, second, application=application)
    make_registration(session, second, sender=person("second@example.jp"))
    assert remind_due(session, MOMENT) == 1
    assert remind_due(session, MOMENT + timedelta(days=7)) == 2
    assert sorted(one["recipient"] for one in mails(session)) == [
        "both@example.jp",
        "both@example.jp",
        "second@example.jp",
    ]


def test_only_who_has_a_seat_and_an_address(session, workshop):
    pool = make_pool(session, workshop)
    for status in (S.WAITLISTED, S.OFFERED, S.CANCELLED, S.LAPSED):
        make_registration(session, pool, status=status, sender=person("x@example.jp"))
    make_registration(session, pool, sender={"name": "電話 太郎", "phone": "0463"})
    assert remind_due(session, MOMENT) == 0
    assert mails(session) == []


def test_how_to_join_only_for_an_online_seat(session, workshop):
    day = workshop.days[0]
    day.online = True
    day.online_access = keyring(session).encrypt(
        ACCESS, table=WorkshopDay.__tablename__, column="online_access", row=str(day.id)
    )
    make_registration(
        session, make_pool(session, workshop, day=day), sender=person("venue@example.jp")
    )
    online = make_pool(session, workshop, day=day, kind=SeatKind.ONLINE)
    make_registration(session, online, sender=person("online@example.jp"))
    assert remind_due(session, MOMENT) == 2
    bodies = {one["recipient"]: one["body"] for one in mails(session)}
    assert ACCESS in bodies["online@example.jp"]
    assert "meeting.example.jp" not in bodies["venue@example.jp"]
    assert "会場：" not in bodies["online@example.jp"]


def test_childcare_is_told(session, workshop):
    day = workshop.days[0]
    found = make_registration(
        session, make_pool(session, workshop, day=day), sender=person("a@example.jp")
    )
    application = session.get_one(Application, found.application_id)
    care = make_pool(session, workshop, day=day, kind=SeatKind.CHILDCARE)
    make_registration(session, care, application=application, seats=2)
    assert remind_due(session, MOMENT) == 1
    assert "託児：お子さん2人" in mails(session)[0]["body"]


def test_who_is_confirmed_late_is_told_at_once(session, workshop):
    pool = make_pool(session, workshop)
    make_registration(session, pool, sender=person("early@example.jp"))
    assert remind_due(session, MOMENT) == 1
    make_registration(session, pool, sender=person("late@example.jp"))
    assert remind_due(session, START - timedelta(hours=1)) == 1


def test_a_day_that_was_put_off_is_told_again(session, workshop):
    make_registration(session, make_pool(session, workshop), sender=person("a@example.jp"))
    assert remind_due(session, MOMENT) == 1
    workshop.days[0].starts_at += timedelta(days=5)
    workshop.days[0].ends_at += timedelta(days=5)
    session.flush()
    assert remind_due(session, MOMENT + timedelta(days=1)) == 0
    assert remind_due(session, MOMENT + timedelta(days=5)) == 1


@pytest.mark.parametrize("state", [WorkshopState.POSTPONED, WorkshopState.CANCELLED])
def test_nothing_is_held(session, workshop, state):
    make_registration(session, make_pool(session, workshop), sender=person("a@example.jp"))
    workshop.state, workshop.stop_reason = state, "大雨"
    session.flush()
    assert remind_due(session, MOMENT) == 0


def test_a_day_that_is_off_and_no_reminder_wanted(session, workshop):
    pool = make_pool(session, workshop, day=workshop.days[0])
    make_registration(session, pool, sender=person("a@example.jp"))
    workshop.days[0].stop_reason = "大雨"
    session.flush()
    assert remind_due(session, MOMENT) == 0
    workshop.days[0].stop_reason = ""
    workshop.reminder_days = None
    session.flush()
    assert remind_due(session, MOMENT) == 0
    assert reminder_moment(workshop, START) is None


def test_on_the_day_itself_before_an_early_start(workshop):
    workshop.reminder_days = 0
    early = datetime(2027, 2, 12, 23, 0, tzinfo=UTC)  # 8:00 in Japan
    assert reminder_moment(workshop, early) == early - timedelta(hours=3)
    assert reminder_moment(workshop, START) == datetime(2027, 2, 13, 0, 0, tzinfo=UTC)


@pytest.fixture
def held(session):
    """An event that was over an hour ago, with a questionnaire."""
    now = clock.now()
    workshop = make_workshop(session, make_department(session), starts_at=now - timedelta(hours=3))
    pool = make_pool(session, workshop)
    make_registration(session, pool, sender=person("there@example.jp"))
    make_registration(session, pool, status=S.CANCELLED, sender=person("gone@example.jp"))
    session.add(
        Questionnaire(
            workshop_id=workshop.id,
            questions=[],
            opens_at=now - timedelta(hours=2),
            closes_at=now + timedelta(days=7),
            updated_at=now,
        )
    )
    session.flush()
    return workshop


def test_the_questionnaire_is_asked_for_once(app, session, held):
    now = clock.now()
    assert ask_for_answers(session, now) == 1
    assert ask_for_answers(session, now) == 0
    session.commit()
    run_pending(app)
    session.expire_all()
    assert session.scalar(select(WorkshopLetter.kind)) is LetterKind.QUESTIONNAIRE
    (sent,) = mails(session)
    assert sent["recipient"] == "there@example.jp"
    page = f"/workshops/{held.id}/questionnaire/"
    assert page in sent["body"]
    adapter = app.url_map.bind("localhost")
    assert adapter.match(page)[0] == "workshops_public.questionnaire"


def test_not_before_the_end_nor_long_after(session, held):
    now = clock.now()
    assert ask_for_answers(session, held.days[0].ends_at - timedelta(minutes=1)) == 0
    held.last_day = clock.local_date(now - timedelta(days=20))
    session.flush()
    assert ask_for_answers(session, now) == 0
    assert session.scalar(select(func.count()).select_from(WorkshopLetter)) == 0
