"""P1: a receipt shown is never lost and never doubled (the short form; see bench_p1)."""

import uuid

import psycopg
import pytest

from tests.conftest import _postgres
from tests.promises.killing import OPINIONS, put_to_the_test
from tests.promises.registrations import REGISTRATIONS


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("flow", [OPINIONS, REGISTRATIONS], ids=["opinions", "registrations"])
@pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_no_receipt_is_lost_when_servers_are_killed(engine, flow, tmp_path):
    if engine == "sqlite":
        tally = _run(flow, tmp_path, f"sqlite:///{tmp_path / 'p1.sqlite3'}")
    else:
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            tally = _run(flow, tmp_path, _postgres(name))
        finally:
            with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    assert tally.kept, str(tally)
    assert tally.kills >= 3
    assert len(tally.shown) >= 20, str(tally)


def _run(flow, folder, url):
    return put_to_the_test(folder, url, kills=5, receipts=60, seconds=60, flow=flow)
