"""P1: a receipt shown is never lost and never doubled (the short form; see bench_p1)."""

import uuid

import psycopg
import pytest

from tests.conftest import _postgres
from tests.promises.killing import put_to_the_test


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_no_receipt_is_lost_when_servers_are_killed(engine, tmp_path):
    if engine == "sqlite":
        tally = put_to_the_test(
            tmp_path, f"sqlite:///{tmp_path / 'p1.sqlite3'}", kills=5, receipts=60, seconds=60
        )
    else:
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            tally = put_to_the_test(tmp_path, _postgres(name), kills=5, receipts=60, seconds=60)
        finally:
            with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    assert tally.kept, str(tally)
    assert tally.kills >= 3
    assert len(tally.shown) >= 20, str(tally)
