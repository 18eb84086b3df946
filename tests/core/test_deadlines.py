"""Deadlines: to the microsecond, in Japan, whatever the server believes its time zone to be."""

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.core.clock import local_date
from participation.core.deadlines import days_inclusive, end_of_day, is_late

ROOT = Path(__file__).resolve().parents[2]
DAYS = st.dates(date(1960, 1, 1), date(2150, 12, 31))
ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue"]


def test_a_day_ends_at_the_midnight_that_opens_the_next():
    end = end_of_day(date(2026, 11, 22))
    assert end == datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    assert end.tzinfo is UTC


def test_one_millisecond_before_is_in_time_and_the_instant_itself_is_late():
    day = date(2026, 11, 22)
    end = end_of_day(day)
    assert not is_late(end - timedelta(milliseconds=1), day)
    assert not is_late(end - timedelta(microseconds=1), day)
    assert is_late(end, day)
    assert is_late(end + timedelta(microseconds=1), day)


def test_a_moment_without_a_zone_cannot_be_judged():
    with pytest.raises(ValueError, match="time zone"):
        is_late(datetime(2026, 11, 22), date(2026, 11, 22))  # noqa: DTZ001


@given(
    DAYS,
    st.integers(-(10**12), 10**12).map(lambda n: timedelta(microseconds=n)),
    st.sampled_from([ZoneInfo(zone) for zone in ZONES] + [timezone(timedelta(hours=-5))]),
)
def test_late_means_another_day_in_japan_in_whatever_zone_the_moment_is_written(day, shift, zone):
    moment = end_of_day(day) + shift
    assert is_late(moment.astimezone(zone), day) == (local_date(moment) > day)
    assert is_late(moment, day) == (shift >= timedelta())


@given(DAYS)
def test_every_day_has_24_hours_and_ends_where_the_next_begins(day):
    assert end_of_day(day) - end_of_day(day - timedelta(days=1)) == timedelta(hours=24)


@pytest.mark.parametrize("zone", ZONES)
def test_the_server_s_time_zone_plays_no_part(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert end_of_day(date(2026, 11, 22)).isoformat() == "2026-11-22T15:00:00+00:00"
        assert is_late(datetime(2026, 11, 22, 15, tzinfo=UTC), date(2026, 11, 22))
        assert not is_late(datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC), date(2026, 11, 22))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_process_started_in_new_york_agrees():
    program = (
        "from datetime import date\n"
        "from participation.core import clock, deadlines\n"
        "print(deadlines.end_of_day(date(2026, 3, 8)).isoformat())\n"
        "print(clock.now().utcoffset(), clock.local(clock.now()).utcoffset())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["2026-03-08T15:00:00+00:00", "0:00:00 9:00:00"]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 4, 1), date(2026, 4, 30), 30),  # 30 days: the least that 39条3項 asks for
        (date(2026, 4, 1), date(2026, 4, 1), 1),
        (date(2028, 2, 1), date(2028, 3, 1), 30),  # leap year
        (date(2027, 2, 1), date(2027, 3, 1), 29),
    ],
)
def test_both_ends_of_a_period_count(start, end, days):
    assert days_inclusive(start, end) == days


@given(DAYS, st.integers(0, 5000))
def test_a_period_as_long_as_it_was_made(start, more):
    assert days_inclusive(start, start + timedelta(days=more)) == more + 1


def test_a_period_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="before"):
        days_inclusive(date(2026, 4, 2), date(2026, 4, 1))
