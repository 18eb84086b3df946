"""Reads of the city's profile."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.city import areas as areas_of_interest
from participation.city import lists, open_data, workshop_kinds
from participation.city.models import City, ClosedDay, Place
from participation.city.rules import RULES
from participation.city.wording import ReportWording
from participation.core.errors import NotFound

_CITY = "city"


def get_city(session: Session) -> City | None:
    """Return the city, None while no profile has been loaded."""
    city = session.get(City, 1)
    # A session holds what it has read only as long as somebody else does: one page would ask for
    # the city of every part of it anew.
    session.info[_CITY] = city
    return city


def wording(session: Session) -> ReportWording:
    """Return the words of the yearly report: the profile's, else the neutral ones."""
    city = get_city(session)
    return ReportWording.from_stored(city.wording if city is not None else {})


def rule(session: Session, key: str) -> int:
    """Return the value of one of the city's rules.

    Raises:
        KeyError: there is no such rule in ``city.rules``.

    """
    city = get_city(session)
    stored = city.rules.get(key) if city is not None else None
    return RULES[key].default if stored is None else int(stored)


def eligibility(session: Session) -> tuple[str, ...]:
    """Return the city's classes of people who may submit opinions."""
    city = get_city(session)
    return lists.eligibility(city.lists if city is not None else {})


def categories(session: Session) -> tuple[lists.Category, ...]:
    """Return the city's 対応区分."""
    city = get_city(session)
    return lists.categories(city.lists if city is not None else {})


def areas(session: Session) -> tuple[str, ...]:
    """Return the city's areas of interest."""
    city = get_city(session)
    return areas_of_interest.areas(city.lists if city is not None else {})


def kinds(session: Session) -> tuple[workshop_kinds.Kind, ...]:
    """Return the city's kinds of events, hidden ones too."""
    city = get_city(session)
    return workshop_kinds.kinds(city.lists if city is not None else {})


def kind_of(session: Session, key: str) -> workshop_kinds.Kind:
    """Return the kind of this key; one that is not listed any more is called by its key."""
    city = get_city(session)
    return workshop_kinds.kind_of(city.lists if city is not None else {}, key)


def licence(session: Session) -> open_data.Licence:
    """Return under which licence the city gives its lists away."""
    city = get_city(session)
    return open_data.licence(city.lists if city is not None else {})


def closed_days(session: Session, first: date, last: date) -> list[ClosedDay]:
    """Return the closed days from ``first`` to ``last``, both included, in order."""
    return list(
        session.scalars(
            select(ClosedDay)
            .where(ClosedDay.day >= first, ClosedDay.day <= last)
            .order_by(ClosedDay.day)
        )
    )


def all_closed_days(session: Session) -> list[ClosedDay]:
    """Return every closed day, the latest first; a few a year."""
    return list(session.scalars(select(ClosedDay).order_by(ClosedDay.day.desc())))


def places(session: Session, *, active_only: bool = False) -> list[Place]:
    """Return the places in the city's own order."""
    statement = select(Place).order_by(Place.position, Place.id)
    if active_only:
        statement = statement.where(Place.active)
    return list(session.scalars(statement))


def get_place(session: Session, place_id: int) -> Place:
    """Return one place.

    Raises:
        NotFound: there is none of this number.

    """
    place = session.get(Place, place_id)
    if place is None:
        raise NotFound("お探しの場所は見つかりませんでした。場所の一覧から選んでください。")
    return place
