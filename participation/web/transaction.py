"""The one commit of a request, and what leaves only after it."""

from collections.abc import Callable

from flask import Flask, g
from sqlalchemy import event
from sqlalchemy.orm import Session

from participation.db.extension import AppSession, db

_AFTER = "after_commit"
_FLUSHED = "flushed_uncommitted"


def commit() -> None:
    """Commit what the services of this request did; views call it once, before they redirect."""
    db.session.commit()
    for act in g.pop(_AFTER, []):
        act()


def after_commit(act: Callable[[], None]) -> None:
    """Have ``act`` run after the commit; without a commit it never runs."""
    g.setdefault(_AFTER, []).append(act)


def init_app(app: Flask) -> None:
    """Roll back what a view left uncommitted; in tests, fail on it."""

    @app.teardown_request
    def _end(error: BaseException | None) -> None:
        if not db.session.registry.has():
            return  # a page from memory: it never asked for a session
        session = db.session()
        left = bool(session.new or session.dirty or session.deleted or session.info.get(_FLUSHED))
        session.rollback()
        if app.testing and error is None and left and not g.get("discarded"):
            raise AssertionError("a view ended with uncommitted state")

    if app.testing:
        _notice_flushes()


def _notice_flushes() -> None:
    """Have sessions remember that they sent changes which are not committed yet."""
    if event.contains(AppSession, "after_flush", _flushed):
        return
    event.listen(AppSession, "after_flush", _flushed)
    for end in ("after_commit", "after_rollback"):
        event.listen(AppSession, end, _ended)


def _flushed(session: Session, _context: object) -> None:
    session.info[_FLUSHED] = True


def _ended(session: Session) -> None:
    session.info.pop(_FLUSHED, None)


def discard() -> None:
    """Throw away what the services of this request did, on purpose (an error page follows)."""
    db.session.rollback()
    g.discarded = True
