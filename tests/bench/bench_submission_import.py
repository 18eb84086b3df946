"""Importing 100,000 submissions against reading the same workbook with the sheet library alone.

    .venv/bin/python -m tests.bench.bench_submission_import [--rows 100000] [--repeat 3]

One workbook with all fifteen columns, as our own sheet for filling in is written; each row is
one submission with its sender and one opinion of some 210 characters. "Reading alone" is
python-calamine walking over every row. "Importing" is what ``campaigns load-submissions`` does:
reading under limits in a child process, checking every cell, a receipt with a random number, the
sender encrypted, keyed hashes of person and text, four tables, one audit event, commit. The least
of several runs, in one process on one machine: CPU seconds of the process and its children, the
clock's in brackets. The bar of 4 is that of SQLite, the embedded default; PostgreSQL's own CPU is
only seen by the clock.
"""

import argparse
import functools
import random
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from participation.app import create_app
from participation.campaigns.queries.campaigns import get_campaign
from participation.campaigns.services.submission_import import load_file
from participation.campaigns.services.submission_rows import COLUMNS
from participation.core.actors import system_actor
from participation.db.extension import db
from participation.sheets.write_xlsx import Sheet, write_xlsx
from tests.bench.bench_import import Cost, cost, new_database, read_alone
from tests.campaigns.arrange import make_campaign
from tests.conftest import make_settings
from tests.factories import make_department
from tests.postgres import Server
from tests.schema import create_schema

BAR = 4.0
NOW = datetime(2024, 6, 30, 3, tzinfo=UTC)
HEADER = tuple(names[0] for names in COLUMNS.values())
# What people write who write at all.
WISHES = (
    "公園の木陰を{n}本分ふやし、夏でも歩いて買い物に行けるようにしてください。",
    "駅前の駐輪場を{n}台分ひろげ、雨の日でもぬれずに乗り換えられるようにしてください。",
    "保育所の送り迎えの時間に、{n}番のバスの本数をふやしてほしいと思います。",
    "案の{n}ページの目標は低すぎると感じます。五年のうちに倍にしてください。",
)
DETAILS = (
    "とくに小学校のまわりは、朝と夕方に車が多く、子どもが一人で歩くのは心配です。",
    "隣の市では同じような取り組みで、お年寄りの外出が増えたと聞きました。",
    "費用がかかることは分かりますが、少しずつでも続けることが大切だと考えます。",
    "市民が手伝えることがあれば、自治会を通じて声をかけてください。",
    "計画の言葉がむずかしいので、絵や図を入れた短い版も作っていただきたいです。",
    "数字だけでなく、使う人の声を毎年集めて、計画に生かしてください。",
)
REASONS = (
    "毎日使っていて困っているためです。同じ思いの人がまわりにたくさんいます。",
    "近所の人と話し合ったところ、五人のうち四人が同じ意見でした。",
    "",
)
METHODS = ("電子メール", "FAX", "郵送", "持参", "電子申請")


def rows(count: int) -> list[tuple[str, ...]]:
    """The rows of the file, the same at every run; everybody in it is made up."""
    chance = random.Random(1)
    return [
        (
            str(number + 1),
            day := f"2024-06-{chance.randrange(1, 29):02}",
            day if METHODS[number % 5] == "郵送" else "",
            METHODS[number % 5],
            "市内に住所を有する方",
            f"見本第{number}自治会" if number % 10 == 0 else "",
            f"見本 {number}代" if number % 10 == 0 else "",
            f"見本 {number}郎",
            f"みほん {number}ろう",
            f"見本市中央{number % 90 + 1}-{number % 30 + 1}",
            f"0463-00-{number % 10000:04}",
            f"person{number}@example.jp",
            f"{number % 120 + 1}ページ",
            WISHES[number % 4].format(n=number) + "".join(chance.sample(DETAILS, 5)),
            REASONS[number % 3],
        )
        for number in range(count)
    ]


def workbook(lines: list[tuple[str, ...]]) -> bytes:
    """The sheet that people fill in, with all columns, as our own writer saves it."""
    return write_xlsx([Sheet("意見", HEADER, lines)], title="意見", created=NOW)


def load(session: Session, campaign_id: int, data: bytes) -> int:
    """Import the file and return how many submissions were new."""
    campaign = get_campaign(session, campaign_id)
    actor = system_actor("bench")
    done = load_file(session, campaign, data, filename="x.xlsx", actor=actor, now=NOW)
    new = done.new_rows
    session.commit()
    return new


def measure(server: Server | None, data: bytes, expected: int, repeat: int) -> dict[str, Cost]:
    """The least cost of each act, each import into a database of its own."""
    costs: dict[str, list[Cost]] = {"import": [], "again": []}
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            settings = make_settings(Path(folder), new_database(server, folder))
            create_schema(settings)
            app = create_app(settings)
            with app.app_context():
                session = db.session()
                campaign = make_campaign(
                    session,
                    make_department(session, "みどり課"),
                    opens_on=date(2024, 6, 1),
                    closes_on=date(2024, 6, 30),
                )
                act = functools.partial(load, session, campaign.id, data)
                for name, new in (("import", expected), ("again", 0)):
                    spent, found = cost(act)
                    assert found == new
                    costs[name].append(spent)
                db.session.remove()
                db.engine.dispose()
    return {name: min(found) for name, found in costs.items()}


def main() -> int:
    """Print the figures; the exit status says whether the bar was missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--sqlite-only", action="store_true")
    options = parser.parse_args()
    data = workbook(rows(options.rows))
    alone = min(cost(functools.partial(read_alone, data))[0] for _ in range(5))
    print(f"{options.rows:,} rows: calamine alone {alone.cpu:.2f} s")
    reached = 0.0
    server = None if options.sqlite_only else Server()
    try:
        for name, place in (("SQLite", None), ("PostgreSQL", server)):
            if name == "PostgreSQL" and place is None:
                continue
            found = measure(place, data, options.rows, options.repeat)
            told = ", ".join(f"{act} {spent.over(alone)}" for act, spent in found.items())
            print(f"{name}: {told}", flush=True)
            if place is None:
                reached = found["import"].cpu / alone.cpu
    finally:
        if server is not None:
            server.stop()
    verdict = "ok" if reached <= BAR else "MISSED"
    print(f"import on SQLite: {reached:.2f}× (bar {BAR}×) {verdict}")
    return int(reached > BAR)


if __name__ == "__main__":
    sys.exit(main())
