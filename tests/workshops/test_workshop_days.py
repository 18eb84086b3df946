"""The days of a workshop: what may be set, what is told when they change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import InvalidInput, StateConflict
from participation.departments.models import Department
from participation.news.models import NewsEvent, NewsItem
from participation.workshops.models import (
    LetterKind,
    Workshop,
    WorkshopDay,
    WorkshopLetter,
    WorkshopState,
)
from participation.workshops.services import days
from participation.workshops.services.days import DayTerms
from tests.workshops.arrange import make_pool, make_registration, make_workshop

ACTOR = system_actor("tests")


HOURS = timedelta(hours=2)


SECRET_LINK = "https://meeting.example.jp/9876"


@pytest.fixture
def now() -> datetime:
    return clock.now()


def add(
    session: Session, workshop: Workshop, *terms: DayTerms, **more: object
) -> list[WorkshopDay]:
    values = {"version": workshop.version, "actor": ACTOR, "now": clock.now(), **more}
    return days.add_days(session, workshop, terms, **values)  # type: ignore[arg-type]


def at(day: int, hour: int = 5) -> datetime:
    return datetime(2027, 1, day, hour, tzinfo=UTC)


def test_days_set_the_first_the_last_and_the_year(session: Session, department: Department) -> None:
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING, days=0)
    first, last = DayTerms(at(9), at(9) + HOURS), DayTerms(at(20, 12), at(20, 15))
    added = add(session, workshop, last, first)
    # 20 January 21:00 to 24:00 in Japan ends on the 20th.
    assert [workshop.first_day, workshop.last_day] == [clock.local_date(at(9)), at(20).date()]
    assert workshop.fiscal_year == 2026
    days.remove_day(
        session, workshop, added[1], version=workshop.version, actor=ACTOR, now=clock.now()
    )
    assert workshop.first_day == at(20).date()


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (DayTerms(at(9), at(9)), "ends"),
        (DayTerms(at(9), at(11)), "ends"),
        (DayTerms(at(9), at(9) + HOURS, at_venue=False), "at_venue"),
        (DayTerms(at(9), at(9) + HOURS, latitude="35.4"), "latitude"),
        (DayTerms(at(9), at(9) + HOURS, latitude="北緯35", longitude="139"), "latitude"),
        (DayTerms(at(9), at(9) + HOURS, latitude="35", longitude="181"), "longitude"),
    ],
)
def test_a_day_that_cannot_be_is_refused(
    session: Session, department: Department, terms: DayTerms, field: str
) -> None:
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING, days=0)
    with pytest.raises(InvalidInput) as error:
        add(session, workshop, terms)
    assert error.value.field == field


def test_the_same_meeting_twice_is_refused(session: Session, department: Department) -> None:
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING, days=0)
    day = DayTerms(at(9), at(9) + HOURS, venue="市役所")
    with pytest.raises(InvalidInput, match="同じ日時"):
        add(session, workshop, day, day)
    assert add(session, workshop, day, replace(day, venue="公民館"))


def test_how_to_join_online_is_encrypted_and_stays_out_of_the_log(
    session: Session, department: Department
) -> None:
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING, days=0)
    (day,) = add(
        session,
        workshop,
        DayTerms(at(9), at(9) + HOURS, online=True, online_access=SECRET_LINK),
    )
    session.expire(day)
    assert SECRET_LINK not in (day.online_access or "")
    assert days.online_access(session, day) == SECRET_LINK
    assert SECRET_LINK not in str(session.scalars(select(AuditEvent.after)).all())


def test_a_seen_day_changes_with_a_notice_and_a_letter(
    session: Session, department: Department, now: datetime
) -> None:
    workshop = make_workshop(session, department)
    make_registration(session, make_pool(session, workshop))
    (day,) = workshop.days
    same = days.terms_of(session, day)
    common = {"version": workshop.version, "actor": ACTOR, "now": now}
    assert not days.change_day(session, workshop, day, same, **common)  # type: ignore[arg-type]
    # What nobody sets out for needs no notice.
    assert days.change_day(session, workshop, day, replace(same, note="受付は30分前"), **common)  # type: ignore[arg-type]
    moved = replace(days.terms_of(session, day), venue="中央公民館")
    common["version"] = workshop.version
    with pytest.raises(InvalidInput) as error:
        days.change_day(session, workshop, day, moved, **common)  # type: ignore[arg-type]
    assert error.value.field == "notice"
    days.change_day(session, workshop, day, moved, notice="会場が変わります。", **common)  # type: ignore[arg-type]
    assert workshop.notices[-1].text == "会場が変わります。"
    assert session.scalars(select(NewsItem.event)).all() == [NewsEvent.CHANGED]
    assert session.scalars(select(WorkshopLetter)).one().kind is LetterKind.CHANGED


def test_a_seen_day_is_not_removed_and_a_cancelled_one_not_changed(
    session: Session, department: Department, now: datetime
) -> None:
    workshop = make_workshop(session, department, days=2)
    first = workshop.days[0]
    with pytest.raises(StateConflict, match="中止"):
        days.remove_day(session, workshop, first, version=workshop.version, actor=ACTOR, now=now)
    first.stop_reason = "台風のため"
    session.flush()
    with pytest.raises(StateConflict, match="中止した日"):
        days.change_day(
            session,
            workshop,
            first,
            days.terms_of(session, first),
            version=workshop.version,
            actor=ACTOR,
            now=now,
        )


def test_who_saw_an_older_version_changes_nothing(session: Session, department: Department) -> None:
    workshop = make_workshop(session, department, state=WorkshopState.PREPARING, days=0)
    with pytest.raises(StateConflict):
        add(session, workshop, DayTerms(at(9), at(9) + HOURS), version=workshop.version + 1)
