"""The writer of submissions from the web: one for the app, started by the first submission."""

import time
from collections.abc import Sequence

from flask import Flask, current_app, g
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from participation.campaigns.services.web_intake import Received, SentForm, receive
from participation.campaigns.views import offers
from participation.core import clock
from participation.core.errors import DomainError
from participation.core.settings import Settings
from participation.db.extension import db
from participation.db.group_commit import GroupCommit
from participation.db.patience import patience

# A resident is told within five seconds that it does not work and what to do instead.
PATIENCE_SECONDS = 4.0
# So long is left to the writer whatever the request has waited for already.
_LEAST_SECONDS = 0.5
_NAME = "submission_writer"

Writer = GroupCommit[SentForm, Received]


def init_app(app: Flask) -> None:
    """Prepare the writer of ``app`` and the memory of its forms."""
    offers.init_app(app)
    with app.app_context():
        engine = db.engine
    settings: Settings = app.extensions["settings"]
    app.extensions[_NAME] = GroupCommit(
        _write,
        lambda: _open_session(app, engine),
        # PostgreSQL lets several write at once, up to the head of the audit chain.
        lock_file=settings.data_dir / "intake-lock",
    )


def store(form: SentForm) -> Received:
    """Store one form for good.

    Raises:
        NotStoredError: the database does not answer, is locked or full.
        DomainError: why this form cannot be taken.

    """
    writer: Writer = current_app.extensions[_NAME]
    # Looking for the form in a database that does not answer has taken its part.
    waited = time.perf_counter() - g.get("started", time.perf_counter())
    return writer.store(form, timeout=max(PATIENCE_SECONDS - waited, _LEAST_SECONDS))


def _open_session(app: Flask, engine: Engine) -> Session:
    patience.set(PATIENCE_SECONDS)  # in the writer's own thread, which must not hang for good
    return Session(engine, info=app.extensions["session_info"])


def _write(session: Session, forms: Sequence[SentForm]) -> list[Received | DomainError]:
    return receive(session, forms, now=clock.now())
