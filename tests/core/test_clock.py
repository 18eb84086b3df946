"""The clock: UTC inside, Japan's calendar outside."""

from datetime import UTC, date, datetime, timedelta

import pytest

from participation.core import clock


def test_now_is_aware_and_is_now():
    before = datetime.now(UTC)
    moment = clock.now()
    assert moment.tzinfo is UTC
    assert timedelta() <= moment - before < timedelta(seconds=5)


def test_the_day_in_japan_begins_nine_hours_early():
    assert clock.local_date(datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert clock.local_date(datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC)) == date(2026, 11, 23)


def test_local_is_the_same_moment():
    moment = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    shown = clock.local(moment)
    assert shown == moment
    assert (shown.hour, shown.minute) == (0, 30)


def test_a_moment_without_a_zone_is_not_guessed():
    with pytest.raises(ValueError, match="time zone"):
        clock.local(datetime(2026, 11, 22))  # noqa: DTZ001
