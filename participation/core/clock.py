"""The one clock: UTC inside, Asia/Tokyo for people."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def now() -> datetime:
    """Return this moment as an aware datetime in UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Return the same moment on a clock in Japan. ``moment`` must be aware."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return moment.astimezone(TOKYO)


def local_date(moment: datetime) -> date:
    """Return the calendar day in Japan at ``moment``: the day that deadlines and terms mean."""
    return local(moment).date()
