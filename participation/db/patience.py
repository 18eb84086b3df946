"""How long a silent PostgreSQL is waited for: one that takes a connection and never answers.

A server that is down says so, and one that is busy has its lock_timeout. One whose processes hang,
or whose host has vanished from the network, says nothing, and neither the driver nor a timeout in
the server ends that wait. Here the connection itself does; it is closed then, so that the pool
makes new ones and the next request finds a server that has come back.
"""

from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

Result = TypeVar("Result")

# A pooled connection is asked whether it lives, a new one is made, and all of that has to leave
# time for the page that says that nothing can be taken (P10: five seconds).
PING_SECONDS = 1.5
CONNECT_SECONDS = 2
# Seconds for the answer to one statement; None is as long as it takes (workers, commands).
patience: ContextVar[float | None] = ContextVar("patience", default=None)

# For connections of workers and commands too: a host that vanished is noticed within a minute.
NETWORK_OPTIONS = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class PatientConnection(psycopg.Connection[TupleRow]):
    """A connection that gives up on a server that has not answered for ``patience`` seconds."""

    def wait(
        self,
        gen: PQGen[Result],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Result:
        """Wait for the answer to whatever was sent.

        Raises:
            psycopg.OperationalError: no answer in time; the connection is closed then.

        """
        if timeout is None:
            # Outside of any transaction are short questions: the pool's, whether a connection
            # lives, and those of db.first_row.
            timeout = PING_SECONDS if self._autocommit else patience.get()
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            # An error that the server told of has ended the statement; otherwise none ever will.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def connect(arguments: tuple[Any, ...], options: dict[str, Any]) -> PatientConnection:
    """Open a connection with what SQLAlchemy would give the driver."""
    return PatientConnection.connect(*arguments, **options)
