"""What a feature tells the residents' front door: home, calendar, feeds, open data."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
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


# Does not take place as it was announced.
STOPPED = frozenset({OccasionState.POSTPONED, OccasionState.CANCELLED})


@dataclass(frozen=True)
class EventDetails:
    """What the municipal event list says of a meeting beside the occasion itself (domain.md 7).

    In Japanese whoever reads; empty where nothing is known.
    """

    number: str  # in digits, of its own among all events of this installation; never reused
    title_kana: str = ""
    description: str = ""
    remarks_on_time: str = ""  # 全3回の第2回; why it does not take place
    fee: str = ""  # yen in digits
    fee_note: str = ""
    contact_name: str = ""  # 係; the department stands with the occasion
    telephone: str = ""
    organiser: str = ""  # empty: the city
    place: str = ""
    address: str = ""
    latitude: str = ""
    longitude: str = ""
    access: str = ""
    capacity: str = ""  # people, in digits; empty: no limit
    how_to_register: str = ""
    remarks: str = ""


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
    department_id: int | None  # None: of the whole city
    state: OccasionState
    state_label: str
    url: str  # path on this site
    when: str  # in words, what is known: the days of a period, the hours of a meeting
    # When it takes place: days of a period, both counted, or those of a meeting; None while only
    # ``when`` is known. What a source gives for days always has them.
    first_day: date | None = None
    last_day: date | None = None
    starts_at: datetime | None = None  # None: whole days
    ends_at: datetime | None = None
    # The last moment to send or to register, exclusive; None where there is none (any more).
    closes_at: datetime | None = None
    opens_at: datetime | None = None  # the first moment
    # What its first day and the last moment are called in a calendar: 募集開始, 申込締切.
    opening_label: str = ""
    closing_label: str = ""
    decided_on: date | None = None
    text: str = ""  # one or two plain sentences
    place: str = ""
    updated_at: datetime | None = None
    version: int = 0  # grows with every edit
    event: EventDetails | None = None  # None: no event, as a period for opinions


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
        """The first part of its kinds and references: ``workshop``."""

    def kinds(self, session: Session) -> Sequence[tuple[str, str]]:
        """Return the source itself, then its kinds, with their labels in the reader's language.

        (``workshop``, 催し), (``workshop.town_meeting``, タウンミーティング), …
        """

    def on_days(
        self, session: Session, first: date, last: date, wanted: OccasionFilter, now: datetime
    ) -> Sequence[Occasion]:
        """Return what takes place on any of these days, both counted, by its start.

        What was postponed or cancelled stays on the days for which it was announced.
        """

    def closing(
        self, session: Session, first: date, last: date, wanted: OccasionFilter, now: datetime
    ) -> Sequence[Occasion]:
        """Return whose last moment to send or to register falls on these days, by that moment.

        Each has its ``closes_at``, passed or not; what was postponed or cancelled is left out.
        """

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

    def parts(self, session: Session, number: int, now: datetime) -> Sequence[Occasion]:
        """Return everything that takes place of one public thing: each day of ``workshop:7``.

        Args:
            session: any session.
            number: the 7 of ``workshop:7``.
            now: when it is asked.

        Raises:
            NotFound: residents may not see such a thing.

        """
