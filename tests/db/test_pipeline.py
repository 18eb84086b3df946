"""Statements on their way together: their errors are not lost, and rows are there when read."""

import contextlib

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from participation.db.pipeline import pipelined
from participation.submissions.models import Receipt, UsedChallenge
from tests.db.test_many_rows import NOW, receipt

INSERT = insert(Receipt.__table__).inline()  # does not ask for the id


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_rows_are_there_when_they_are_read(session):
    with pipelined(session):
        connection = session.connection()
        connection.execute(INSERT, [receipt(1)])
        connection.execute(INSERT, [receipt(2), receipt(3)])
        assert count(session, Receipt) == 3
        changed = connection.execute(
            update(Receipt.__table__).values(subject="x:1").returning(Receipt.id)
        )
        assert len(changed.all()) == 3
        connection.execute(INSERT, [receipt(4)])
    session.commit()
    assert count(session, Receipt) == 4


def test_an_error_nobody_waited_for_is_raised_at_the_end_at_the_latest(session):
    reached = []
    with pytest.raises(IntegrityError), pipelined(session):  # noqa: PT012 -- which line raises
        session.connection().execute(INSERT, [receipt(1)])
        session.connection().execute(INSERT, [receipt(1)])
        reached.append("after it")
        session.connection().execute(INSERT, [receipt(2)])
    session.rollback()
    assert count(session, Receipt) == 0
    assert reached == (["after it"] if session.get_bind().dialect.name == "postgresql" else [])


def test_an_error_before_a_read_is_raised_there(session):
    with pytest.raises(IntegrityError), pipelined(session):  # noqa: PT012 -- which line raises
        session.connection().execute(INSERT, [receipt(1)])
        session.connection().execute(INSERT, [receipt(1)])
        count(session, Receipt)
        pytest.fail("read in spite of it")
    session.rollback()


def test_the_connection_is_as_before(session):
    for _again in range(2):
        with pytest.raises(IntegrityError), pipelined(session):  # noqa: PT012 -- which line raises
            session.connection().execute(INSERT, [receipt(1)])
            session.connection().execute(INSERT, [receipt(1)])
        session.rollback()
        with pytest.raises(ZeroDivisionError), pipelined(session):  # noqa: PT012
            session.connection().execute(INSERT, [receipt(1)])
            raise ZeroDivisionError
        session.rollback()
    session.add(UsedChallenge(signature="s", expires_at=NOW))
    session.commit()
    assert count(session, Receipt) == 0
    assert count(session, UsedChallenge) == 1


def test_a_lost_connection_is_an_error_of_the_database(session):
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite is no server")
    backend = session.scalar(text("SELECT pg_backend_pid()"))
    with pytest.raises(OperationalError), pipelined(session):  # noqa: PT012 -- the end raises
        session.connection().execute(INSERT, [receipt(1)])
        with session.get_bind().connect() as other:
            other.execute(select(func.pg_terminate_backend(backend)))
    with contextlib.suppress(OperationalError):
        session.rollback()
    session.close()
    assert count(session, Receipt) == 0
