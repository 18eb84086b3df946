"""Finished pages of published things, kept compressed in memory up to a number of bytes."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass

from flask import Response, request
from flask import session as browser

from participation.web import language

# A resident's page is 50 to 200 kB, an eighth of that compressed; a city's whole report in all
# its sections fits many times.
DEFAULT_BYTES = 64 * 1024 * 1024
_LONGEST_QUERY = 500
# What an entry costs beside its body, roughly.
_OVERHEAD = 1_000


_LEVEL = 6
# Seconds to wait for a page that somebody else is making.
_PATIENCE = 2.0


@dataclass(frozen=True)
class CachedPage:
    """A page as it is sent, to browsers that take it compressed and to others."""

    compressed: bytes
    etag: str

    @property
    def body(self) -> bytes:
        """The page itself."""
        return gzip.decompress(self.compressed)


class PageCache:
    """Least recently used goes first. Safe for threads.

    Nothing is ever taken out because it has become wrong: whatever a page depends on is part of
    its key, and what is published never changes.
    """

    def __init__(self, most_bytes: int = DEFAULT_BYTES) -> None:
        """Start empty; hold at most about ``most_bytes``."""
        self._most, self._held = most_bytes, 0
        self._pages: OrderedDict[Hashable, CachedPage] = OrderedDict()
        self._being_made: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> CachedPage | None:
        """Return the page of ``key`` and note that it was wanted."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: Hashable, body: bytes) -> CachedPage:
        """Keep a page and return it; one larger than an eighth of the whole is not kept."""
        # Without the time of day, so that all workers answer alike.
        compressed = gzip.compress(body, _LEVEL, mtime=0)
        page = CachedPage(compressed, hashlib.sha256(body).hexdigest())
        size = len(compressed) + _OVERHEAD
        if size > self._most // 8:
            return page
        with self._lock:
            old = self._pages.pop(key, None)
            if old is not None:
                self._held -= len(old.compressed) + _OVERHEAD
            self._pages[key] = page
            self._held += size
            while self._held > self._most:
                _, dropped = self._pages.popitem(last=False)
                self._held -= len(dropped.compressed) + _OVERHEAD
        return page

    def get_or_make(self, key: Hashable, make: Callable[[], bytes]) -> CachedPage:
        """Return the page of ``key``; of those who want it at once, one makes it for all.

        When that one fails or takes long, the others make it for themselves: nobody waits for the
        sum of what several tries take.
        """
        page = self.get(key)
        if page is not None:
            return page
        with self._lock:
            made = self._being_made.get(key)
            is_maker = made is None
            if made is None:
                made = self._being_made[key] = threading.Event()
        if not is_maker:
            made.wait(_PATIENCE)
            return self.get(key) or self.put(key, make())
        try:
            return self.put(key, make())
        finally:
            with self._lock:
                self._being_made.pop(key, None)
            made.set()

    @property
    def held_bytes(self) -> int:
        """How much is held now."""
        return self._held


def is_for_everybody(staff_cookie: str, arguments: Collection[str]) -> bool:
    """Whether everybody who asks for the address of this request gets the same page.

    Without a cookie of ours nobody is signed in; looking for the person would cost more.

    Args:
        staff_cookie: the name of the cookie of a person who is signed in.
        arguments: the names of the arguments that the page knows.

    """
    return (
        staff_cookie not in request.cookies
        and "_flashes" not in browser
        and len(request.query_string) <= _LONGEST_QUERY
        and request.args.keys() <= set(arguments)
    )


def answer(
    pages: PageCache,
    facts: Hashable,
    render: Callable[[], bytes],
    *,
    keep: bool,
    mimetype: str = "text/html",
) -> Response:
    """Answer this request with a page from memory, or made now and kept.

    Args:
        pages: the memory.
        facts: everything that the page depends on beside the request itself.
        render: makes the page.
        keep: ``is_for_everybody``; otherwise the page is made and forgotten.
        mimetype: of the page.

    """
    if not keep:
        return _response(render(), mimetype)
    key = (facts, language.choose(), request.script_root, request.full_path)
    page = pages.get_or_make(key, render)
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f"{page.etag}-gzip" if takes_gzip else page.etag
    if "If-None-Match" in request.headers and request.if_none_match.contains_weak(etag):
        response = _response(b"", mimetype)
        response.status_code = 304
    elif takes_gzip:
        response = _response(page.compressed, mimetype)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = _response(page.body, mimetype)
    response.set_etag(etag)
    return response


def _response(body: bytes, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    return response
