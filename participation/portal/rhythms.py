"""When a follower is written to: at seven in the morning in Japan, every day or on Mondays."""

from datetime import UTC, datetime, time, timedelta

from participation.core import clock
from participation.portal.models import Rhythm

MORNING = time(7)
_WEEK = 7


def next_letter_at(rhythm: Rhythm, now: datetime) -> datetime:
    """Return the first moment after ``now`` at which a letter is due, in UTC."""
    today = clock.local_date(now)
    for days in range(_WEEK + 1):
        day = today + timedelta(days=days)
        if rhythm is Rhythm.WEEKLY and day.weekday() != 0:
            continue
        moment = datetime.combine(day, MORNING, tzinfo=clock.TOKYO).astimezone(UTC)
        if moment > now:
            return moment
    raise AssertionError("a week has a Monday")
