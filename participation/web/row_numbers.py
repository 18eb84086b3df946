"""Numbers of rows in addresses: one that no table can hold is not found, not a fault."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

_LARGEST = 2**31 - 1  # PostgreSQL's integer


class RowNumberConverter(IntegerConverter):
    """``<int:…>`` of a route, up to what a primary key can be."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 -- werkzeug's name
        kwargs.setdefault("max", _LARGEST)
        super().__init__(map, *args, **kwargs)


def row_number(text: str | None, *, largest: int = _LARGEST) -> int | None:
    """Return the number in a query string, or None when it is none that a row could have."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > len(str(largest)):
        return None
    number = int(text)
    return number if number <= largest else None


def init_app(app: Flask) -> None:
    """Use the converter; before any blueprint is registered."""
    app.url_map.converters["int"] = RowNumberConverter
