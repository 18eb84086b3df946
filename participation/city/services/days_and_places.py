"""Acts on closed days and places."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.city import queries
from participation.city.models import ClosedDay, Place
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound
from participation.core.text import same_text


def add_closed_day(session: Session, day: date, label: str, *, actor: Actor, now: datetime) -> None:
    """Add a day on which offices are closed.

    Raises:
        InvalidInput: no label, or the day is listed already.

    """
    if not label.strip():
        raise InvalidInput("休みの名称を入力してください。例：年末年始", field="label")
    if session.get(ClosedDay, day) is not None:
        raise InvalidInput("この日はすでに登録されています。", field="day")
    put_closed_day(session, day, label, actor=actor, now=now)


def remove_closed_day(session: Session, day: date, *, actor: Actor, now: datetime) -> None:
    """Take a closed day off the list.

    Raises:
        NotFound: it is not on the list.

    """
    found = session.get(ClosedDay, day)
    if found is None:
        raise NotFound("この日は登録されていません。一覧を開き直してください。")
    audit.record(
        session,
        "city.closed_day.removed",
        actor=actor,
        now=now,
        subject=f"closed_day:{day.isoformat()}",
        before={"label": found.label},
    )
    session.delete(found)
    session.flush()


def save_place(
    session: Session,
    place: Place | None,
    *,
    name: str,
    address: str,
    hours: str,
    position: int,
    active: bool,
    actor: Actor,
    now: datetime,
) -> Place:
    """Add a place, or change ``place``; one that is no longer used is made inactive, not deleted.

    Raises:
        InvalidInput: no name, or a name that another place has.

    """
    if not name.strip():
        raise InvalidInput("場所の名称を入力してください。", field="name")
    for other in queries.places(session):
        if other is not place and same_text(other.name, name):
            raise InvalidInput("同じ名称の場所が登録されています。", field="name")
    new = {
        "name": name,
        "address": address,
        "hours": hours,
        "position": position,
        "active": active,
    }
    before = {} if place is None else {key: getattr(place, key) for key in new}
    if before == new and place is not None:
        return place
    made = place is None
    if place is None:
        place = Place(**new)
        session.add(place)
    else:
        for key, value in new.items():
            setattr(place, key, value)
    session.flush()
    changed = [key for key in new if made or before[key] != new[key]]
    audit.record(
        session,
        "city.place.added" if made else "city.place.updated",
        actor=actor,
        now=now,
        subject=f"place:{place.id}",
        before=None if made else {key: before[key] for key in changed},
        after={key: new[key] for key in changed},
    )
    return place


def put_closed_day(session: Session, day: date, label: str, *, actor: Actor, now: datetime) -> int:
    """List a closed day under ``label``; return 1 when that changes something."""
    found = session.get(ClosedDay, day)
    if found is not None and found.label == label:
        return 0
    before = None if found is None else {"label": found.label}
    session.merge(ClosedDay(day=day, label=label))
    session.flush()
    audit.record(
        session,
        "city.closed_day.added" if before is None else "city.closed_day.updated",
        actor=actor,
        now=now,
        subject=f"closed_day:{day.isoformat()}",
        before=before,
        after={"label": label},
    )
    return 1
