"""Finished pages of campaigns, kept while nothing that they show has changed."""

from collections.abc import Callable, Hashable

from flask import Flask, Response, current_app

from participation.accounts.login import cookie_name
from participation.web import page_cache

_CACHE = "campaign_pages"
_BYTES = 16 * 1024 * 1024


def init_app(app: Flask) -> None:
    """Give ``app`` its memory of finished pages."""
    app.extensions[_CACHE] = page_cache.PageCache(_BYTES)


def from_memory(
    facts: Hashable, render: Callable[[], str], *, arguments: tuple[str, ...] = ()
) -> Response:
    """Answer with a page from memory, or made now and kept.

    Args:
        facts: everything that the page depends on beside the request itself.
        render: makes the page.
        arguments: the names of the arguments that the page knows.

    """
    return page_cache.answer(
        current_app.extensions[_CACHE],
        facts,
        lambda: render().encode(),
        keep=page_cache.is_for_everybody(cookie_name(), arguments),
    )
