"""Days that come again: every week, every other week, the same place of every month."""

import enum
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import takewhile

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

from participation.core.errors import InvalidInput

MOST = 60
LONGEST_YEARS = 3
_WEEK = 7
_LAST_FULL_WEEK = 4


class Pattern(enum.Enum):
    """How a day comes again; the first day says which weekday or day of the month."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTH_WEEKDAY = "month_weekday"  # 毎月第2土曜日; a fifth one is the last
    MONTH_DAY = "month_day"  # 毎月15日; the month's last day where it has no such day


@dataclass(frozen=True)
class Recurrence:
    """From which day on, how, and how long: up to a day or so many times."""

    pattern: Pattern
    first: date
    until: date | None = None  # included
    count: int | None = None  # of the days that are kept


def days_of(recurrence: Recurrence, *, skips: Callable[[date], bool]) -> tuple[date, ...]:
    """Return the days, the first one included unless it is skipped.

    Args:
        recurrence: the rule.
        skips: whether a day falls out; with a number of times another one follows instead.

    Raises:
        InvalidInput: neither an end nor a number is given, or both; the end lies before the
            beginning or more than three years after it; more than sixty days, or none.

    """
    _check(recurrence)
    found: list[date] = []
    for day in _candidates(recurrence):
        if skips(day):
            continue
        found.append(day)
        if len(found) > MOST:
            raise InvalidInput(f"一度に追加できるのは{MOST}日までです。", field="until")
        if len(found) == recurrence.count:
            break
    if not found or len(found) < (recurrence.count or 1):
        raise InvalidInput(
            "休みの日を除くと、開催する日が足りません。条件を変えてください。",
            field="until" if recurrence.count is None else "count",
        )
    return tuple(found)


def nth_in_month(day: date) -> int:
    """Return which of its weekday in the month a day is, from 1; -1 for a fifth: the last."""
    number = (day.day - 1) // _WEEK + 1
    return -1 if number > _LAST_FULL_WEEK else number


def _candidates(recurrence: Recurrence) -> Iterator[date]:
    first = recurrence.first
    latest = _years_after(first, LONGEST_YEARS)
    end = min(recurrence.until or latest, latest)
    dates = (moment.date() for moment in _rule(recurrence.pattern, first))
    return takewhile(lambda day: day <= end, dates)


def _rule(pattern: Pattern, first: date) -> rrule:
    start = datetime.combine(first, time.min)
    if pattern is Pattern.WEEKLY:
        return rrule(WEEKLY, dtstart=start)
    if pattern is Pattern.FORTNIGHTLY:
        return rrule(WEEKLY, interval=2, dtstart=start)
    if pattern is Pattern.MONTH_WEEKDAY:
        nth = nth_in_month(first)
        # A fifth weekday that is asked for begins with its own day.
        return rrule(MONTHLY, byweekday=weekday(first.weekday(), nth), dtstart=start)
    # The last of the days up to the wanted one that the month has.
    return rrule(MONTHLY, bymonthday=range(1, first.day + 1), bysetpos=-1, dtstart=start)


def _years_after(day: date, years: int) -> date:
    year = day.year + years
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def _check(recurrence: Recurrence) -> None:
    if (recurrence.until is None) == (recurrence.count is None):
        raise InvalidInput(
            "「いつまで」か「回数」のどちらか一方を入力してください。", field="until"
        )
    if recurrence.until is not None and not (
        recurrence.first <= recurrence.until <= _years_after(recurrence.first, LONGEST_YEARS)
    ):
        raise InvalidInput(f"最初の日から{LONGEST_YEARS}年以内の日にしてください。", field="until")
    if recurrence.count is not None and not 1 <= recurrence.count <= MOST:
        raise InvalidInput(f"回数は1から{MOST}までにしてください。", field="count")
