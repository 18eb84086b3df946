"""Soft limits: how much a network sends just now. Over one, more is asked; nobody is refused."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from flask import Flask, current_app
from limits import RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from participation.core.settings import Settings


@dataclass(frozen=True)
class SoftLimit:
    """So many acts of one network in so many seconds."""

    name: str
    amount: int
    seconds: int


# A town hall's hall full of people still fits; a script does not.
SENDS = SoftLimit("sends", 20, 600)
LOOKUPS = SoftLimit("lookups", 120, 60)
LETTERS = SoftLimit("letters", 5, 600)
_NAME = "pressure"
_logger = logging.getLogger(__name__)


class _Counter(Protocol):
    """Counts acts in windows of time."""

    def add(self, limit: SoftLimit, network: str) -> bool:
        """Count one and say whether it stays within the limit."""

    def has_room(self, limit: SoftLimit, network: str) -> bool:
        """Say whether one more would stay within the limit."""


class _InMemory:
    """Counters of this process, forgotten with each window.

    Not the memory store of ``limits``: that one starts a thread every few milliseconds and walks
    through all its keys, which in a flood costs more than taking the submissions in.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, dict[str, int]]] = {}

    def add(self, limit: SoftLimit, network: str) -> bool:
        with self._lock:
            counts = self._counts(limit)
            counts[network] = counts.get(network, 0) + 1
            return counts[network] <= limit.amount

    def has_room(self, limit: SoftLimit, network: str) -> bool:
        with self._lock:
            return self._counts(limit).get(network, 0) < limit.amount

    def _counts(self, limit: SoftLimit) -> dict[str, int]:
        window = int(time.monotonic()) // limit.seconds
        known = self._windows.get(limit.name)
        if known is None or known[0] != window:
            known = self._windows[limit.name] = (window, {})
        return known[1]


class _Shared:
    """Counters in Redis, for several hosts."""

    def __init__(self, url: str) -> None:
        self._limiter = FixedWindowRateLimiter(storage_from_string(url))

    def add(self, limit: SoftLimit, network: str) -> bool:
        return self._limiter.hit(self._item(limit), limit.name, network)

    def has_room(self, limit: SoftLimit, network: str) -> bool:
        return self._limiter.test(self._item(limit), limit.name, network)

    def _item(self, limit: SoftLimit) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(limit.amount, limit.seconds)


def init_app(app: Flask) -> None:
    """Open the counters: in memory, or in Redis when there are several hosts."""
    settings: Settings = app.extensions["settings"]
    in_memory = settings.limits_url.startswith("memory://")
    app.extensions[_NAME] = _InMemory() if in_memory else _Shared(settings.limits_url)


def count(limit: SoftLimit, network: str | None) -> bool:
    """Count one act of ``network`` and return whether it stays within ``limit``."""
    counter: _Counter = current_app.extensions[_NAME]
    try:
        return counter.add(limit, network or "unknown")
    except Exception:  # whatever a store may raise: counting must never stop anybody
        _logger.exception("the store of the limits does not answer")
        return True


def is_below(limit: SoftLimit, network: str | None) -> bool:
    """Whether one more act of ``network`` would stay within ``limit``; counts nothing."""
    counter: _Counter = current_app.extensions[_NAME]
    try:
        return counter.has_room(limit, network or "unknown")
    except Exception:
        _logger.exception("the store of the limits does not answer")
        return True
