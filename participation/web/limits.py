"""Rate limits: soft, counted per address, and never a lock for a whole neighbourhood."""

from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from participation.core.settings import Settings

limiter = Limiter(get_remote_address, default_limits=[])


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the limiter: counters in memory, or in Redis when there are several hosts."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.limits_url
    app.config["RATELIMIT_ENABLED"] = not app.testing
    # Counting must never stop anybody: without its store the limiter falls back to memory.
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    app.config["RATELIMIT_IN_MEMORY_FALLBACK"] = []
    limiter.init_app(app)
    # A view with a limit checks it itself (the decorator does). There is none for all views, so
    # the extension need not look at every request: that takes a fifth of the time of a page.
    every: tuple[list[Any], ...] = (app.before_request_funcs[None], app.after_request_funcs[None])
    for hooks in every:
        hooks[:] = [hook for hook in hooks if not _is_of_the_limiter(hook)]


def _is_of_the_limiter(hook: Any) -> bool:
    return getattr(hook, "__self__", None) is limiter or limiter in getattr(hook, "args", ())
