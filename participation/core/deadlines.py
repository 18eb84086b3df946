"""Deadlines: the one place that turns a day in Japan into an instant."""

from datetime import UTC, date, datetime, time, timedelta

from participation.core.clock import TOKYO


def end_of_day(day: date) -> datetime:
    """Return the instant at which ``day`` ends in Japan, in UTC.

    A deadline 「11月22日まで」 runs to 24:00 of that day. 24:00 is the midnight that opens the next
    day, and it is exclusive: a moment before it is in time, the instant itself is late. Counting
    to 23:59:59 instead would lose the last second. The server's own time zone plays no part.
    """
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=TOKYO)
    return midnight.astimezone(UTC)


def is_late(at: datetime, deadline_day: date) -> bool:
    """Whether ``at`` (aware) lies after the end of ``deadline_day`` in Japan.

    Raises:
        ValueError: ``at`` has no time zone, so that nobody can say.

    """
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be held against a deadline")
    return at >= end_of_day(deadline_day)


def days_inclusive(start: date, end: date) -> int:
    """Return how many days run from ``start`` to ``end``, both counted.

    行政手続法39条3項 counts the period for opinions from the day of the notice itself
    (公示の日から起算して30日以上): 1 April to 30 April is 30 days.

    Raises:
        ValueError: ``end`` lies before ``start``.

    """
    if end < start:
        raise ValueError(f"{end} lies before {start}")
    return (end - start).days + 1
