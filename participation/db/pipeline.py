"""Several statements on their way to PostgreSQL at once, instead of a wait for each answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


@contextmanager
def pipelined(session: Session) -> Iterator[None]:
    """Wait, within, only for the answers that hold rows; the others are asked for at the end.

    Each wait costs a thread of a busy process far more than the journey to the server: it gets
    its turn among the others anew. On SQLite nothing changes.

    Args:
        session: its transaction begins here if it has not yet; the caller commits after the block.

    Raises:
        DBAPIError: of a statement that nobody waited for, by the next wait or the end.

    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        yield
        return
    try:
        with _pipeline_of(connection, session):
            yield
    except psycopg.Error as error:  # the last wait is not one of SQLAlchemy's
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


@contextmanager
def _pipeline_of(connection: Connection, session: Session) -> Iterator[None]:
    driver: Any = connection.connection.driver_connection
    # A flush asks of each of its changes how many rows it met.
    flushing = False

    def _begin(*_flush: Any) -> None:
        nonlocal flushing
        flushing = True

    def _end(*_flush: Any) -> None:
        nonlocal flushing
        flushing = False

    event.listen(session, "before_flush", _begin)
    event.listen(session, "after_flush", _end)
    with driver.pipeline() as pipeline:

        @event.listens_for(connection, "after_cursor_execute")
        def _await_rows(*execution: Any) -> None:
            context = execution[4]
            changes = context.isinsert or context.isupdate or context.isdelete
            if not changes or flushing or context.compiled.effective_returning:
                pipeline.sync()

        try:
            yield
        finally:
            event.remove(connection, "after_cursor_execute", _await_rows)
            event.remove(session, "before_flush", _begin)
            event.remove(session, "after_flush", _end)
