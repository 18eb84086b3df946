"""One row by the shortest way to the driver, for what is asked before every page from memory."""

import threading
import time
from enum import Enum
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Engine, Select, create_engine, event
from sqlalchemy.exc import OperationalError

from participation.db.engine import engine_options, prepare
from participation.db.patience import PING_SECONDS

# A page is one question: it waits for nobody's transaction, and hardly for another page.
_CONNECTIONS = 4
_TURN_SECONDS = 1
# Seconds: a connection that does not live is known by then, a server that does not answer is not.
_KNOWN_DEAD = PING_SECONDS + 0.2
_readers: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()
_making = threading.Lock()


def first_row(engine: Engine, statement: Select[Any], values: dict[str, Any]) -> Any:
    """Return the first row of ``statement``, or None; a tenth of the time of a session's query.

    Args:
        engine: the database; the row is read outside of any transaction of the request.
        statement: a constant of its module, since what it compiles to is kept for good.
        values: its parameters by name; those left out keep the value they were bound with.

    Raises:
        OperationalError: the database does not answer, as a session would say it.
        sqlalchemy.exc.TimeoutError: nor has it answered the pages before this one.

    """
    sql, names, bound = _compiled(engine.dialect, statement)
    values = {**bound, **values}
    parameters = [values[name] for name in names] if names else values
    if engine.dialect.name == "sqlite":
        return _asked(engine, sql, parameters)
    reader, begun = _reader(engine), time.monotonic()
    try:
        return _asked(reader, sql, parameters)
    except OperationalError:
        # The server was away meanwhile, and none of these connections lives.
        reader.dispose()
        if time.monotonic() - begun > _KNOWN_DEAD:
            raise  # it says nothing; no page has the time to wait for that twice (P10)
    return _asked(reader, sql, parameters)


def _asked(engine: Engine, sql: str, parameters: Any) -> Any:
    failures = engine.dialect.loaded_dbapi.Error
    try:
        connection = engine.raw_connection()
    except failures as error:
        raise OperationalError(None, None, error, hide_parameters=True) from error
    try:
        cursor = connection.cursor()
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
        cursor.close()
    except failures as error:
        # Whatever it was, no other request shall meet it on this connection.
        connection.invalidate(error)
        raise OperationalError(sql, None, error, hide_parameters=True) from error
    finally:
        connection.close()
    return row


def _reader(engine: Engine) -> Engine:
    """Return the engine that asks PostgreSQL for ``engine``: one message there, one back.

    Its connections begin no transaction, end none, and are not asked before whether they live:
    each of these is another message, and together they take half the time of a page from memory.
    """
    found = _readers.get(engine)
    if found is not None:
        return found
    with _making:
        if engine not in _readers:
            options = engine_options(str(engine.url)) | {
                "isolation_level": "AUTOCOMMIT",
                "pool_pre_ping": False,
                "pool_reset_on_return": None,
                "pool_size": _CONNECTIONS,
                "max_overflow": _CONNECTIONS,
                "pool_timeout": _TURN_SECONDS,
            }
            reader = create_engine(engine.url, **options)
            prepare(reader)
            event.listen(engine, "engine_disposed", lambda _: reader.dispose())
            _readers[engine] = reader
        return _readers[engine]


@cache
def _compiled(
    dialect: Dialect, statement: Select[Any]
) -> tuple[str, list[str] | None, dict[str, Any]]:
    """Return the SQL of ``statement`` for a driver, the order of its parameters, their values."""
    compiled = statement.compile(dialect=dialect)
    values = {
        name: value.value if isinstance(value, Enum) else value
        for name, value in compiled.params.items()
    }
    return str(compiled), compiled.positiontup, values
