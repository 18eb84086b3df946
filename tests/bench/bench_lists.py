"""The staff's list of submissions at 1,000,000 rows against the same list at 10,000.

    .venv/bin/python -m tests.bench.bench_lists [--large 1000000] [--small 10000]

Two databases with the same campaign, small and large, asked by turns for the first page, for one
in the middle and for the last one, without and with filters; the least of many runs of each. What
is held against the bar is the worst of their ratios.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from participation.app import create_app
from participation.campaigns.models import Submission
from participation.campaigns.queries.submissions import SubmissionFilter, submission_lines
from participation.db.extension import db
from participation.submissions.models import Channel
from tests.bench.bench_import import new_database
from tests.campaigns.arrange import make_campaign
from tests.conftest import make_settings
from tests.factories import make_department
from tests.postgres import Server
from tests.schema import create_schema

BAR = 1.2
PAGE = 51
ROUNDS = 200
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
_MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', 1700000000 + i, 'unixepoch')",
    "postgresql": "to_timestamp(1700000000 + i)",
}
_CHANNEL = "CASE WHEN i % 40 = 0 THEN 'post' ELSE 'web' END"
RECEIPTS = """INSERT INTO receipt (id, number, secret_hash, idempotency_key, subject,
channel, received_at)
{numbers} SELECT i, 'R-' || i, 'k' || i, 'k' || i, 'campaign:1', {channel}, {moment} FROM n"""
SUBMISSIONS = """INSERT INTO submission (id, campaign_id, receipt_id, channel, received_at,
arrived_on, late, anonymous, out_of_scope, rerouted_to, flag_note)
{numbers} SELECT i, :campaign, i, {channel}, {moment}, '2023-11-15', i % 97 = 0, false, false,
'', '' FROM n"""
OPINIONS = """INSERT INTO opinion (id, campaign_id, submission_id, number, place, text, reason,
text_key, split, out_of_scope, assigned_to)
{numbers} SELECT i, :campaign, i, 1, '', 'この計画についての意見その' || i || 'です。', '',
'k' || i, false, false, '' FROM n"""
FILTERS = {
    "all": SubmissionFilter(),
    "by post": SubmissionFilter(channel=Channel.POST),
    "late": SubmissionFilter(flag="late"),
}


@dataclass(frozen=True)
class Question:
    """A page that both databases are asked for."""

    words: str
    wanted: SubmissionFilter
    before: str | None


def fill(session: Session, count: int) -> int:
    campaign = make_campaign(session, make_department(session))
    campaign_id = campaign.id
    dialect = session.get_bind().dialect.name
    for statement in (RECEIPTS, SUBMISSIONS, OPINIONS):
        words = statement.format(numbers=_NUMBERS, channel=_CHANNEL, moment=_MOMENT[dialect])
        if dialect == "postgresql":
            words = words.replace("'2023-11-15'", "DATE '2023-11-15'")
        values = {"count": count}
        if ":campaign," in words:
            values["campaign"] = campaign_id
        session.execute(text(words), values)
        session.commit()
    if dialect == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
            other.execute(text("VACUUM ANALYZE"))
    assert session.scalar(select(func.count()).select_from(Submission)) == count
    return campaign_id


def questions(session: Session, campaign_id: int, count: int) -> list[Question]:
    """First page, one in the middle and the last of each filter, where they are here."""
    found = []
    for name, wanted in FILTERS.items():
        for words, row in (("first", None), ("middle", count // 2), ("last", 5_000)):
            before = None
            if row is not None:
                moment = session.get_one(Submission, row).received_at
                before = f"{int(moment.timestamp()) * 1_000_000}~{row}"
            lines = submission_lines(session, campaign_id, wanted, limit=PAGE, before=before)
            assert len(lines) == PAGE, (name, words, len(lines))
            found.append(Question(f"{name}, {words} page", wanted, before))
    return found


@contextmanager
def opened(server: Server | None, count: int) -> Iterator[tuple[Session, int]]:
    """A database with ``count`` submissions, and a session on it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = make_settings(Path(folder), new_database(server, folder))
        create_schema(settings)
        app = create_app(settings)
        with app.app_context():
            start = time.perf_counter()
            campaign_id = fill(db.session(), count)
            print(f"  {count:,} rows made in {time.perf_counter() - start:.0f} s", flush=True)
            session = Session(db.engine)  # outlives this app context
            engine = db.engine
            db.session.remove()
        try:
            yield session, campaign_id
        finally:
            session.close()
            engine.dispose()


def ask(session: Session, campaign_id: int, question: Question) -> float:
    """Milliseconds of one page in a transaction of its own, as a request has it."""
    start = time.perf_counter()
    submission_lines(session, campaign_id, question.wanted, limit=PAGE, before=question.before)
    spent = time.perf_counter() - start
    session.rollback()
    session.expunge_all()
    return spent * 1000


def run(name: str, server: Server | None, small: int, large: int) -> bool:
    print(name)
    worst = 0.0
    with opened(server, small) as few, opened(server, large) as many:
        for one, other in zip(questions(*few, small), questions(*many, large), strict=True):
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(ROUNDS):
                times[0].append(ask(*few, one))
                times[1].append(ask(*many, other))
            least = min(times[0]), min(times[1])
            worst = max(worst, least[1] / least[0])
            print(
                f"  {one.words}: {least[0]:.2f} ms at {small:,}, {least[1]:.2f} ms at {large:,}:"
                f" {least[1] / least[0]:.2f}x"
            )
    reached = worst <= BAR
    print(
        f"{name}: a page at {large:,} takes {worst:.2f}x the time at {small:,} at worst"
        f" (bar {BAR}x) {'ok' if reached else 'MISSED'}",
        flush=True,
    )
    return reached


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    options = parser.parse_args()
    reached = run("SQLite", None, options.small, options.large)
    server = Server()
    try:
        reached &= run("PostgreSQL", server, options.small, options.large)
    finally:
        server.stop()
    return int(not reached)


if __name__ == "__main__":
    sys.exit(main())
