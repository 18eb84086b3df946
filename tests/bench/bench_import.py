"""Importing 100,000 entries against reading the same file with the sheet library alone.

    .venv/bin/python -m tests.bench.bench_import [--rows 100000] [--repeat 3]

Three files of the same entries: a workbook as ``reports export-entries`` writes it (nine columns),
one as Excel saves it (the six columns of entries.csv, shared strings), and a CSV.

"Reading alone" is python-calamine walking over every row of the workbook. "Importing" is what
``reports load-entries`` does: reading under limits in a child process, checking every cell,
comparing with what is there, inserting entries and their first events, one audit event, commit.
The least of several runs, in one process on one machine: CPU seconds of the process and its
children (a clock lies on a machine that others use too), and the clock's in brackets. The bar of
4 is that of the exported workbook on SQLite, the embedded default; PostgreSQL's own CPU is only
seen by the clock, and there checking the foreign keys takes longer than all the reading.
"""

import argparse
import csv
import functools
import io
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import python_calamine
import xlsxwriter
from sqlalchemy.orm import Session

from participation.app import create_app
from participation.core.actors import system_actor
from participation.db.extension import db
from participation.departments.models import Department, DepartmentPeriod
from participation.reports import export
from participation.reports.models import EntryKind, EntryState, Item
from participation.reports.queries.exports import ExportedEntry
from participation.reports.services import entry_import, import_reading
from tests.conftest import make_settings
from tests.postgres import Server
from tests.schema import create_schema

BAR = 4.0
HEADER = ("item_id", "fiscal_year", "kind", "department", "text", "activity_type")
NOW = datetime(2024, 5, 10, tzinfo=UTC)
ITEMS = [f"{a}-{b}" for a in range(1, 4) for b in range(1, 12)]
DEPARTMENTS = [f"見本{n}課" for n in range(30)]
# Sentences of the length that the real ones have, each one different.
PHRASES = (
    "市民参加推進委員会を{n}回開催し、計画の進み具合について意見をいただいた。",
    "第{n}回の説明会を各地区で開き、質問と回答を市のホームページで公開した。",
    "アンケート（回答{n}件）を行い、結果を広報紙に載せた。",
    "市民提案型協働事業として、団体とともに「まちの{n}の庭」を実施した。",
)


def rows(count: int) -> list[tuple[str, ...]]:
    """The entries of the file, the same at every run."""
    chance = random.Random(1)
    return [
        (
            chance.choice(ITEMS),
            "R5" if number % 2 else "R6",
            "result" if number % 2 else "plan",
            chance.choice(DEPARTMENTS),
            PHRASES[number % 4].format(n=number),
            "meeting",
        )
        for number in range(count)
    ]


def workbook(entries: list[tuple[str, ...]]) -> bytes:
    """A workbook as Excel saves it, with shared strings."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("記載")
    for line, row in enumerate((HEADER, *entries)):
        for column, text in enumerate(row):
            sheet.write_string(line, column, text)
    book.close()
    return target.getvalue()


def exported(entries: list[tuple[str, ...]]) -> bytes:
    """The same as our own export writes it."""
    return export.entries_xlsx(
        (
            ExportedEntry(
                item_code=item,
                item_name="市民意識調査、アンケート調査",
                fiscal_year=2018 + int(year[1:]),
                kind=EntryKind(kind),
                department=department,
                text=text,
                nothing=False,
                activity_type=activity,
                state=EntryState.CONFIRMED,
            )
            for item, year, kind, department, text, activity in entries
        ),
        created=NOW,
    )


def comma_separated(entries: list[tuple[str, ...]]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target).writerows((HEADER, *entries))
    return target.getvalue().encode("utf-8-sig")


def read_alone(data: bytes) -> int:
    book = python_calamine.load_workbook(io.BytesIO(data))
    return sum(len(row) for row in book.get_sheet_by_index(0).iter_rows())


@dataclass(frozen=True, order=True)
class Cost:
    """Seconds of one act: of the processor, and of the clock."""

    cpu: float
    wall: float

    def over(self, other: "Cost") -> str:
        """In words: what it costs, and how many times the other."""
        times = f"{self.cpu / other.cpu:.2f}× ({self.wall / other.wall:.2f}× by the clock)"
        return f"{self.cpu:.2f} s = {times}"


def cost(act: Callable[[], object]) -> tuple[Cost, object]:
    """What one run costs, and what it returned."""
    before, start = _cpu(), time.perf_counter()
    result = act()
    return Cost(_cpu() - before, time.perf_counter() - start), result


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def prepare(session: Session) -> None:
    session.add_all(Item(code=code) for code in ITEMS)
    session.add_all(
        Department(code=name, periods=[DepartmentPeriod(name=name, valid_from=date(2020, 4, 1))])
        for name in DEPARTMENTS
    )
    session.commit()


def load(session: Session, data: bytes) -> int:
    batch = entry_import.import_file(
        session,
        data,
        filename="entries",
        entry_state=EntryState.CONFIRMED,
        create_departments=False,
        actor=system_actor("bench"),
        now=NOW,
    )
    count = batch.new_rows
    session.commit()
    return count


def preview(session: Session, data: bytes) -> None:
    """What the worker does before anybody says yes."""
    directory = import_reading.directory_for(session, None, now=NOW)
    reading = import_reading.read_file(data, filename="entries", directory=directory)
    entry_import.examine(session, reading, now=NOW)
    session.rollback()


def measure(server: Server | None, data: bytes, expected: int, repeat: int) -> dict[str, Cost]:
    """The least cost of each act, each import into a database of its own."""
    times: dict[str, list[Cost]] = {"preview": [], "import": [], "again": []}
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            settings = make_settings(Path(folder), new_database(server, folder))
            create_schema(settings)
            app = create_app(settings)
            with app.app_context():
                session = db.session()
                prepare(session)
                acts = {
                    "preview": lambda s=session: preview(s, data),
                    "import": lambda s=session: load(s, data),
                    "again": lambda s=session: load(s, data),
                }
                stored = {}
                for name, act in acts.items():
                    spent, stored[name] = cost(act)
                    times[name].append(spent)
                assert (stored["import"], stored["again"]) == (expected, 0)
                db.session.remove()
                db.engine.dispose()
    return {name: min(found) for name, found in times.items()}


def new_database(server: Server | None, folder: str) -> str:
    if server is None:
        return f"sqlite:///{folder}/bench.sqlite3"
    name = f"bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.url(name)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    entries = rows(options.rows)
    files = {
        "exported xlsx": exported(entries),
        "saved xlsx": workbook(entries),
        "csv": comma_separated(entries),
    }
    alone = {}
    for form, data in files.items():
        if form != "csv":
            runs = [cost(functools.partial(read_alone, data))[0] for _ in range(5)]
            alone[form] = min(runs)
            print(f"{options.rows:,} rows, {form}: calamine alone {alone[form].cpu:.2f} s")
    # There is no sheet library for CSV: it is held against the workbook of the same columns.
    alone["csv"] = alone["saved xlsx"]
    reached = 0.0
    server = Server()
    try:
        for form, data in files.items():
            for name, place in (("SQLite", None), ("PostgreSQL", server)):
                found = measure(place, data, options.rows, options.repeat)
                ratios = ", ".join(
                    f"{act} {spent.over(alone[form])}" for act, spent in found.items()
                )
                print(f"{form}, {name}: {ratios}", flush=True)
                if (form, place) == ("exported xlsx", None):
                    reached = found["import"].cpu / alone[form].cpu
    finally:
        server.stop()
    verdict = "ok" if reached <= BAR else "MISSED"
    print(f"import of an exported workbook on SQLite: {reached:.2f}× (bar {BAR}×) {verdict}")
    return int(reached > BAR)


if __name__ == "__main__":
    sys.exit(main())
