"""The engines are durable and checked (promises.md: SQLite, decisions)."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from participation.db import engine as engines
from participation.db.engine import engine_options, prepare, reading


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (id INTEGER REFERENCES parent (id))"))
    yield engine
    engine.dispose()


def scalar(engine: Engine, statement: str):
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar()


def test_sqlite_is_past_the_wal_reset_bug(engine: Engine):
    version = scalar(engine, "SELECT sqlite_version()")
    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


def test_pragmas(engine: Engine):
    assert scalar(engine, "PRAGMA journal_mode") == "wal"
    assert scalar(engine, "PRAGMA synchronous") == 2  # FULL
    assert scalar(engine, "PRAGMA foreign_keys") == 1


def test_foreign_keys_are_checked(engine: Engine):
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO child VALUES (7)"))


def test_a_writer_takes_the_lock_at_its_beginning(engine: Engine):
    impatient = create_engine(
        engine.url, **{**engine_options(str(engine.url)), "connect_args": {"timeout": 0.1}}
    )
    prepare(impatient)
    with engine.begin(), pytest.raises(OperationalError, match="locked"), impatient.begin():
        pass
    impatient.dispose()


def test_a_reader_does_not_queue_for_the_writer(engine: Engine):
    seen: list[float] = []

    def read() -> None:
        token = reading.set(True)
        started = time.monotonic()
        with engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM parent")).scalar()
        seen.append(time.monotonic() - started)
        reading.reset(token)

    with engine.begin() as connection:
        connection.execute(text("INSERT INTO parent VALUES (1)"))
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(10)
    # It came back while the writer still held the lock, so it never waited for it.
    assert len(seen) == 1
    assert seen[0] < engines.WAIT_SECONDS


def test_schema_changes_roll_back(engine: Engine):
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE other (id INTEGER)"))
        connection.rollback()
    assert scalar(engine, "SELECT count(*) FROM sqlite_master WHERE name = 'other'") == 0
