"""P3: never one seat too many, never one too few, one a person (the short form; see bench_p3)."""

import uuid

import psycopg
import pytest

from tests.conftest import _postgres, make_settings
from tests.promises.racing import race


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_racers_get_exactly_the_seats_that_there_are(engine, tmp_path):
    if engine == "sqlite":
        result = _race(tmp_path, f"sqlite:///{tmp_path / 'p3.sqlite3'}")
    else:
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            result = _race(tmp_path, _postgres(name))
        finally:
            with psycopg.connect(_postgres("postgres"), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    assert result.faults == [], str(result)
    assert result.rounds == 6
    assert result.answers["stored"] > 50, str(result)
    assert result.answers["NoSeat"] > 10, str(result)
    assert result.answers["KnownPerson"] > 0, str(result)


def _race(folder, url):
    return race(make_settings(folder / "data", url), rounds=6, racers=48, processes=2)
