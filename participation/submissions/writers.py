"""The writer of a kind of form: group commits with the patience of a page that somebody sees."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Flask, g
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from participation.core.settings import Settings
from participation.db.extension import db
from participation.db.group_commit import GroupCommit
from participation.db.patience import patience

Form = TypeVar("Form")
Stored = TypeVar("Stored")
# A resident is told within five seconds that it does not work and what to do instead.
PATIENCE_SECONDS = 4.0
# So long is left to the writer whatever the request has waited for already.
_LEAST_SECONDS = 0.5


def new_writer(
    app: Flask, write: Callable[[Session, Sequence[Form]], Sequence[Stored | Exception]]
) -> GroupCommit[Form, Stored]:
    """Return the writer that stores forms of one kind by ``write``, one for the app.

    All kinds queue at one file: SQLite has one write lock for all of them.
    """
    with app.app_context():
        engine = db.engine
    settings: Settings = app.extensions["settings"]
    return GroupCommit(
        write,
        lambda: _open_session(app, engine),
        lock_file=settings.data_dir / "intake-lock",
    )


def hand_over(writer: GroupCommit[Form, Stored], form: Form) -> Stored:
    """Store one form for good, within what this request has left of the sender's patience.

    Raises:
        NotStoredError: the database does not answer, is locked or full.
        DomainError: why this form cannot be taken.

    """
    # What was asked of a database that does not answer has taken its part.
    waited = time.perf_counter() - g.get("started", time.perf_counter())
    return writer.store(form, timeout=max(PATIENCE_SECONDS - waited, _LEAST_SECONDS))


def _open_session(app: Flask, engine: Engine) -> Session:
    patience.set(PATIENCE_SECONDS)  # in the writer's own thread, which must not hang for good
    return Session(engine, info=app.extensions["session_info"])
