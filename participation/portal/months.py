"""The calendar's arithmetic: months, weeks that begin on Sunday, and how far one may turn."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Self

# So many months before and after this one there are pages; a crawler comes to an end.
REACH = 36
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_WEEKS = calendar.Calendar(firstweekday=calendar.SUNDAY)


@dataclass(frozen=True, order=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month that ``day`` lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the month of ``2026-11``, or None when it is none."""
        found = _MONTH.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found and int(found[1]) else None

    def __str__(self) -> str:
        """Return 2026-11."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    def plus(self, months: int) -> Self:
        """Return the month so many later."""
        year, month = divmod(12 * self.year + self.number - 1 + months, 12)
        return type(self)(year, month + 1)

    def is_near(self, today: date) -> bool:
        """Whether there is a page of it."""
        between = 12 * (self.year - today.year) + self.number - today.month
        return -REACH <= between <= REACH

    def weeks(self) -> list[list[date]]:
        """Return its weeks from Sunday to Saturday, filled with days of the months beside it."""
        return _WEEKS.monthdatescalendar(self.year, self.number)
