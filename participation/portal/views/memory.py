"""Finished pages of the front door, kept for a minute at most, in each language apart."""

from collections.abc import Callable, Collection
from datetime import datetime

from flask import Response

from participation.accounts.shared_pages import SharedPages
from participation.db.extension import db
from participation.portal.queries.freshness import freshness

_PAGES = SharedPages("front_door_pages", most_bytes=16 * 1024 * 1024)
init_app = _PAGES.init_app


def from_memory(
    now: datetime,
    render: Callable[[], str | bytes],
    arguments: Collection[str] = (),
    *,
    mimetype: str = "text/html",
) -> Response:
    """Answer with a page of this minute.

    Args:
        now: the moment that the page is about.
        render: makes the page.
        arguments: the names of the arguments that it knows.
        mimetype: of the page.

    """
    return _PAGES.answer(freshness(db.engine, now), render, arguments, mimetype=mimetype)
