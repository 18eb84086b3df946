"""Workshops as the residents' front door shows them: home, calendar, feeds, open data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.city.queries import get_city
from participation.city.workshop_kinds import kinds
from participation.core import clock
from participation.core.errors import NotFound
from participation.core.occasions import (
    STOPPED,
    EventDetails,
    Occasion,
    OccasionFilter,
    OccasionState,
)
from participation.core.text import opening
from participation.web.templating import translated
from participation.workshops.labels import OCCASION_LABELS, SEATS_SAY
from participation.workshops.models import (
    SeatMethod,
    SeatPool,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.queries import occasions as queries
from participation.workshops.queries.occasions import Found
from participation.workshops.views.speech import hours, span

NAME = "workshop"
_BY_STATE = {
    WorkshopState.POSTPONED: OccasionState.POSTPONED,
    WorkshopState.CANCELLED: OccasionState.CANCELLED,
    WorkshopState.REPORTED: OccasionState.DECIDED,
}


@dataclass(frozen=True)
class Standing:
    """What one can do about a workshop, or about one day of it."""

    state: OccasionState
    label: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True)
class _Words:
    """The words of one call, each looked up once however many workshops there are."""

    kinds: Mapping[str, str]
    speak: Callable[[str], str]
    online: str


class WorkshopOccasions:
    """Workshops whole, or each of their days; at most five queries a call."""

    name = NAME

    def kinds(self, session: Session) -> Sequence[tuple[str, str]]:
        """Return 催し and the city's kinds."""
        labels = _kind_labels(session)
        return [
            (NAME, str(_("催し"))),
            *((f"{NAME}.{key}", label) for key, label in labels.items()),
        ]

    def on_days(
        self, session: Session, first: date, last: date, wanted: OccasionFilter, now: datetime
    ) -> Sequence[Occasion]:
        """Return the meetings of these days, by their start."""
        if not wanted.wants(NAME):
            return ()
        begin, end = queries.span(first, last)
        words = _words(session)
        found = [
            meeting
            for one in queries.on_days(session, first, last, wanted)
            for meeting in _meetings(
                one,
                [day for day in one.days if day.starts_at < end and day.ends_at > begin],
                words,
                now,
            )
        ]
        return sorted(found, key=lambda one: (str(one.starts_at), one.ref, one.part))

    def closing(
        self, session: Session, first: date, last: date, wanted: OccasionFilter, now: datetime
    ) -> Sequence[Occasion]:
        """Return the workshops of which a registration closes on these days."""
        if not wanted.wants(NAME):
            return ()
        begin, end = queries.span(first, last)
        words = _words(session)
        found = []
        for one in queries.closing(session, first, last, wanted):
            whole = _whole(one, words, now)
            moments = {pool.closes_at for pool in _for_all(one.pools)}
            found += [
                replace(whole, part=f"closing:{moment:%Y%m%dT%H%M}", closes_at=moment)
                for moment in sorted(moments)
                if begin < moment <= end
            ]
        return sorted(found, key=lambda one: (str(one.closes_at), one.ref))

    def open_now(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return workshops that one can register for or simply come to."""
        if not wanted.wants(NAME):
            return ()
        return _wholes(session, queries.open_now(session, now, wanted, limit), now)

    def coming(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return workshops whose registration has not opened."""
        if not wanted.wants(NAME):
            return ()
        return _wholes(session, queries.coming(session, now, wanted, limit), now)

    def decided(
        self, session: Session, wanted: OccasionFilter, now: datetime, limit: int
    ) -> Sequence[Occasion]:
        """Return workshops whose outcome is published."""
        if not wanted.wants(NAME):
            return ()
        return _wholes(session, queries.decided(session, wanted, limit), now)

    def parts(self, session: Session, number: int, now: datetime) -> Sequence[Occasion]:
        """Return all meetings of a workshop."""
        found = queries.one(session, number)
        if not found:
            raise NotFound("お探しの催しは見つかりませんでした。")
        words = _words(session)
        return _meetings(found[0], found[0].days, words, now)


def address_of(reference: str, place: str) -> str:
    """Return the path of a workshop's page.

    Args:
        reference: ``workshop:7``.
        place: ``outcome`` is what came of it; anything else stands on the workshop's own page.

    """
    workshop_id = int(reference.partition(":")[2])
    if place == "outcome":
        return url_for("workshops_public.outcome", workshop_id=workshop_id)
    return url_for("workshops_public.workshop", workshop_id=workshop_id)


def _wholes(session: Session, found: Iterable[Found], now: datetime) -> list[Occasion]:
    words = _words(session)
    return [_whole(one, words, now) for one in found]


def _whole(one: Found, words: _Words, now: datetime) -> Occasion:
    workshop = one.workshop
    stands = standing(workshop, one.standing or one.days, one.pools, now, words.speak)
    places = {day.venue if day.at_venue else words.online for day in one.standing}
    return _occasion(
        one,
        words,
        stands,
        part="",
        title=workshop.title,
        url=address_of(f"{NAME}:{workshop.id}", "outcome" if one.published_at else ""),
        when=hours(one.standing[0]) if len(one.standing) == 1 else span(workshop),
        first_day=workshop.first_day,
        last_day=workshop.last_day,
        decided_on=clock.local_date(one.published_at) if one.published_at else None,
        place=places.pop() if len(places) == 1 else "",
    )


def _meetings(
    one: Found, days: Iterable[WorkshopDay], words: _Words, now: datetime
) -> list[Occasion]:
    address = address_of(f"{NAME}:{one.workshop.id}", "")
    return [_meeting(one, day, address, words, now) for day in days]


def _meeting(one: Found, day: WorkshopDay, address: str, words: _Words, now: datetime) -> Occasion:
    stands = standing(one.workshop, [day], one.pools_of(day), now, words.speak)
    title = one.workshop.title
    place = " ".join(filter(None, (day.venue, day.address)))
    return _occasion(
        one,
        words,
        stands,
        part=f"day:{day.id}",
        title=f"{title}　{day.heading}" if day.heading else title,
        url=address,
        when=hours(day),
        first_day=clock.local_date(day.starts_at),
        # A meeting until 24:00 is no meeting of the next day.
        last_day=clock.local_date(day.ends_at - timedelta(microseconds=1)),
        starts_at=day.starts_at,
        ends_at=day.ends_at,
        place=place if day.at_venue else words.online,
        event=_details(one, day, stands),
    )


def _occasion(one: Found, words: _Words, stands: Standing, **more: Any) -> Occasion:
    """Return an occasion with what a workshop and its meetings have alike."""
    workshop = one.workshop
    return Occasion(
        ref=f"{NAME}:{workshop.id}",
        kind=f"{NAME}.{workshop.kind}",
        kind_label=words.kinds.get(workshop.kind, workshop.kind),
        department_id=workshop.department_id,
        state=stands.state,
        state_label=stands.label,
        opens_at=stands.opens_at,
        closes_at=stands.closes_at,
        opening_label=words.speak(SEATS_SAY["opens_mark"]),
        closing_label=words.speak(SEATS_SAY["closes_mark"]),
        text=opening(workshop.summary),
        updated_at=workshop.updated_at,
        version=workshop.version,
        **more,
    )


def standing(
    workshop: Workshop,
    days: Sequence[WorkshopDay],
    pools: Sequence[SeatPool],
    now: datetime,
    speak: Callable[[str], str] = translated,
) -> Standing:
    """Say what one can do; by the clock, not by what a worker has noted.

    Args:
        workshop: an announced one.
        days: those that it is asked about.
        pools: the seats of these days.
        now: when it is asked.
        speak: puts a word of labels.py into the reader's language.

    """
    state = _BY_STATE.get(workshop.state)
    if state not in STOPPED and days and all(day.stop_reason for day in days):
        state = OccasionState.CANCELLED
    if state is None and all(day.ends_at <= now for day in days):
        state = OccasionState.OVER
    if state is not None:
        return _says(state, speak)
    if workshop.sign_up is SignUp.NONE:
        return Standing(OccasionState.OPEN, speak(SEATS_SAY["not_needed"]))
    return _of_seats(pools, now, speak)


def _of_seats(pools: Sequence[SeatPool], now: datetime, speak: Callable[[str], str]) -> Standing:
    usual = _for_all(pools)
    if pools and not usual:
        return Standing(OccasionState.CLOSED, speak(SEATS_SAY["invited_only"]))
    running = [pool for pool in usual if pool.opens_at <= now < pool.closes_at]
    free = [pool for pool in running if _has_room(pool)]
    waiting = [pool for pool in running if pool.has_waitlist]
    ahead = [pool for pool in usual if pool.opens_at > now]
    if free or waiting:
        return _says(OccasionState.OPEN if free else OccasionState.FULL, speak, free or waiting)
    if running:
        return Standing(OccasionState.CLOSED, speak(SEATS_SAY["all_taken"]))
    if ahead or not usual:
        return _says(OccasionState.COMING, speak, ahead)
    return _says(OccasionState.CLOSED, speak)


def _says(
    state: OccasionState, speak: Callable[[str], str], pools: Sequence[SeatPool] = ()
) -> Standing:
    return Standing(
        state,
        speak(OCCASION_LABELS[state]),
        min((pool.opens_at for pool in pools), default=None),
        max((pool.closes_at for pool in pools), default=None),
    )


def _has_room(pool: SeatPool) -> bool:
    # Before a draw everybody may ask, however many have.
    return pool.method is SeatMethod.LOTTERY or pool.capacity is None or pool.taken < pool.capacity


def _for_all(pools: Iterable[SeatPool]) -> list[SeatPool]:
    return [pool for pool in pools if pool.method is not SeatMethod.INVITED]


def _details(one: Found, day: WorkshopDay, stands: Standing) -> EventDetails:
    """Return the columns of the municipal event list; in Japanese, whoever reads."""
    workshop = one.workshop
    pools = one.pools_of(day)
    limited = [pool.capacity for pool in pools if pool.capacity is not None]
    on_time = [day.heading]
    if len(one.days) > 1:
        on_time.append(f"全{len(one.days)}回の第{one.days.index(day) + 1}回")
    if stands.state in STOPPED:
        reason = day.stop_reason or workshop.stop_reason
        on_time.append(f"{OCCASION_LABELS[stands.state]}：{reason}")
    no_need = workshop.sign_up is SignUp.NONE
    return EventDetails(
        number=f"{day.id:010}",
        title_kana=workshop.title_kana,
        description=workshop.summary or workshop.title,
        remarks_on_time="　".join(filter(None, on_time)),
        fee="" if workshop.fee else "0",
        fee_note=workshop.fee or "無料",
        contact_name=workshop.section_name,
        telephone=workshop.phone,
        organiser=workshop.organiser,
        place=day.venue if day.at_venue else "オンライン",
        address=day.address if day.at_venue else "",
        latitude=day.latitude,
        longitude=day.longitude,
        access=day.access,
        capacity=str(sum(limited)) if pools and len(limited) == len(pools) else "",
        how_to_register="　".join(
            filter(None, ("申込不要" if no_need else "ウェブページから申込み", workshop.how_else))
        ),
        remarks="　".join(
            f"{name}：{value}"
            for name, value in (
                ("対象", workshop.target),
                ("持ち物", workshop.belongings),
                ("オンライン", "あり" if day.at_venue and day.online else ""),
            )
            if value
        ),
    )


def _words(session: Session) -> _Words:
    return _Words(_kind_labels(session), cache(translated), str(_("オンライン")))


def _kind_labels(session: Session) -> dict[str, str]:
    city = get_city(session)
    found = kinds(city.lists if city is not None else {})
    return {kind.key: translated(kind.label) for kind in found}
