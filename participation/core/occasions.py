"""What a feature tells the residents' front door: home, calendar, feeds, open data."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session


class OccasionState(enum.Enum):
    """What a resident can do about it."""

    COMING = "coming"  # announced; one cannot take part yet
    OPEN = "open"  # one can send, register or simply come
    FULL = "full"  # open, but only the waitlist is left
    CLOSED = "closed"  # the time to register or to send is over; it goes on
    OVER = "over"  # held, nothing published yet
    DECIDED = "decided"  # result or outcome published
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Occasion:
    """One thing that residents can take part in, or one day of it.

    Texts are in the reader's language; ``title`` and ``place`` are as the department wrote them.
    """

    ref: str  # campaign:12, workshop:7
    part: str  # "" for the whole, "day:31": unique with ``ref``
    kind: str  # campaign.comment, workshop.town_meeting
    kind_label: str
    title: str
    department_id: int
    areas: tuple[str, ...]
    state: OccasionState
    state_label: str
    url: str  # path on this site
    # When it takes place: days of a period, both counted, or the hours of a meeting.
    first_day: date
    last_day: date
    starts_at: datetime | None = None  # None: whole days
    ends_at: datetime | None = None
    # The last moment to send or to register, exclusive; None where there is none (any more).
    closes_at: datetime | None = None
    opens_at: datetime | None = None  # the first moment
    decided_on: date | None = None
    text: str = ""  # one or two plain sentences
    place: str = ""
    updated_at: datetime | None = None
    # For the municipal event list (domain.md 7): its column to a value; {} for what is no event.
    event_columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OccasionFilter:
    """What a reader narrows to; None: all."""

    department_id: int | None = None
    kind: str | None = None  # "workshop" for all of a source, or "workshop.town_meeting"
    area: str | None = None

    def wants(self, source: str) -> bool:
        """Whether anything of a source can be among it."""
        return self.kind is None or self.kind.partition(".")[0] == source

    def kind_of(self, source: str) -> str | None:
        """Return the source's own kind, where the filter names one."""
        name, _, own = (self.kind or "").partition(".")
        return own or None if name == source else None


class OccasionSource(Protocol):
    """What a feature implements in ``views/occasions.py``; each call a fixed number of queries."""

    @property
    def name(self) -> str:
        """The first part of its kinds: ``workshop``."""

    def kinds(self, session: Session) -> Sequence[tuple[str, str]]:
        """Return its kinds with their labels: (``workshop.town_meeting``, タウンミーティング)."""

    def on_days(
        self, session: Session, first: date, last: date, wanted: OccasionFilter, now: datetime
    ) -> Sequence[Occasion]:
        """Return what takes place on any of these days, both counted, by its start."""

    def open_now(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return whole things that one can take part in now, those that close first in front."""

    def coming(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return what is announced and has not opened, by its first day."""

    def decided(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return what was decided or reported, the latest first."""
