"""Days with a name: national holidays, and those on which the city's offices are closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import jpholiday
from sqlalchemy.orm import Session

from participation.city.queries import closed_days


@dataclass(frozen=True)
class NamedDay:
    """What a day is called; either may be empty."""

    holiday: str = ""  # 勤労感謝の日
    closed: str = ""  # 年末年始の休み


def named_days(session: Session, first: date, last: date) -> Mapping[date, NamedDay]:
    """Return the days of a name from ``first`` to ``last``, both counted; one query."""
    holidays = {day: str(name) for day, name in jpholiday.between(first, last)}
    closed = {one.day: one.label for one in closed_days(session, first, last)}
    return {
        day: NamedDay(holidays.get(day, ""), closed.get(day, ""))
        for day in sorted(holidays.keys() | closed.keys())
    }
