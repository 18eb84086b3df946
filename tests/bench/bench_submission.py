"""A durable submission against a bare one-row insert, on the same server and database.

    .venv/bin/python -m tests.bench.bench_submission [--requests 3000] [--rounds 3]

Both are served by granian with two workers of sixteen threads. Ours stores a receipt, an encrypted
sender, the submission, its opinion with the hash for duplicates, an audit event in the chain and
an encrypted mail, and answers after the commit; the yardstick adds one row by Flask-SQLAlchemy.
The rounds take turns. Bars: 0.6 of its rate on both databases, and on SQLite half of its p99.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import func, select

from participation.app import create_app
from participation.audit.verification import verify
from participation.campaigns.models import Submission
from participation.core.settings import Settings
from participation.db.extension import db
from tests.bench import intake
from tests.bench.load import Outcome, run
from tests.bench.server import ROOT, free_port, production, serving
from tests.postgres import Server

RATE_BAR = 0.6
P99_BAR = 0.5
CONNECTIONS = 32
STEADY, STEADY_RATE, P95_BAR = 300, 20.0, 1000.0  # promise P11
THREADS = 16  # of each of two workers, as docs/deployment.md has it


@contextmanager
def databases(folder: Path, kind: str) -> Iterator[tuple[str, str]]:
    """Addresses of two databases of one kind: ours and the yardstick's."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'ours.sqlite3'}", f"sqlite:///{folder / 'bare.sqlite3'}"
        return
    server = Server(durable=True)
    try:
        for name in ("ours", "bare"):
            with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
        yield server.url("ours"), server.url("bare")
    finally:
        server.stop()


def bench(kind: str, count: int, rounds: int) -> bool:
    """Run the rounds on one kind of database; whether the bars are kept."""
    with tempfile.TemporaryDirectory(dir=ROOT / "instance") as name:
        folder = Path(name)
        with databases(folder, kind) as (ours_url, bare_url):
            return _bench(kind, folder, ours_url, bare_url, count=count, rounds=rounds)


def _bench(
    kind: str, folder: Path, ours_url: str, bare_url: str, *, count: int, rounds: int
) -> bool:
    port, bare_port = free_port(), free_port()
    environment = production(folder, ours_url, port) | {"PROXY_HOPS": "1"}
    settings = Settings.from_env(environment)
    target = intake.make_target(settings)
    bare = {"DATABASE_URL": bare_url}
    subprocess.run(
        [sys.executable, "-c", "import tests.bench.bare_insert"],
        check=True,
        cwd=ROOT,
        env={**os.environ, **bare, "BARE_CREATE": "yes"},
    )
    results: dict[str, list[Outcome]] = {"ours": [], "bare": []}
    with (
        serving("wsgi:app", port, environment, threads=THREADS, path="/health/live"),
        serving("tests.bench.bare_insert:app", bare_port, bare, threads=THREADS),
    ):
        visitor = intake.visit(port, target)
        for _warm in range(2):
            run(port, _requests(target, visitor, 200), connections=CONNECTIONS)
            run(bare_port, _requests(target, None, 200), connections=CONNECTIONS)
        for number in range(rounds):
            for who in ("bare", "ours") if number % 2 else ("ours", "bare"):
                if who == "ours":
                    outcome = run(port, _requests(target, visitor, count), connections=CONNECTIONS)
                else:
                    outcome = run(
                        bare_port, _requests(target, None, count), connections=CONNECTIONS
                    )
                assert outcome.statuses == {303: count}, (who, outcome.statuses)
                results[who].append(outcome)
                print(
                    f"  {kind:10} {who}: {outcome.rate:6.0f}/s  p50 {outcome.quantile(0.5):6.1f}"
                    f"  p99 {outcome.quantile(0.99):6.1f}  worst {outcome.quantile(1):6.1f} ms",
                    flush=True,
                )
        steady = run(
            port, _requests(target, visitor, STEADY), connections=CONNECTIONS, rate=STEADY_RATE
        )
    _check(settings, 400 + rounds * count + STEADY)
    rate = {who: statistics.median(one.rate for one in all_) for who, all_ in results.items()}
    p99 = {
        who: statistics.median(one.quantile(0.99) for one in all_) for who, all_ in results.items()
    }
    rate_ratio, p99_ratio = rate["ours"] / rate["bare"], p99["ours"] / p99["bare"]
    kept = rate_ratio >= RATE_BAR and (kind != "sqlite" or p99_ratio <= P99_BAR)
    p95 = steady.quantile(0.95)
    kept = kept and p95 <= P95_BAR
    print(f"{kind}: at {STEADY_RATE:.0f} posts a second p95 {p95:.0f} ms (bar {P95_BAR:.0f}, P11)")
    bar = f" (bar {P99_BAR})" if kind == "sqlite" else ""
    print(
        f"{kind}: rate x{rate_ratio:.2f} (bar {RATE_BAR}), p99 x{p99_ratio:.2f}{bar}: "
        f"{'kept' if kept else 'MISSED'}"
    )
    return kept


def _requests(target: intake.Target, visitor: intake.Visitor | None, count: int) -> list[bytes]:
    known = visitor or intake.Visitor("", "x")
    path = target.path if visitor else "/"
    return [intake.request(path, intake.form(target, known), visitor) for _ in range(count)]


def _check(settings: Settings, expected: int) -> None:
    """Everything that was answered stands in the database, and the audit chain is whole."""
    app = create_app(settings)
    with app.app_context():
        session = db.session()
        stored = session.scalar(select(func.count()).select_from(Submission))
        assert stored == expected, (stored, expected)
        found = verify(session)
        assert found.fault_count == 0, found.faults
        db.session.remove()
        db.engine.dispose()


def main() -> int:
    """Run on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    kinds = [options.only] if options.only else ["sqlite", "postgresql"]
    kept = [bench(kind, options.requests, options.rounds) for kind in kinds]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
