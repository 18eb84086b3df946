"""National holidays as the law has them, the city's closed days, and days without office."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from participation.city import services
from participation.city.models import ClosedDay
from participation.city.office_days import NamedDay, named_days, why_closed
from participation.core.actors import system_actor

ONE, NOW = timedelta(days=1), datetime(2026, 11, 1, tzinfo=UTC)
# From 2022 on the law is as it stands today; the years before had moved and single holidays.
YEARS = st.integers(2022, 2098)
DAYS = st.dates(date(2022, 1, 1), date(2098, 12, 31))
# 国民の祝日に関する法律2条: days of the calendar, and the nth Monday of a month.
FIXED = {
    (1, 1): "元日",
    (2, 11): "建国記念の日",
    (2, 23): "天皇誕生日",
    (4, 29): "昭和の日",
    (5, 3): "憲法記念日",
    (5, 4): "みどりの日",
    (5, 5): "こどもの日",
    (8, 11): "山の日",
    (11, 3): "文化の日",
    (11, 23): "勤労感謝の日",
}
MONDAYS = {1: (2, "成人の日"), 7: (3, "海の日"), 9: (3, "敬老の日"), 10: (2, "スポーツの日")}
EQUINOXES = {"春分の日": (3, 19, 21), "秋分の日": (9, 22, 24)}
SUNDAY, SATURDAY = 6, 5
FEW = settings(
    max_examples=25,
)


def days_of_article_2(named: Mapping[date, NamedDay], year: int) -> dict[date, str]:
    """The holidays that article 2 names, the equinoxes where astronomy allows them."""
    found = {date(year, month, day): name for (month, day), name in FIXED.items()}
    for month, (nth, name) in MONDAYS.items():
        first = date(year, month, 1)
        found[first + timedelta(days=-first.weekday() % 7 + 7 * (nth - 1))] = name
    for name, (month, earliest, latest) in EQUINOXES.items():
        (day,) = [day for day, one in named.items() if one.holiday == name and day.year == year]
        assert date(year, month, earliest) <= day <= date(year, month, latest)
        found[day] = name
    return found


def rests_by_article_3(holidays: dict[date, str]) -> set[date]:
    """Substitutes for Sundays (3条2項), then days between two holidays (3条3項)."""
    rests = set()
    for day in holidays:
        if day.weekday() == SUNDAY:
            while day in holidays:
                day += ONE  # noqa: PLW2901 -- the first day after it that is none
            rests.add(day)
    between = {day + ONE for day in holidays if day + 2 * ONE in holidays}
    return rests | (between - holidays.keys())


@FEW
@given(year=YEARS)
def test_a_year_has_the_holidays_of_the_law_and_no_others(session: Session, year: int) -> None:
    named = named_days(session, date(year, 1, 1), date(year, 12, 31))
    article_2 = days_of_article_2(named, year)
    assert named.keys() == article_2.keys() | rests_by_article_3(article_2)
    assert {day: named[day].holiday for day in article_2} == article_2
    assert all(one.holiday and not one.closed for one in named.values())


def test_a_substitute_and_a_day_between_are_holidays(session: Session) -> None:
    # 3 May 2026 is a Sunday; 21 and 23 September are holidays with a day between them.
    spring = named_days(session, date(2026, 5, 6), date(2026, 5, 7))
    assert list(spring) == [date(2026, 5, 6)]
    assert "振替休日" in spring[date(2026, 5, 6)].holiday
    assert why_closed(session, date(2026, 9, 22)) == "国民の休日"


@FEW
@given(first=DAYS, length=st.integers(0, 120), closed=st.sets(st.integers(-5, 125), max_size=8))
def test_only_days_of_the_span_are_named_each_with_what_it_is(
    session: Session, first: date, length: int, closed: set[int]
) -> None:
    last = first + timedelta(days=length)
    labels = {first + timedelta(days=number): f"休み{number}" for number in closed}
    close(session, labels)
    named = named_days(session, first, last)
    assert list(named) == sorted(named)
    assert all(first <= day <= last for day in named)
    for number in range(length + 1):
        day = first + timedelta(days=number)
        alone = named_days(session, day, day)
        assert named.get(day) == alone.get(day)
        assert named.get(day, NamedDay()).closed == labels.get(day, "")


@FEW
@given(day=DAYS, closed=st.sets(st.integers(-3, 3)))
def test_offices_rest_on_weekends_holidays_and_closed_days_only(
    session: Session, day: date, closed: set[int]
) -> None:
    labels = {day + timedelta(days=number): "市の休み" for number in closed}
    close(session, labels)
    reason = why_closed(session, day)
    named = named_days(session, day, day)
    assert bool(reason) == (day in named or day.weekday() >= SATURDAY)
    if 0 in closed:
        assert reason == "市の休み"
    elif (day.month, day.day) in FIXED:
        assert reason == FIXED[day.month, day.day]
    elif day not in named and day.weekday() >= SATURDAY:
        assert reason == ("日曜日" if day.weekday() == SUNDAY else "土曜日")


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 2), ""),
        (date(2026, 11, 3), "文化の日"),
        (date(2026, 11, 7), "土曜日"),
        (date(2026, 11, 8), "日曜日"),
        (date(2027, 1, 1), "元日"),
        (date(2026, 12, 29), "年末年始の休み"),
    ],
)
def test_the_reason_is_said(session: Session, day: date, reason: str) -> None:
    closed = date(2026, 12, 29)
    services.add_closed_day(session, closed, "年末年始の休み", actor=system_actor("tests"), now=NOW)
    assert why_closed(session, day) == reason


def close(session: Session, labels: dict[date, str]) -> None:
    """Let these be the city's closed days, and no others."""
    session.execute(delete(ClosedDay))
    session.add_all(ClosedDay(day=day, label=label) for day, label in labels.items())
    session.flush()
    session.expire_all()
