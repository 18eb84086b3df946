"""What the public form of a workshop needs to know, as a plain value that may be kept a while."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from participation.city.queries import get_city
from participation.city.workshop_kinds import Field, kind_of
from participation.core import clock
from participation.submissions.sender_fields import SenderField, sender_fields
from participation.workshops.labels import LAST_OF_ALL
from participation.workshops.models import (
    SeatKind,
    SeatMethod,
    SeatPool,
    SignUp,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.needs import offered_needs
from participation.workshops.queries.workshops import get_announced, pools_of

# Up to so many seats, or up to so large a part of all, are 残りわずか.
_FEW_SEATS = 2
_FEW_PART = 10
WHOLE = 0  # the group of what is for all days


class Room(enum.Enum):
    """How much is left of a pool, as far as anybody needs to know."""

    PLENTY = "plenty"
    FEW = "few"
    WAITLIST = "waitlist"  # full; one can wait
    FULL = "full"
    LOTTERY = "lottery"  # drawn after the deadline
    DRAWN = "drawn"  # drawn already; whoever comes now waits last


ROOM_LABELS = {
    Room.PLENTY: "空きがあります",
    Room.FEW: "残りわずかです",
    Room.WAITLIST: "満席です（キャンセル待ちの申込みができます）",
    Room.FULL: "満席です",
    Room.LOTTERY: "抽選です（受付が終わったあとに抽選します）",
    Room.DRAWN: LAST_OF_ALL,
}


@dataclass(frozen=True)
class OfferedDay:
    """One meeting as the form names it."""

    heading: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class OfferedPool:
    """Seats that one may register for."""

    id: int
    day_id: int | None
    day: OfferedDay | None
    kind: SeatKind
    method: SeatMethod
    room: Room
    opens_at: datetime
    closes_at: datetime
    youngest_months: int | None
    oldest_months: int | None
    until_school: bool
    days: tuple[date, ...]  # on which they are, in Japan

    def is_open(self, now: datetime) -> bool:
        """Whether one can register now; a full pool is open too."""
        return self.opens_at <= now < self.closes_at


@dataclass(frozen=True)
class Group:
    """The seats of one day, or of all days, of which one takes one or none."""

    key: int  # the day's id; WHOLE
    day: OfferedDay | None
    pools: tuple[OfferedPool, ...]
    days: tuple[OfferedDay, ...]  # that one comes to


@dataclass(frozen=True)
class FormOffer:
    """A workshop as its form shows it."""

    id: int
    title: str
    state: WorkshopState
    stop_reason: str
    sign_up: SignUp
    how_else: str
    contact: tuple[str, ...]
    largest_party: int
    groups: tuple[Group, ...]
    childcare: tuple[OfferedPool, ...]
    wanted: tuple[SenderField, ...]
    extra: tuple[Field, ...]
    needs: tuple[tuple[str, str], ...]
    eligibilities: tuple[tuple[int, str], ...]
    asks_first_time: bool
    retention_days: int

    @property
    def pools(self) -> Mapping[int, OfferedPool]:
        """All pools by id."""
        seats = [pool for group in self.groups for pool in group.pools]
        return {pool.id: pool for pool in (*seats, *self.childcare)}

    @property
    def asks_mail(self) -> bool:
        """Whether the form asks for an address of its own, since the sender's fields have none."""
        return all(one.key != "email" for one in self.wanted)

    @property
    def is_held(self) -> bool:
        """Whether one registers for it at all, and it stands."""
        return self.state is WorkshopState.ANNOUNCED and self.sign_up is not SignUp.NONE

    def open_groups(self, now: datetime) -> tuple[Group, ...]:
        """Return the groups with those of their pools that are open now, full ones too."""
        found = (
            replace(group, pools=tuple(one for one in group.pools if one.is_open(now)))
            for group in self.groups
        )
        return tuple(group for group in found if group.pools)

    def open_childcare(self, now: datetime) -> tuple[OfferedPool, ...]:
        """Return the childcare that is open now, full ones too."""
        return tuple(one for one in self.childcare if one.is_open(now))

    @property
    def opens_at(self) -> datetime | None:
        """The first moment at which one can register for anything."""
        return min((p.opens_at for g in self.groups for p in g.pools), default=None)

    @property
    def closes_at(self) -> datetime | None:
        """The last deadline, exclusive."""
        return max((p.closes_at for g in self.groups for p in g.pools), default=None)


def form_offer(session: Session, workshop_id: int) -> FormOffer:
    """Return what the form of a workshop shows.

    Raises:
        NotFound: residents may not see such a workshop.

    """
    workshop = get_announced(session, workshop_id)
    city = get_city(session)
    kind = kind_of(city.lists if city is not None else {}, workshop.kind)
    days = {day.id: day for day in workshop.days}
    pools = [
        pool
        for pool in pools_of(session, workshop.id)
        if pool.day_id is None or not days[pool.day_id].stop_reason
    ]
    return FormOffer(
        id=workshop.id,
        title=workshop.title,
        state=workshop.state,
        stop_reason=workshop.stop_reason,
        sign_up=workshop.sign_up,
        how_else=workshop.how_else,
        contact=tuple(
            line
            for line in (workshop.section_name, workshop.phone, workshop.fax, workshop.email)
            if line
        ),
        largest_party=workshop.largest_party,
        groups=_groups(pools, days),
        childcare=tuple(_offered(pool, days) for pool in pools if _is_childcare(pool)),
        wanted=sender_fields(workshop.sender_fields),
        extra=kind.fields_on("form"),
        needs=offered_needs(workshop.needs),
        eligibilities=tuple((one.id, one.label) for one in workshop.eligibilities),
        asks_first_time=any(rule.get("rule") == "first_time" for rule in workshop.priority),
        retention_days=workshop.retention_days,
    )


def room_of(pool: SeatPool) -> Room:
    """Return how much is left, in as few steps as a resident needs."""
    return room_words(
        pool.method,
        pool.capacity,
        pool.taken,
        has_waitlist=pool.has_waitlist,
        is_drawn=pool.drawn_at is not None,
    )


def room_words(
    method: SeatMethod,
    capacity: int | None,
    taken: int,
    *,
    has_waitlist: bool,
    is_drawn: bool,
) -> Room:
    """Return the same from a pool's columns."""
    if method is SeatMethod.LOTTERY and not is_drawn:
        return Room.LOTTERY
    if capacity is None:
        return Room.PLENTY
    free = capacity - taken
    if free <= 0 and has_waitlist and is_drawn:
        return Room.DRAWN
    if free <= 0:
        return Room.WAITLIST if has_waitlist else Room.FULL
    return Room.FEW if free <= max(_FEW_SEATS, capacity // _FEW_PART) else Room.PLENTY


def _groups(pools: Sequence[SeatPool], days: Mapping[int, WorkshopDay]) -> tuple[Group, ...]:
    by_day: dict[int, list[OfferedPool]] = {}
    for pool in pools:
        if not _is_childcare(pool):
            by_day.setdefault(pool.day_id or WHOLE, []).append(_offered(pool, days))
    order = [WHOLE, *(day_id for day_id in days)]
    return tuple(
        Group(
            key,
            _day(days.get(key)),
            tuple(by_day[key]),
            tuple(
                OfferedDay(day.heading, day.starts_at, day.ends_at)
                for day in days.values()
                if key in {WHOLE, day.id} and not day.stop_reason
            ),
        )
        for key in order
        if key in by_day
    )


def _offered(pool: SeatPool, days: Mapping[int, WorkshopDay]) -> OfferedPool:
    on = [day for day in days.values() if pool.day_id in {None, day.id} and not day.stop_reason]
    return OfferedPool(
        id=pool.id,
        day_id=pool.day_id,
        day=None if pool.day_id is None else _day(days[pool.day_id]),
        kind=pool.kind,
        method=pool.method,
        room=room_of(pool),
        opens_at=pool.opens_at,
        closes_at=pool.closes_at,
        youngest_months=pool.youngest_months,
        oldest_months=pool.oldest_months,
        until_school=pool.until_school,
        days=tuple(clock.local_date(day.starts_at) for day in on),
    )


def _day(day: WorkshopDay | None) -> OfferedDay | None:
    return None if day is None else OfferedDay(day.heading, day.starts_at, day.ends_at)


def _is_childcare(pool: SeatPool) -> bool:
    return pool.kind is SeatKind.CHILDCARE
