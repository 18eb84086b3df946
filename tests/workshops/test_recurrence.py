"""Days that come again: weekdays, the same place of every month, month ends, leap days, no DST."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from participation.city.models import ClosedDay
from participation.core import clock
from participation.core.errors import InvalidInput
from participation.workshops.moments import day_and_time, moment
from participation.workshops.recurrence import MOST, Pattern, Recurrence, days_of, nth_in_month
from participation.workshops.services.closed_days import closed_on

DAYS = st.dates(date(2020, 1, 1), date(2080, 12, 31))
COUNTS = st.integers(1, 24)


def keep_all(_day):
    return False


@given(first=DAYS, count=st.integers(1, MOST), pattern=st.sampled_from([1, 2]))
def test_weeks_keep_their_weekday_and_distance(first, count, pattern):
    rule = Pattern.WEEKLY if pattern == 1 else Pattern.FORTNIGHTLY
    found = days_of(Recurrence(rule, first, count=count), skips=keep_all)
    assert found == tuple(first + timedelta(days=7 * pattern * number) for number in range(count))


@given(first=DAYS, count=COUNTS)
def test_the_weekday_of_a_month_keeps_its_place(first, count):
    found = days_of(Recurrence(Pattern.MONTH_WEEKDAY, first, count=count), skips=keep_all)
    assert found[0] == first
    nth = nth_in_month(first)
    for number, day in enumerate(found):
        months = first.month - 1 + number
        assert (day.year, day.month) == (first.year + months // 12, months % 12 + 1)
        assert day.weekday() == first.weekday()
        if nth == -1:
            assert day.day + 7 > monthrange(day.year, day.month)[1]
        else:
            assert (day.day - 1) // 7 + 1 == nth


@given(first=DAYS, count=COUNTS)
def test_the_day_of_a_month_is_the_same_or_the_month_has_ended(first, count):
    found = days_of(Recurrence(Pattern.MONTH_DAY, first, count=count), skips=keep_all)
    for number, day in enumerate(found):
        months = first.month - 1 + number
        assert (day.year, day.month) == (first.year + months // 12, months % 12 + 1)
        assert day.day == min(first.day, monthrange(day.year, day.month)[1])


def test_month_ends_and_the_leap_day():
    rule = Recurrence(Pattern.MONTH_DAY, date(2027, 12, 31), until=date(2028, 4, 30))
    assert [day.isoformat() for day in days_of(rule, skips=keep_all)] == [
        "2027-12-31",
        "2028-01-31",
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
    ]
    leap = Recurrence(Pattern.MONTH_DAY, date(2028, 2, 29), until=date(2029, 2, 28))
    assert days_of(leap, skips=keep_all)[-1] == date(2029, 2, 28)


@given(first=DAYS, pattern=st.sampled_from(Pattern), days=st.integers(0, 400))
def test_up_to_a_day_is_what_so_many_times_gives(first, pattern, days):
    until = first + timedelta(days=days)
    found = days_of(Recurrence(pattern, first, until=until), skips=keep_all)
    assert found[-1] <= until
    assert found == days_of(Recurrence(pattern, first, count=len(found)), skips=keep_all)


@given(
    first=DAYS,
    pattern=st.sampled_from(Pattern),
    count=st.integers(1, 12),
    closed=st.sets(st.integers(0, 200)),
)
def test_closed_days_fall_out_and_later_ones_follow(first, pattern, count, closed):
    out = {first + timedelta(days=number) for number in closed}
    found = days_of(Recurrence(pattern, first, count=count), skips=lambda day: day in out)
    assert len(found) == count
    assert not set(found) & out
    assert list(found) == sorted(set(found))
    every = days_of(Recurrence(pattern, first, until=found[-1]), skips=keep_all)
    assert set(found) == set(every) - out


def test_holidays_their_substitutes_and_closed_days_fall_out(session: Session) -> None:
    # 5 May 2024 is a Sunday and a holiday, the Monday after it its substitute.
    session.add(ClosedDay(day=date(2024, 5, 20), label="創立記念日"))
    session.flush()
    weekly = Recurrence(Pattern.WEEKLY, date(2024, 4, 29), until=date(2024, 5, 27))
    assert [day.isoformat() for day in days_of(weekly, skips=closed_on(session, weekly.first))] == [
        "2024-05-13",
        "2024-05-27",
    ]


def test_weekends_do_not_pause_a_series(session: Session) -> None:
    sundays = Recurrence(Pattern.WEEKLY, date(2024, 4, 28), count=3)
    assert [
        day.isoformat() for day in days_of(sundays, skips=closed_on(session, sundays.first))
    ] == [
        "2024-04-28",
        "2024-05-12",
        "2024-05-19",
    ]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Recurrence(Pattern.WEEKLY, date(2026, 1, 1)), "until"),
        (Recurrence(Pattern.WEEKLY, date(2026, 1, 1), date(2026, 2, 1), 3), "until"),
        (Recurrence(Pattern.WEEKLY, date(2026, 1, 1), until=date(2025, 12, 31)), "until"),
        (Recurrence(Pattern.WEEKLY, date(2026, 1, 1), until=date(2029, 1, 2)), "until"),
        (Recurrence(Pattern.WEEKLY, date(2026, 1, 1), until=date(2028, 1, 1)), "until"),
        (Recurrence(Pattern.WEEKLY, date(2026, 1, 1), count=0), "count"),
        (Recurrence(Pattern.WEEKLY, date(2026, 1, 1), count=MOST + 1), "count"),
    ],
)
def test_a_rule_without_a_usable_end_is_refused(rule, field):
    with pytest.raises(InvalidInput) as error:
        days_of(rule, skips=keep_all)
    assert error.value.field == field


def test_when_every_day_is_closed_nothing_is_made_up():
    with pytest.raises(InvalidInput, match="足りません"):
        days_of(Recurrence(Pattern.WEEKLY, date(2026, 1, 1), count=2), skips=lambda _day: True)


@given(day=DAYS, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_time_in_japan_is_nine_hours_ahead_all_year(day, hour, minute):
    at = moment(day, f"{hour}:{minute:02}", field="starts")
    local = clock.local(at)
    assert (local.date(), local.hour, local.minute) == (day, hour, minute)
    assert local.utcoffset() == timedelta(hours=9)


@given(day=DAYS)
def test_24_o_clock_is_the_midnight_that_ends_the_day(day):
    at = moment(day, "24:00", field="ends")
    assert at == moment(day + timedelta(days=1), "0:00", field="starts")
    assert day_and_time(at) == (day, "24:00")


@pytest.mark.parametrize("typed", ["", "25:00", "24:01", "9", "9:5", "１４時", "9:60"])
def test_what_is_no_time_is_refused(typed):
    with pytest.raises(InvalidInput, match="時刻"):
        moment(date(2026, 1, 1), typed, field="starts")


def test_full_width_digits_are_read():
    assert moment(date(2026, 1, 1), "１４：０５", field="starts") == moment(
        date(2026, 1, 1), "14:05", field="starts"
    )
