"""What is asked before every page from memory, when the database does not answer."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, literal, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from participation.db.engine import engine_options, prepare
from participation.db.first_row import first_row

_SEVEN = select(literal(7))
_THREADS = 16  # of a web process


def test_a_silent_server_is_given_up_by_all_pages_within_five_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        url = f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing"
        engine = create_engine(url, **engine_options(url))
        prepare(engine)

        def ask(_number: int) -> float:
            begun = time.monotonic()
            with pytest.raises((OperationalError, PoolTimeout)):
                first_row(engine, _SEVEN, {})
            return time.monotonic() - begun

        with ThreadPoolExecutor(_THREADS) as pages:
            waits = list(pages.map(ask, range(_THREADS)))
        engine.dispose()
    assert max(waits) < 5


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_was_away_meanwhile_is_asked_again(app: object, session: Session) -> None:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    assert first_row(engine, _SEVEN, {})[0] == 7
    # As a restart does; this test's own connection stays.
    with psycopg.connect(
        engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    ) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert first_row(engine, _SEVEN, {})[0] == 7
    session.rollback()
    assert session.scalar(text("SELECT 1")) == 1
