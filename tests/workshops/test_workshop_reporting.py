"""Workshops in the yearly report: what was held with how many people, what was stopped and why."""

from datetime import timedelta

import pytest

from participation.core import clock
from participation.core.actors import Role
from participation.core.fiscal_year import fiscal_year_of
from participation.reports.models import Round
from participation.workshops.models import Attendance, CheckInWay, WorkshopState
from participation.workshops.reporting import WorkshopActivities, planned
from tests.factories import make_user, sign_in
from tests.workshops.arrange import make_pool, make_registration, make_workshop


def activity(session, workshop):
    session.flush()
    found = WorkshopActivities().activities(session, workshop.fiscal_year)
    return next(one for one in found if one.ref == f"workshop:{workshop.id}")


def test_held_on_two_days(session, department):
    workshop = make_workshop(
        session, department, days=2, starts_at=clock.now() - timedelta(days=20), title="公園の会"
    )
    pool = make_pool(session, workshop)
    for people in (2, 3):
        one = make_registration(session, pool, seats=people)
        for day in workshop.days:
            session.add(
                Attendance(
                    day_id=day.id,
                    application_id=one.application_id,
                    people=people,
                    way=CheckInWay.HAND,
                    at=clock.now(),
                )
            )
    workshop.days[1].walk_ins = 1
    found = activity(session, workshop)
    assert found.result == "「公園の会」を開催した（2回、延べ11人、実人数6人）。"
    assert found.plan == "「公園の会」を開催する。"
    assert dict(found.figures) == {"times": 2, "people": 11, "distinct": 6}
    assert found.kind == "workshop_event"
    assert found.day == clock.local_date(workshop.days[1].starts_at)


def test_not_held_yet(session, department):
    found = activity(session, make_workshop(session, department, title="これからの会"))
    assert found.result == ""
    assert found.plan == "「これからの会」を開催する。"


def test_held_without_a_count(session, department):
    workshop = make_workshop(session, department, starts_at=clock.now() - timedelta(days=3))
    assert activity(session, workshop).result.endswith("ワークショップ」を開催した。")


def test_kind_has_its_own_verb(session, department):
    workshop = make_workshop(
        session,
        department,
        kind="group_interview",
        title="聞き取り",
        starts_at=clock.now() - timedelta(days=3),
    )
    found = activity(session, workshop)
    assert found.result == "「聞き取り」を実施した。"
    assert found.plan == "「聞き取り」を実施する。"


def test_cancelled_and_postponed_say_why(session, department):
    cancelled = make_workshop(
        session,
        department,
        state=WorkshopState.CANCELLED,
        title="夏の会",
        stop_reason="大雨のため。",
    )
    found = activity(session, cancelled)
    assert found.result == "「夏の会」は、大雨のため、中止とした。"
    assert found.plan == ""
    postponed = make_workshop(session, department, state=WorkshopState.POSTPONED, title="秋の会")
    assert activity(session, postponed).result.endswith("延期とした。")
    half = make_workshop(
        session,
        department,
        days=2,
        starts_at=clock.now() - timedelta(days=3),
        state=WorkshopState.CANCELLED,
        title="冬の会",
        stop_reason="大雪のため",
    )
    assert activity(session, half).result == (
        "「冬の会」を開催した。残りの回は、大雪のため、中止とした。"
    )


def test_prepared_in_secret_is_only_a_plan(session, department):
    workshop = make_workshop(
        session,
        department,
        state=WorkshopState.PREPARING,
        starts_at=clock.now() - timedelta(days=3),
    )
    assert activity(session, workshop).result == ""


@pytest.mark.parametrize(
    ("verb", "present"),
    [
        ("を開催した", "を開催する"),
        ("を行った", "を行う"),
        ("を開いた", "を開く"),
        ("を設けた", "を設ける"),
        ("です", "を開催する"),
    ],
)
def test_tenses(verb, present):
    assert planned(verb) == present


def test_departments_draft_from_it(client, session, department):
    now = clock.now()
    workshop = make_workshop(
        session, department, starts_at=now - timedelta(days=1), title="下書きになる会"
    )
    year = fiscal_year_of(clock.local_date(now))
    workshop.fiscal_year = year
    session.add(Round(fiscal_year=year, opened_at=now))
    session.commit()
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    text = client.get("/staff/reports/activities").text
    assert "下書きになる会" in text
    assert "ワークショップ・市民会議・説明会など" in text
