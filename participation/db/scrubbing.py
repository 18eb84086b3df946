"""Leaving nothing of erased values in the files of the database.

SQLite overwrites what is deleted (``secure_delete``, db/engine.py), but older pages stay in its
log until that is folded in; PostgreSQL keeps old rows until a VACUUM.
"""

import logging
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

_WANTED = "tables_to_scrub"
_logger = logging.getLogger(__name__)


def scrub_after_commit(session: Session, *tables: str) -> None:
    """Have the old rows of ``tables`` wiped from the database's files once the caller commits.

    What cannot be wiped then (a long reader is looking at it) is left to the next erasure and
    logged; the erasure itself stands.
    """
    waiting: set[str] | None = session.info.get(_WANTED)
    if waiting is None:
        waiting = session.info[_WANTED] = set()
        event.listen(session, "after_commit", _scrub)
        event.listen(session, "after_rollback", _forget)
    waiting.update(tables)


def scrub(engine: Engine, tables: set[str]) -> bool:
    """Wipe old rows now; False when somebody was in the way."""
    if engine.dialect.name == "sqlite":
        return _fold_in_log(engine)
    names = ", ".join(engine.dialect.identifier_preparer.quote(name) for name in sorted(tables))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM {names}")
    return True


def _fold_in_log(engine: Engine) -> bool:
    """Bring SQLite's write-ahead log into the file and cut it to nothing."""
    connection = engine.raw_connection()
    try:
        cursor: Any = connection.cursor()
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [busy, *_rest] = cursor.fetchone()
        finally:
            cursor.close()
    finally:
        connection.close()
    return not busy


def _scrub(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint; the commit is still to come
    waiting: set[str] = session.info[_WANTED]
    if not waiting:
        return
    tables = set(waiting)
    waiting.clear()
    engine = session.get_bind()
    if not isinstance(engine, Engine):
        engine = engine.engine
    try:
        if not scrub(engine, tables):
            _logger.warning("the log of the database could not be folded in after an erasure")
    except SQLAlchemyError:
        _logger.exception("old rows could not be wiped after an erasure")


def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_WANTED].clear()
