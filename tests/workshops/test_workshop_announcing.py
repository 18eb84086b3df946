"""Announcing a workshop: what must be there, and what residents hear of it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.errors import InvalidInput, StateConflict
from participation.departments.models import Department
from participation.news.models import NewsEvent
from participation.workshops.checks import checks_before_announcing, stops
from participation.workshops.models import (
    SignUp,
    WorkshopState,
)
from participation.workshops.queries.workshops import pools_of
from participation.workshops.services import steps
from participation.workshops.services.days import DayTerms, add_days
from participation.workshops.services.opening import tell_openings
from participation.workshops.services.workshops import create_workshop
from tests.workshops.life import ACTOR, FIRST, HOURS, NOW, new, news_of, verbs_of


@pytest.mark.parametrize("sign_up", SignUp)
def test_what_is_complete_is_announced(
    session: Session, department: Department, sign_up: SignUp
) -> None:
    workshop = new(session, department, sign_up=sign_up)
    steps.announce(session, workshop, version=workshop.version, actor=ACTOR, now=NOW)
    assert workshop.state is WorkshopState.ANNOUNCED
    assert workshop.announced_on == clock.local_date(NOW)
    assert news_of(session, workshop) == [NewsEvent.ANNOUNCED]
    assert verbs_of(session, workshop)[-1] == "made_public"


def test_a_new_one_lacks_everything_and_is_not_announced(
    session: Session, department: Department
) -> None:
    workshop = create_workshop(
        session,
        department=department,
        title="説明会",
        kind="briefing",
        sign_up=SignUp.WHOLE,
        year=2026,
        actor=ACTOR,
        now=NOW,
    )
    missing = {one.rule for one in stops(checks_before_announcing(session, workshop, NOW))}
    assert missing == {"description", "days", "seats", "contact"}
    with pytest.raises(InvalidInput, match="日程がありません"):
        steps.announce(session, workshop, actor=ACTOR, now=NOW)
    assert news_of(session, workshop) == []


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda one: setattr(one.days[0], "venue", ""), "venue"),
        (lambda one: setattr(one, "sender_fields", [{"key": "name", "required": True}]), "asks"),
        (lambda one: setattr(one.days[0], "starts_at", FIRST - timedelta(days=3)), "late"),
    ],
)
def test_each_check_finds_its_fault(
    session: Session, department: Department, spoil: object, rule: str
) -> None:
    workshop = new(session, department)
    assert stops(checks_before_announcing(session, workshop, NOW)) == []
    spoil(workshop)  # type: ignore[operator]
    session.flush()
    assert [one.rule for one in stops(checks_before_announcing(session, workshop, NOW))] == [rule]


def test_a_day_without_seats_and_deadlines_that_are_over_are_found(
    session: Session, department: Department
) -> None:
    workshop = new(session, department, sign_up=SignUp.EACH_DAY)
    later = FIRST + timedelta(days=14)
    add_days(
        session,
        workshop,
        [DayTerms(later, later + HOURS, venue="市役所")],
        version=workshop.version,
        actor=ACTOR,
        now=NOW,
    )
    assert [one.rule for one in stops(checks_before_announcing(session, workshop, NOW))] == [
        "seats"
    ]
    rules = {one.rule for one in stops(checks_before_announcing(session, workshop, FIRST))}
    assert {"days", "deadline"} <= rules


def test_what_was_edited_since_it_was_looked_at_is_not_announced(
    session: Session, department: Department
) -> None:
    workshop = new(session, department)
    with pytest.raises(StateConflict):
        steps.announce(session, workshop, version=workshop.version - 1, actor=ACTOR, now=NOW)


def test_the_opening_is_told_once(session: Session, department: Department) -> None:
    workshop = new(session, department)
    early = new(session, department)
    (pool,) = pools_of(session, workshop.id)
    pool.opens_at = NOW + timedelta(days=2)
    session.flush()
    for one in (workshop, early):
        steps.announce(session, one, actor=ACTOR, now=NOW)
    assert tell_openings(session, NOW + timedelta(days=1)) == 0
    opened = NOW + timedelta(days=2)
    assert tell_openings(session, opened) == 1
    assert tell_openings(session, opened + timedelta(minutes=1)) == 0
    assert news_of(session, workshop) == [NewsEvent.ANNOUNCED, NewsEvent.OPENED]
    assert news_of(session, early) == [NewsEvent.ANNOUNCED]
