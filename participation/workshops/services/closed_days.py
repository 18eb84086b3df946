"""Days on which a series of meetings pauses: national holidays and the city's closed days."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from participation.city.office_days import named_days
from participation.workshops.recurrence import LONGEST_YEARS


def closed_on(session: Session, first: date) -> Callable[[date], bool]:
    """Return whether a day, from ``first`` on, is a national holiday or a closed day of the city.

    Weekends do not pause a series: many meetings are held on them.
    """
    named = named_days(session, first, first + timedelta(days=366 * LONGEST_YEARS))
    return lambda day: day in named
