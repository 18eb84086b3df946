"""Finished pages of published editions, kept compressed in memory up to a number of bytes."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

# A resident's page is 50 to 200 kB, an eighth of that compressed; a city's whole report in all
# its sections fits many times.
DEFAULT_BYTES = 64 * 1024 * 1024
# What an entry costs beside its body, roughly.
_OVERHEAD = 1_000


_LEVEL = 6


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
    its key, and a published edition never changes.
    """

    def __init__(self, most_bytes: int = DEFAULT_BYTES) -> None:
        """Start empty; hold at most about ``most_bytes``."""
        self._most, self._held = most_bytes, 0
        self._pages: OrderedDict[Hashable, CachedPage] = OrderedDict()
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

    @property
    def held_bytes(self) -> int:
        """How much is held now."""
        return self._held
