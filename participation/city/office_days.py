"""Days of the city's offices: national holidays, the city's own closed days, days without office.

The days on which a city's offices rest are set by its 条例 and are Sundays and Saturdays, the
holidays of 国民の祝日に関する法律 and days at the turn of the year (地方自治法4条の2, as
行政機関の休日に関する法律1条1項 has them for the State). Weekends and holidays are worked out here;
what the 条例 adds is data of the city (``ClosedDay``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import jpholiday
from sqlalchemy.orm import Session

from participation.city.queries import closed_days

# By date.weekday(): 土曜日 and 日曜日.
_WEEKEND = {5: "土曜日", 6: "日曜日"}


@dataclass(frozen=True)
class NamedDay:
    """What a day is called; either may be empty."""

    holiday: str = ""  # 勤労感謝の日
    closed: str = ""  # 年末年始の休み


def named_days(session: Session, first: date, last: date) -> Mapping[date, NamedDay]:
    """Return the days of a name from ``first`` to ``last``, both counted; one query.

    National holidays are those of 国民の祝日に関する法律3条: the days of its article 2, the
    substitute for one that falls on a Sunday, and a day between two of them. The equinoxes of later
    years are worked out: the law names no dates for them, and 官報 tells those of a year in the
    February before it.
    """
    holidays = {day: str(name) for day, name in jpholiday.between(first, last)}
    closed = {one.day: one.label for one in closed_days(session, first, last)}
    return {
        day: NamedDay(holidays.get(day, ""), closed.get(day, ""))
        for day in sorted(holidays.keys() | closed.keys())
    }


def why_closed(session: Session, day: date) -> str:
    """Return why the offices are closed on ``day``; empty if they are open.

    The city's own word comes first, then the holiday's name, then the day of the week.
    """
    name = named_days(session, day, day).get(day, NamedDay())
    return name.closed or name.holiday or _WEEKEND.get(day.weekday(), "")
