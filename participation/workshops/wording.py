"""Days and seats in words, for letters and pages alike."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from participation.core.speech import JAPANESE, Speech
from participation.workshops.labels import SEAT_LABELS
from participation.workshops.models import SeatPool, WorkshopDay


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


def moment_words(moment: datetime, say: Speech = JAPANESE) -> str:
    """Return 令和8年11月22日（日）14:00; the midnight that ends a day is 24:00 of that day."""
    return say.moment(moment)


def day_words(day: Meeting, say: Speech = JAPANESE) -> str:
    """Return the heading of a day, if it has one, with its date and hours."""
    words = say.hours(day.starts_at, day.ends_at)
    return f"{day.heading} {words}" if day.heading else words


def pool_words(pool: SeatPool, days: Mapping[int, WorkshopDay], say: Speech = JAPANESE) -> str:
    """Return what a pool's seats are: the day, or all days, and 会場, オンライン or 託児."""
    when = say.gettext("全日程") if pool.day_id is None else day_words(days[pool.day_id], say)
    return say.gettext("%(day)s（%(kind)s）", day=when, kind=say.gettext(SEAT_LABELS[pool.kind]))


def days_by_id(days: Iterable[WorkshopDay]) -> dict[int, WorkshopDay]:
    """Return days by their ids."""
    return {day.id: day for day in days}
