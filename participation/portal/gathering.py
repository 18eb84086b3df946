"""What all sources say, put in one order; no source is known here by its name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.deadlines import end_of_day
from participation.core.occasions import Occasion, OccasionFilter, OccasionSource

_NEVER = datetime.max.replace(tzinfo=UTC)
_NO_DAY = date.max


@dataclass(frozen=True)
class Gathering:
    """The sources, asked by one reader at one moment."""

    sources: Sequence[OccasionSource]
    session: Session
    wanted: OccasionFilter
    now: datetime

    def open_now(self, limit: int) -> list[Occasion]:
        """Return what one can take part in now, what closes first in front."""
        found = self._from_all(
            source.open_now(self.session, self.wanted, self.now, limit) for source in self.sources
        )
        return sorted(found, key=lambda one: (_last_chance(one), one.ref))[:limit]

    def coming(self, limit: int) -> list[Occasion]:
        """Return what has not opened, by its first moment or day."""
        found = self._from_all(
            source.coming(self.session, self.wanted, self.now, limit) for source in self.sources
        )
        return sorted(found, key=lambda one: (_begin(one), one.ref))[:limit]

    def decided(self, limit: int) -> list[Occasion]:
        """Return what was decided or reported, the latest first."""
        found = self._from_all(
            source.decided(self.session, self.wanted, self.now, limit) for source in self.sources
        )
        return sorted(found, key=lambda one: (one.decided_on or date.min, one.ref), reverse=True)[
            :limit
        ]

    def on_days(self, first: date, last: date) -> list[Occasion]:
        """Return what takes place on any of these days: whole days first, then by the hour."""
        found = self._from_all(
            source.on_days(self.session, first, last, self.wanted, self.now)
            for source in self.sources
        )
        return sorted(found, key=lambda one: (_first_moment(one), one.ref, one.part))

    def closing(self, first: date, last: date) -> list[Occasion]:
        """Return whose last moment to send or to register falls on these days."""
        found = self._from_all(
            source.closing(self.session, first, last, self.wanted, self.now)
            for source in self.sources
        )
        return sorted(found, key=lambda one: (one.closes_at or _NEVER, one.ref))

    @staticmethod
    def _from_all(lists: Iterable[Sequence[Occasion]]) -> list[Occasion]:
        return [one for found in lists for one in found]


def _last_chance(one: Occasion) -> datetime:
    if one.closes_at is not None:
        return one.closes_at
    return end_of_day(one.last_day) if one.last_day is not None else _NEVER


def _begin(one: Occasion) -> date:
    return one.first_day or _NO_DAY


def _first_moment(one: Occasion) -> datetime:
    if one.starts_at is not None:
        return one.starts_at
    day = one.first_day or _NO_DAY
    return datetime.combine(day, time(tzinfo=clock.TOKYO))
