"""What a calendar writes under a day: meetings, and the first and last days of periods."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from participation.core import clock
from participation.core.occasions import STOPPED, Occasion

_MOMENT = timedelta(microseconds=1)


class Mark(enum.Enum):
    """Why something stands under a day."""

    HELD = "held"
    OPENS = "opens"
    CLOSES = "closes"


@dataclass(frozen=True)
class Entry:
    """One line under a day."""

    day: date
    mark: Mark
    occasion: Occasion
    time: str = ""  # 14:00 in Japan; empty: the whole day
    until: str = ""

    @property
    def label(self) -> str:
        """What is to be said beside the title: 意見募集開始, 申込締切, 延期."""
        if self.mark is Mark.OPENS:
            return self.occasion.opening_label
        if self.mark is Mark.CLOSES:
            return self.occasion.closing_label
        return self.occasion.state_label if self.is_stopped else ""

    @property
    def is_stopped(self) -> bool:
        """Whether it does not take place as announced."""
        return self.occasion.state in STOPPED


def entries_by_day(
    held: Iterable[Occasion], closing: Iterable[Occasion], first: date, last: date
) -> Mapping[date, list[Entry]]:
    """Return the lines under each day that has any, marks first and then by the hour.

    Args:
        held: what takes place on any of the days.
        closing: whose last moment falls on any of them.
        first: the first day.
        last: the last day, counted.

    """
    found: dict[date, list[Entry]] = {}
    for entry in (*_closings(closing), *_openings(held), *_meetings(held, first, last)):
        if first <= entry.day <= last:
            found.setdefault(entry.day, []).append(entry)
    return {day: sorted(found[day], key=_order) for day in sorted(found)}


def periods(held: Iterable[Occasion]) -> list[Occasion]:
    """Return what runs over whole days."""
    return [one for one in held if one.starts_at is None]


def last_day_of(closes_at: datetime) -> date:
    """Return the day in Japan on which one can still send: midnight ends the day before."""
    return clock.local_date(closes_at - _MOMENT)


def time_of(closes_at: datetime) -> str:
    """Return the time of a deadline, empty for the end of a day."""
    local = clock.local(closes_at)
    return "" if (local.hour, local.minute) == (0, 0) else f"{local:%H:%M}"


def _order(entry: Entry) -> tuple[bool, str, str, str]:
    return entry.mark is Mark.HELD, entry.time, entry.occasion.ref, entry.occasion.part


def _closings(closing: Iterable[Occasion]) -> Iterable[Entry]:
    for one in closing:
        if one.closes_at is not None:
            yield Entry(last_day_of(one.closes_at), Mark.CLOSES, one, time_of(one.closes_at))


def _openings(held: Iterable[Occasion]) -> Iterable[Entry]:
    for one in periods(held):
        if one.first_day is not None and one.state not in STOPPED:
            yield Entry(one.first_day, Mark.OPENS, one)


def _meetings(held: Iterable[Occasion], first: date, last: date) -> Iterable[Entry]:
    for one in held:
        if one.starts_at is None or one.ends_at is None:
            continue
        begin, end = clock.local(one.starts_at), clock.local(one.ends_at)
        final = last_day_of(one.ends_at)
        until = "24:00" if (end.hour, end.minute) == (0, 0) else f"{end:%H:%M}"
        day = max(begin.date(), first)
        while day <= min(final, last):
            yield Entry(
                day,
                Mark.HELD,
                one,
                f"{begin:%H:%M}" if day == begin.date() else "",
                until if day == final else "",
            )
            day += timedelta(days=1)
