"""An occasion as a line or a card shows it."""

from dataclasses import dataclass
from datetime import date, datetime

from participation.core import clock
from participation.core.deadlines import days_inclusive
from participation.core.occasions import Occasion, OccasionState
from participation.portal.entries import last_day_of
from participation.portal.views.narrowing import Narrowing
from participation.portal.views.speech import deadline_words

# A deadline is near on its day and the six before.
SOON_DAYS = 7
TONES = {
    OccasionState.COMING: "info",
    OccasionState.OPEN: "success",
    OccasionState.FULL: "warning",
    OccasionState.CLOSED: "neutral",
    OccasionState.OVER: "neutral",
    OccasionState.DECIDED: "info",
    OccasionState.POSTPONED: "warning",
    OccasionState.CANCELLED: "warning",
}


@dataclass(frozen=True)
class Line:
    """An occasion with the words around it."""

    occasion: Occasion
    department: str
    tone: str
    deadline: str = ""  # in words; empty: none, or passed
    days_left: int | None = None  # with today

    @property
    def closes_soon(self) -> bool:
        """Whether there is little time left to take part."""
        return self.days_left is not None and self.days_left <= SOON_DAYS


def line(one: Occasion, narrowed: Narrowing, now: datetime) -> Line:
    """Return an occasion as it is shown at ``now``."""
    today = clock.local_date(now)
    department = narrowed.department_name(one.department_id, _day_of(one, today))
    tone = TONES[one.state]
    can_take_part = one.state in {OccasionState.OPEN, OccasionState.FULL}
    if one.closes_at is None or one.closes_at <= now or not can_take_part:
        return Line(one, department, tone)
    left = days_inclusive(today, last_day_of(one.closes_at))
    return Line(one, department, tone, deadline_words(one.closes_at), left)


def _day_of(one: Occasion, today: date) -> date:
    return one.first_day or one.decided_on or today
