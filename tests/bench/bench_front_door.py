"""The residents' front door under load: home and calendar against an empty Flask view.

    .venv/bin/python -m tests.bench.bench_front_door [--seconds 2] [--rounds 8] [--only …]

Five thousand events in the two years around today, fifty campaigns. Both are served by granian with
two workers of four threads, ours as in production, first on SQLite and then on PostgreSQL. The home
page is one page; the calendar is gone round as month and as list, half a year back and ahead. The
bar is 0.2 of the empty view, measured in turns; pages are made anew every minute, and that is in
the figures. How long a page takes that comes from no memory is printed beside.
"""

import argparse
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from participation.app import create_app
from participation.core import clock
from participation.core.settings import Settings
from participation.db.extension import db
from participation.portal.months import Month
from tests.bench.bench_import import new_database
from tests.bench.pages_under_load import Client, both_served, compare, options
from tests.bench.server import free_port, production
from tests.factories import make_department
from tests.portal.arrange import load_city, many_things
from tests.postgres import Server
from tests.schema import create_schema

EVENTS = 5_000
MONTHS = range(-6, 7)
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


def arrange(settings: Settings) -> None:
    """Fill a database."""
    with create_app(settings).app_context():
        session = db.session()
        load_city(session)
        many_things(session, make_department(session), EVENTS, clock.now())
        db.session.remove()
        db.engine.dispose()


def cold(port: int, path: str) -> float:
    """The milliseconds that a page takes which no memory has: the median of five."""
    times = []
    for number in range(5):
        join = "&" if "?" in path else "?"
        begun = time.perf_counter()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}{join}x={number}") as answer:
            answer.read()
        times.append(1000 * (time.perf_counter() - begun))
    return sorted(times)[2]


def run(server: Server | None, asked: argparse.Namespace) -> bool:
    """Measure on one database; whether every page reaches the bar."""
    this = Month.of(clock.local_date(clock.now()))
    months = [f"/calendar/?month={this.plus(by)}" for by in MONTHS]
    targets = {
        "home": ["/"],
        "calendar, month": months,
        "calendar, list": [f"{path}&view=list" for path in months],
        "calendar.ics": ["/calendar.ics?kind=workshop.briefing"],
    }
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = production(Path(folder), new_database(server, folder), port)
        settings = Settings.from_env(environment)
        create_schema(settings)
        arrange(settings)
        with both_served(environment, port) as empty:
            for name, paths in targets.items():
                print(f"{name}: {cold(port, paths[len(paths) // 2]):.0f} ms without memory")
            clients = {name: Client(port, paths) for name, paths in targets.items()}
            return compare(empty, clients, seconds=asked.seconds, rounds=asked.rounds) == 0


def main() -> int:
    asked = options([SQLITE, POSTGRESQL])
    reached = True
    if asked.only != POSTGRESQL:
        print(f"{SQLITE}:")
        reached &= run(None, asked)
    if asked.only != SQLITE:
        server = Server()
        try:
            print(f"{POSTGRESQL}:")
            reached &= run(server, asked)
        finally:
            server.stop()
    return int(not reached)


if __name__ == "__main__":
    sys.exit(main())
