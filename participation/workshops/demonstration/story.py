"""One event of the demo while it is told: its people, its days, its seats."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from participation.core import clock
from participation.core.actors import Actor
from participation.workshops.models import SeatKind, SeatPool, Workshop, WorkshopDay
from participation.workshops.moments import moment


@dataclass(frozen=True)
class People:
    """Who acts for a department: its own people where it has some, else the system."""

    writer: Actor
    checker: Actor


@dataclass
class Story:
    """One event while it is told."""

    workshop: Workshop
    told: dict[str, Any]
    people: People
    days: list[WorkshopDay]
    pools: dict[tuple[int | None, SeatKind], SeatPool] = field(default_factory=dict)
    applications: list[int] = field(default_factory=list)  # ids, as they came


class Days:
    """Days and hours as the file tells them: counted from today, in Japan."""

    def __init__(self, now: datetime) -> None:
        """Count from the day of ``now``."""
        self.now = now
        self.today = clock.local_date(now)

    def day(self, offset: int) -> date:
        """Return the day so many days from today."""
        return self.today + timedelta(days=offset)

    def at(self, offset: int, clock_time: str) -> datetime:
        """Return an hour of a day."""
        return moment(self.day(offset), clock_time, field="day")
