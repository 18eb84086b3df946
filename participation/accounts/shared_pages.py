"""Finished pages that everybody who is not signed in gets alike, by what they depend on."""

from collections.abc import Callable, Collection, Hashable

from flask import Flask, Response, current_app

from participation.accounts.login import cookie_name
from participation.web.page_cache import DEFAULT_BYTES, PageCache, answer, is_for_everybody


class SharedPages:
    """A memory of pages that each app has of its own, by a name."""

    def __init__(self, name: str, *, most_bytes: int = DEFAULT_BYTES) -> None:
        """Name it; hold at most about ``most_bytes``."""
        self._name, self._most_bytes = name, most_bytes

    def init_app(self, app: Flask) -> None:
        """Give ``app`` its memory."""
        app.extensions[self._name] = PageCache(self._most_bytes)

    def answer(
        self,
        facts: Hashable,
        render: Callable[[], str | bytes],
        arguments: Collection[str] = (),
        *,
        mimetype: str = "text/html",
    ) -> Response:
        """Answer this request with a page from memory, or made now and kept.

        Args:
            facts: everything that the page depends on beside the request itself.
            render: makes the page.
            arguments: the names of the arguments that the page knows.
            mimetype: of the page.

        """
        return answer(
            current_app.extensions[self._name],
            facts,
            lambda: _bytes(render()),
            keep=is_for_everybody(cookie_name(), arguments),
            mimetype=mimetype,
        )


def _bytes(page: str | bytes) -> bytes:
    return page if isinstance(page, bytes) else page.encode()
