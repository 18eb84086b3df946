"""Days on which a series of meetings pauses: national holidays and the city's closed days."""

from collections.abc import Callable
from datetime import date, timedelta

import jpholiday
from sqlalchemy.orm import Session

from participation.city import queries as city
from participation.workshops.recurrence import LONGEST_YEARS


def closed_on(session: Session, first: date) -> Callable[[date], bool]:
    """Return whether a day, from ``first`` on, is a national holiday or a closed day of the city.

    National holidays are those of 国民の祝日に関する法律, substitute holidays included.
    """
    last = first + timedelta(days=366 * LONGEST_YEARS)
    closed = {one.day for one in city.closed_days(session, first, last)}
    return lambda day: day in closed or jpholiday.is_holiday(day)
