"""The arithmetic of the calendar: months, weeks, and what stands under a day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.core import clock
from participation.core.occasions import Occasion, OccasionState
from participation.portal.entries import Mark, entries_by_day, last_day_of, time_of
from participation.portal.months import REACH, Month

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(DAYS)
def test_the_weeks_of_a_month_are_whole_and_hold_each_of_its_days_once(day: date):
    month = Month.of(day)
    days = [one for week in month.weeks() for one in week]
    assert all(len(week) == 7 and week[0].isoweekday() == 7 for week in month.weeks())
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert next(one for one in days if Month.of(one) == month) == month.first
    assert month.last in days
    assert (month.last + timedelta(days=1)).day == 1


@given(DAYS, st.integers(-60, 60))
def test_turning_there_and_back_is_the_same_month(day: date, by: int):
    month = Month.of(day)
    assert month.plus(by).plus(-by) == month
    assert Month.parse(str(month)) == month
    assert month.plus(by).is_near(day) == (abs(by) <= REACH)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "0000-01", "２０２６-01", "x"])
def test_what_is_no_month_is_none(text: str):
    assert Month.parse(text) is None


def occasion(**values) -> Occasion:
    return Occasion(
        **{
            "ref": "x:1",
            "part": "",
            "kind": "x",
            "kind_label": "",
            "title": "題名",
            "department_id": None,
            "state": OccasionState.OPEN,
            "state_label": "受付中",
            "url": "/x",
            "when": "",
            **values,
        }
    )


@given(
    st.integers(0, 150 * 24 * 60),
    st.integers(1, 4 * 24 * 60),
)
def test_a_meeting_stands_under_every_day_that_it_touches_and_no_other(start, minutes):
    starts_at = datetime(2023, 12, 1, tzinfo=UTC) + timedelta(minutes=start)
    ends_at = starts_at + timedelta(minutes=minutes)
    one = occasion(starts_at=starts_at, ends_at=ends_at)
    first, last = date(2024, 2, 1), date(2024, 2, 29)
    found = entries_by_day([one], [], first, last)
    for number in range(29):
        day = first + timedelta(days=number)
        begin = datetime.combine(day, datetime.min.time(), clock.TOKYO)
        touched = starts_at < begin + timedelta(days=1) and ends_at > begin
        assert (day in found) == touched
    assert set(found) <= {first + timedelta(days=number) for number in range(29)}


@pytest.mark.parametrize(
    ("closes_at", "day", "time"),
    [
        (datetime(2024, 2, 29, 15, 0, tzinfo=UTC), date(2024, 2, 29), ""),
        (datetime(2024, 2, 29, 14, 59, tzinfo=UTC), date(2024, 2, 29), "23:59"),
        (datetime(2024, 2, 29, 8, 30, tzinfo=UTC), date(2024, 2, 29), "17:30"),
        (datetime(2024, 2, 29, 15, 1, tzinfo=UTC), date(2024, 3, 1), "00:01"),
    ],
)
def test_midnight_ends_the_day_before(closes_at, day, time):
    assert (last_day_of(closes_at), time_of(closes_at)) == (day, time)


def test_marks_stand_above_the_meetings_of_their_day():
    day = date(2024, 2, 29)
    meeting = occasion(
        ref="x:1",
        starts_at=datetime(2024, 2, 29, 0, tzinfo=UTC),
        ends_at=datetime(2024, 2, 29, 3, tzinfo=UTC),
    )
    period = occasion(ref="x:2", first_day=day, last_day=day, opening_label="募集開始")
    closing = occasion(ref="x:3", closes_at=datetime(2024, 2, 29, 15, tzinfo=UTC))
    found = entries_by_day([meeting, period], [closing], day, day)[day]
    assert [one.mark for one in found] == [Mark.OPENS, Mark.CLOSES, Mark.HELD]
    assert (found[0].label, found[2].time, found[2].until) == ("募集開始", "09:00", "12:00")


def test_a_cancelled_period_opens_nothing():
    day = date(2024, 2, 29)
    period = occasion(first_day=day, last_day=day, state=OccasionState.CANCELLED)
    assert entries_by_day([period], [], day, day) == {}
