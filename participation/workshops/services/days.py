"""The days of a workshop: when and where it is held.

Once residents have seen a day it never changes silently: what they rely on (when, where, how)
changes with a public notice and a letter to who registered.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from participation.core import clock, fiscal_year
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.workshops.models import (
    Attendance,
    Registration,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopLetter,
)
from participation.workshops.models import WorkshopState as S
from participation.workshops.moments import unless_same_minute
from participation.workshops.services.attendee_sheets import erase_of_day
from participation.workshops.services.freezing import hold_pools
from participation.workshops.services.joining import (
    online_access,
    put_online_access,
    tell_how_to_join,
)
from participation.workshops.services.promotion import shorten_offers
from participation.workshops.services.state_machine import check_version, hold, record
from participation.workshops.services.telling import checked_text, tell_change

MOST_DAYS = 200
LONGEST_HOURS = 24
# What one relies on when one sets out for it.
_PROMISED = frozenset({"starts_at", "ends_at", "at_venue", "online", "venue", "address"})
_LATITUDES, _LONGITUDES = (-90, 90), (-180, 180)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class DayTerms:
    """A day as it is to be."""

    starts_at: datetime
    ends_at: datetime
    heading: str = ""
    at_venue: bool = True
    online: bool = False
    venue: str = ""
    address: str = ""
    access: str = ""
    latitude: str = ""
    longitude: str = ""
    online_access: str = ""
    note: str = ""


def add_days(
    session: Session,
    workshop: Workshop,
    terms: Sequence[DayTerms],
    *,
    notice: str = "",
    version: int,
    actor: Actor,
    now: datetime,
) -> list[WorkshopDay]:
    """Add days; of an announced workshop with a public notice.

    Raises:
        StateConflict: somebody changed the workshop meanwhile, or it is past this.
        InvalidInput: a day cannot be, is there already, lies in the past, or there are too many;
            or the notice is missing.

    """
    pools = _begin(session, workshop, version)
    checked = [_checked(one) for one in terms]
    known = {(day.starts_at, day.venue) for day in workshop.days}
    for one in checked:
        if (one.starts_at, one.venue) in known:
            raise InvalidInput("同じ日時、同じ会場の日程がすでにあります。", field="day")
        known.add((one.starts_at, one.venue))
        if workshop.state is not S.PREPARING and one.starts_at <= now:
            raise InvalidInput("公表した催しには、これからの日を追加してください。", field="day")
    if len(workshop.days) + len(checked) > MOST_DAYS:
        raise InvalidInput(f"日程は{MOST_DAYS}日までにしてください。", field="day")
    told = checked_notice(workshop, notice)
    added = [WorkshopDay() for _one in checked]
    for day, one in zip(added, checked, strict=True):
        _put(session, workshop, day, one)
    refresh_span(session, workshop)
    record(
        session,
        workshop,
        "days_added",
        actor=actor,
        now=now,
        reason=told,
        after={"days": [_plain(one) for one in checked]},
    )
    if told:
        tell_change(session, workshop, text=told, actor=actor, now=now)
        shorten_offers(session, workshop, pools.values(), actor=actor, now=now)
    return added


def change_day(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    terms: DayTerms,
    *,
    notice: str = "",
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Change a day; return whether anything differs. What was promised changes with a notice.

    Raises:
        StateConflict: somebody changed the workshop meanwhile, it is past this, or the day is
            cancelled.
        InvalidInput: the day cannot be, or the notice is missing.

    """
    pools = _begin(session, workshop, version)
    if day.stop_reason:
        raise StateConflict("中止した日は変えられません。新しい日を追加してください。")
    terms = replace(
        terms,
        starts_at=unless_same_minute(day.starts_at, terms.starts_at),
        ends_at=unless_same_minute(day.ends_at, terms.ends_at),
    )
    new = _checked(terms)
    before = terms_of(session, day)
    changed = [name for name, value in asdict(new).items() if getattr(before, name) != value]
    if not changed:
        return False
    told = checked_notice(workshop, notice) if _PROMISED & set(changed) else ""
    _put(session, workshop, day, new)
    refresh_span(session, workshop)
    if "starts_at" in changed:
        remind_anew(session, workshop, [day])
    record(
        session,
        workshop,
        "day_edited",
        actor=actor,
        now=now,
        reason=told,
        before=_only(before, changed),
        after={"day_id": day.id, **_only(new, changed)},
    )
    if told:
        tell_change(session, workshop, text=told, day=day, actor=actor, now=now)
    if "starts_at" in changed:
        shorten_offers(session, workshop, pools.values(), actor=actor, now=now)
    if "online_access" in changed and new.online_access and workshop.state is S.ANNOUNCED:
        tell_how_to_join(session, workshop, day, actor=actor, now=now)
    return True


def remove_day(
    session: Session,
    workshop: Workshop,
    day: WorkshopDay,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Take away a day that nobody has seen yet, and that has no seats of its own.

    Raises:
        StateConflict: somebody changed the workshop meanwhile; it is announced, so that the day
            can only be cancelled; or it has seats, or something that was written about it.

    """
    _begin(session, workshop, version)
    if workshop.state is not S.PREPARING:
        raise StateConflict(
            "公表した日程は消せません。開催しないときは、その日を中止してください。"
        )
    if session.scalar(select(exists().where(SeatPool.day_id == day.id))):
        raise StateConflict("この日の定員があります。先に定員を消してください。")
    if session.scalar(select(exists().where(Attendance.day_id == day.id))):
        raise StateConflict("この日の受付の記録があるため、消せません。")
    if session.scalar(select(exists().where(WorkshopLetter.day_id == day.id))):
        raise StateConflict("この日に申し込んだ方への連絡の記録があるため、消せません。")
    # A list that was printed of nobody goes with its day.
    erase_of_day(session, day.id)
    before = _plain(terms_of(session, day))
    workshop.days.remove(day)
    refresh_span(session, workshop)
    record(session, workshop, "day_removed", actor=actor, now=now, before=before)


def refresh_span(session: Session, workshop: Workshop) -> None:
    """Keep the first and the last day, and the year, with the days that stand."""
    session.flush()
    session.expire(workshop, ["days"])
    standing = [day for day in workshop.days if not day.stop_reason]
    workshop.first_day = min((clock.local_date(day.starts_at) for day in standing), default=None)
    workshop.last_day = max((last_date(day) for day in standing), default=None)
    # Once announced, it belongs to the year for which it was announced.
    if workshop.state in {S.PREPARING, S.POSTPONED} and workshop.first_day is not None:
        workshop.fiscal_year = fiscal_year.fiscal_year_of(workshop.first_day)


def remind_anew(session: Session, workshop: Workshop, days: Sequence[WorkshopDay]) -> None:
    """Have who registered reminded of the new time of ``days``, whoever was reminded of the old."""
    moved = select(SeatPool.id).where(
        SeatPool.workshop_id == workshop.id,
        or_(SeatPool.day_id.is_(None), SeatPool.day_id.in_([day.id for day in days])),
    )
    session.execute(
        update(Registration)
        .where(Registration.pool_id.in_(moved), Registration.reminded_at.is_not(None))
        .values(reminded_at=None)
    )


def last_date(day: WorkshopDay) -> date:
    """Return the calendar day in Japan on which a meeting ends; 24:00 is of its own day."""
    return clock.local_date(max(day.starts_at, day.ends_at - _INSTANT))


def terms_of(session: Session, day: WorkshopDay) -> DayTerms:
    """Return a day as it stands, its way to join online in plain text."""
    values = {name: getattr(day, name) for name in DayTerms.__dataclass_fields__}
    values["online_access"] = online_access(session, day)
    return DayTerms(**values)


def checked_notice(workshop: Workshop, text: str) -> str:
    """Return the notice that a change needs: none while only staff see the workshop.

    Raises:
        InvalidInput: the workshop is announced and the text is missing or too long.

    """
    return "" if workshop.state is S.PREPARING else checked_text(text, field="notice")


def _begin(session: Session, workshop: Workshop, version: int) -> dict[int, SeatPool]:
    # Whoever is registering now is waited for, so that a letter about a change reaches that person.
    pools = hold_pools(session, workshop)
    hold(session, workshop)
    session.expire(workshop, ["days"])
    check_version(workshop, version)
    if workshop.state is S.POSTPONED:
        raise StateConflict("延期中です。概要の「新しい日程を決める」で日程を決めてください。")
    if workshop.state not in {S.PREPARING, S.ANNOUNCED}:
        raise StateConflict("今の状態では、日程を変えられません。概要で状態を確かめてください。")
    return pools


def _checked(terms: DayTerms) -> DayTerms:
    values: dict[str, Any] = asdict(terms)
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = clean_input(value).strip()
    new = DayTerms(**values)
    check_hours(new.starts_at, new.ends_at)
    if not (new.at_venue or new.online):
        raise InvalidInput("会場とオンラインの少なくとも一方を選んでください。", field="at_venue")
    if bool(new.latitude) != bool(new.longitude):
        raise InvalidInput("緯度と経度は、両方を入力するか両方を空欄にします。", field="latitude")
    if new.latitude:
        _check_degrees(new.latitude, _LATITUDES, "latitude")
        _check_degrees(new.longitude, _LONGITUDES, "longitude")
    return new


def check_hours(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse a meeting that ends before it begins, or goes on for more than a day.

    Raises:
        InvalidInput: so it is.

    """
    if ends_at <= starts_at:
        raise InvalidInput("終わりの時刻は、始まりより後にしてください。", field="ends")
    if ends_at - starts_at > timedelta(hours=LONGEST_HOURS):
        raise InvalidInput("1回は24時間以内にしてください。", field="ends")


def _check_degrees(text: str, bounds: tuple[int, int], field: str) -> None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not bounds[0] <= found <= bounds[1]:
        raise InvalidInput("度を小数で入力してください。例：35.4025", field=field)


def _put(session: Session, workshop: Workshop, day: WorkshopDay, terms: DayTerms) -> None:
    for name, value in asdict(terms).items():
        if name != "online_access":
            setattr(day, name, value)
    if day not in workshop.days:
        workshop.days.append(day)
    session.flush()
    if online_access(session, day) != terms.online_access:
        put_online_access(session, day, terms.online_access)


def _plain(terms: DayTerms) -> dict[str, Any]:
    return _only(terms, [name for name, value in asdict(terms).items() if value not in {"", False}])


def _only(terms: DayTerms, names: Sequence[str]) -> dict[str, Any]:
    """Return fields for the audit log, which is read by more people than may join."""
    return {name: "（変更）" if name == "online_access" else getattr(terms, name) for name in names}
