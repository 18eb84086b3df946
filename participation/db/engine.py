"""Engine options and the transaction each engine begins: durable, checked, and never surprised."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from participation.db import patience

# A database that cannot answer within this many seconds is down as far as a resident can tell.
WAIT_SECONDS = 4

# True while a request only reads. A writer takes SQLite's write lock at the start (BEGIN
# IMMEDIATE), so that it can never fail to upgrade half-way; a reader must not queue for it.
reading: ContextVar[bool] = ContextVar("reading", default=False)

_DEFERRED = "deferred"  # in Connection.info: this transaction has not asked for the write lock yet
# Of a new SQLite file; one that exists keeps its own. What residents write takes a kilobyte a row:
# of larger pages half as many are written, to the WAL and then to the file (docs/decisions/0002).
_PAGE_BYTES = 8192
_READS = ("SELECT", "WITH", "PRAGMA", "EXPLAIN", "BEGIN")


def engine_options(url: str) -> dict[str, Any]:
    """Return the keyword arguments of ``create_engine`` for ``url``.

    SQLite comes from pysqlite3 (3.53): the one in Python may be old enough to have the WAL-reset
    bug, which loses committed writes.
    """
    if url.startswith("sqlite"):
        from pysqlite3 import dbapi2

        return {
            "module": dbapi2,
            "connect_args": {"timeout": WAIT_SECONDS},
            "hide_parameters": True,
        }
    return {
        # An error names its statement, never the values: they may be a person's.
        "hide_parameters": True,
        "pool_pre_ping": True,
        # A connection for each thread of a web process (docs/deployment.md) stays open; the writers
        # of forms (db.group_commit) have theirs beside.
        "pool_size": 16,
        "max_overflow": 8,
        "pool_timeout": WAIT_SECONDS,
        "connect_args": {
            "connect_timeout": patience.CONNECT_SECONDS,
            **patience.NETWORK_OPTIONS,
            # Compiling a query takes longer here than any query runs.
            "options": f"-c lock_timeout={WAIT_SECONDS}s -c timezone=UTC -c jit=off",
        },
    }


def prepare(engine: Engine) -> None:
    """Attach the per-connection rules: SQLite's pragmas, patience with a silent PostgreSQL."""
    if engine.dialect.name != "sqlite":

        @event.listens_for(engine, "do_connect")
        def _connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
            return patience.connect(arguments, options)

        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten (P7)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        deferred = reading.get()
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")
        connection.info[_DEFERRED] = deferred

    @event.listens_for(engine, "before_cursor_execute")
    def _before_statement(
        connection: Connection, cursor: Any, statement: str, *_rest: object
    ) -> None:
        # A reader that comes to write after all (the audit event of a page view, the end of a
        # job) cannot upgrade a snapshot that is no longer the newest. It has written nothing yet,
        # so it ends that transaction and begins a writing one: what PostgreSQL's READ COMMITTED
        # does at every statement.
        if connection.info.get(_DEFERRED) and not statement.lstrip().upper().startswith(_READS):
            connection.info[_DEFERRED] = False
            cursor.execute("COMMIT")
            cursor.execute("BEGIN IMMEDIATE")


@contextmanager
def reading_until_a_write() -> Iterator[None]:
    """Begin transactions within as a reader's: on SQLite the first write takes the lock.

    For what reads or computes long, such as a render of minutes or a walk through the audit log:
    it must not keep everybody else from saving.
    """
    token = reading.set(True)
    try:
        yield
    finally:
        reading.reset(token)


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """End the reading so far and write in a fresh transaction.

    On SQLite a transaction that has read cannot begin to write once somebody else has committed,
    so this one takes the write lock at its start.
    """
    session.rollback()
    token = reading.set(False)
    try:
        yield
        session.flush()
    finally:
        reading.reset(token)


def reading_one_moment(session: Session) -> None:
    """Begin a transaction whose reads all see the same moment, however long they take.

    SQLite's do anyway; PostgreSQL's, as we use it, see at each statement what stands there then.
    """
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def holds_write_lock(session: Session) -> bool:
    """Whether ``session`` holds SQLite's one write lock, so that nobody else can write now."""
    if session.get_bind().dialect.name != "sqlite" or not session.in_transaction():
        return False
    return not session.connection().info.get(_DEFERRED, False)
