"""The city as templates see it: plain values, and the last good ones while the database is down."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy.exc import SQLAlchemyError

from participation.city.queries import get_city
from participation.db.extension import db

_MEMORY = "city_last_seen"


@dataclass(frozen=True)
class ContactLine:
    """One way to reach the city."""

    label: str
    value: str


@dataclass(frozen=True)
class CityView:
    """What every page may show of the city; empty while no profile has been loaded."""

    name: str = ""
    prefecture: str = ""
    code: str = ""
    contact: tuple[ContactLine, ...] = ()


def init_app(app: Flask) -> None:
    """Give ``city`` and ``city_contact_lines`` to every template."""
    app.extensions[_MEMORY] = CityView()

    @app.context_processor
    def _city() -> dict[str, Any]:
        view = city_view()
        return {"city": view, "city_contact_lines": view.contact}


def city_view() -> CityView:
    """Return the city for this request: one query at most.

    Once a request has failed, the database is not asked again: the page that says so must come
    at once, and how to reach the city stands on it from memory.
    """
    known: CityView | None = g.get("city_view")
    if known is not None:
        return known
    remembered: CityView = current_app.extensions[_MEMORY]
    if g.get("database_down") or (g.get("discarded") and remembered.name):
        return remembered
    try:
        city = get_city(db.session())
    except SQLAlchemyError:
        return remembered
    view = CityView()
    if city is not None:
        lines = tuple(ContactLine(line["label"], line["value"]) for line in city.contact)
        view = CityView(city.name, city.prefecture, city.code, lines)
    g.city_view = current_app.extensions[_MEMORY] = view
    return view
