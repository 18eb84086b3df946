"""Days and seats in words, for letters and pages alike."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from participation.core import clock
from participation.core.wareki import format_date
from participation.workshops.labels import SEAT_LABELS
from participation.workshops.models import SeatPool, WorkshopDay

_ONE_DAY = timedelta(days=1)


class Meeting(Protocol):
    """A day of an event, as the database has it or as a form keeps it."""

    @property
    def heading(self) -> str:
        """What it is called beside its date; may be empty."""

    @property
    def starts_at(self) -> datetime:
        """When it begins."""

    @property
    def ends_at(self) -> datetime:
        """When it ends."""


def moment_words(moment: datetime) -> str:
    """Return 令和8年11月22日（日）14:00; the midnight that ends a day is 24:00 of that day."""
    local = clock.local(moment)
    if (local.hour, local.minute) == (0, 0):
        before = local.date() - _ONE_DAY
        return f"{format_date(before)}24:00"
    return f"{format_date(local.date())}{local:%H:%M}"


def day_words(day: Meeting) -> str:
    """Return the heading of a day, if it has one, with its date and hours."""
    starts, ends = clock.local(day.starts_at), clock.local(day.ends_at)
    until = f"{ends:%H:%M}"
    if (ends.hour, ends.minute) == (0, 0) and ends.date() - starts.date() == _ONE_DAY:
        until = "24:00"
    elif ends.date() != starts.date():
        until = f"{format_date(ends.date())}{until}"
    words = f"{format_date(starts.date())}{starts:%H:%M}〜{until}"
    return f"{day.heading} {words}" if day.heading else words


def pool_words(pool: SeatPool, days: Mapping[int, WorkshopDay]) -> str:
    """Return what a pool's seats are: the day, or all days, and 会場, オンライン or 託児."""
    when = "全日程" if pool.day_id is None else day_words(days[pool.day_id])
    return f"{when}（{SEAT_LABELS[pool.kind]}）"


def days_by_id(days: Iterable[WorkshopDay]) -> dict[int, WorkshopDay]:
    """Return days by their ids."""
    return {day.id: day for day in days}
