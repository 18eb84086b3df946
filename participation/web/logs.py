"""Logs: one line a request, without addresses, query strings or anything a person typed."""

import logging
import time

import structlog
from flask import Flask, Response, g, request

from participation.core import clock
from participation.core.settings import Settings

log = structlog.get_logger("participation")


def init_app(app: Flask, settings: Settings) -> None:
    """Configure structlog and log each request of ``app``."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if settings.is_production
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if app.testing else logging.INFO
        ),
        cache_logger_on_first_use=False,
    )

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()
        # Before the body is read: what began in time is in time, however slow the line.
        g.received_at = clock.now()

    @app.after_request
    def _end(response: Response) -> Response:
        if request.endpoint not in {"static", "health.live", "health.ready"}:
            log.info(
                "request",
                method=request.method,
                # The rule, not the path: an address may hold a secret (invitation, receipt).
                rule=str(request.url_rule or "-"),
                status=response.status_code,
                ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            )
        return response
