"""Registrations under a race against a bare conditional insert, on the same server and database.

    .venv/bin/python -m tests.bench.bench_registration [--requests 2000] [--rounds 3]

Everybody wants a seat of one pool. Both are served by granian with two workers of eight threads.
Ours stores a receipt, an encrypted sender, the application, its registration, the pool's seats, an
audit event in the chain and an encrypted mail, and answers after the commit; the yardstick adds one
to a pool while there is room and inserts one row. The rounds take turns. Bar: 0.5 of its rate on
both databases; in the end the seats are counted.
"""

import argparse
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from participation.app import create_app
from participation.audit.verification import verify
from participation.core.settings import Settings
from participation.db.extension import db
from participation.workshops.models import Registration, SeatPool
from tests.bench import intake
from tests.bench.bench_submission import databases
from tests.bench.load import Outcome, run
from tests.bench.server import ROOT, free_port, production, serving
from tests.factories import make_department
from tests.schema import create_schema
from tests.workshops.arrange import make_pool, make_workshop

RATE_BAR = 0.5
CONNECTIONS = 32
THREADS = 16  # of each of two workers, as docs/deployment.md has it


@dataclass(frozen=True)
class Target:
    """Where to register."""

    workshop_id: int
    pool_id: int
    eligibility_id: int

    @property
    def path(self) -> str:
        return f"/workshops/{self.workshop_id}/register/"


def make_target(settings: Settings) -> Target:
    """Make the tables and one pool with room for everybody."""
    create_schema(settings)
    app = create_app(settings)
    with app.app_context():
        session = db.session()
        workshop = make_workshop(session, make_department(session))
        pool = make_pool(session, workshop, capacity=1_000_000)
        session.commit()
        target = Target(workshop.id, pool.id, workshop.eligibilities[0].id)
        db.session.remove()
        db.engine.dispose()
    return target


def visit(port: int, target: Target) -> intake.Visitor:
    """Open the form once, as every browser does."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{target.path}", timeout=20) as page:
        text = page.read().decode()
        cookie = page.headers["Set-Cookie"].partition(";")[0]
    return intake.Visitor(cookie, re.search(r'name="csrf_token" value="([^"]+)"', text).group(1))


def form(target: Target, visitor: intake.Visitor) -> dict[str, str]:
    """A form ready to be sent, of somebody new."""
    person = secrets.token_hex(6)
    return {
        "csrf_token": visitor.token,
        "key": secrets.token_urlsafe(24),
        "website": "",
        "n": "1",
        "day-0": str(target.pool_id),
        "party": "1",
        "eligibility": str(target.eligibility_id),
        "s-name": f"相模 {person}",
        "s-phone": "0463-94-4711",
        "s-email": f"{person}@example.jp",
        "act": "send",
    }


def bench(kind: str, count: int, rounds: int) -> bool:
    """Run the rounds on one kind of database; whether the bar is kept."""
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
    target = make_target(settings)
    bare = {"DATABASE_URL": bare_url}
    subprocess.run(
        [sys.executable, "-c", "import tests.bench.bare_seat"],
        check=True,
        cwd=ROOT,
        env={**os.environ, **bare, "BARE_CREATE": "yes"},
    )
    results: dict[str, list[Outcome]] = {"ours": [], "bare": []}
    with (
        serving("wsgi:app", port, environment, threads=THREADS, path="/health/live"),
        serving("tests.bench.bare_seat:app", bare_port, bare, threads=THREADS),
    ):
        visitor = visit(port, target)
        ports = {"ours": port, "bare": bare_port}
        for _warm in range(2):
            for who, at in ports.items():
                run(at, _requests(target, visitor, who, 200), connections=CONNECTIONS)
        for number in range(rounds):
            for who in ("bare", "ours") if number % 2 else ("ours", "bare"):
                requests = _requests(target, visitor, who, count)
                outcome = run(ports[who], requests, connections=CONNECTIONS)
                assert outcome.statuses == {303: count}, (who, outcome.statuses)
                results[who].append(outcome)
                print(
                    f"  {kind:10} {who}: {outcome.rate:6.0f}/s  p50 {outcome.quantile(0.5):6.1f}"
                    f"  p99 {outcome.quantile(0.99):6.1f}  worst {outcome.quantile(1):6.1f} ms",
                    flush=True,
                )
    _check(settings, target, 400 + rounds * count)
    rate = {who: statistics.median(one.rate for one in all_) for who, all_ in results.items()}
    ratio = rate["ours"] / rate["bare"]
    print(
        f"{kind}: rate x{ratio:.2f} (bar {RATE_BAR}): {'kept' if ratio >= RATE_BAR else 'MISSED'}"
    )
    return ratio >= RATE_BAR


def _requests(target: Target, visitor: intake.Visitor, who: str, count: int) -> list[bytes]:
    path, sender = (target.path, visitor) if who == "ours" else ("/", None)
    return [intake.request(path, form(target, visitor), sender) for _ in range(count)]


def _check(settings: Settings, target: Target, expected: int) -> None:
    """Everybody who was answered has a seat, and the audit chain is whole."""
    app = create_app(settings)
    with app.app_context():
        session = db.session()
        stored = session.scalar(select(func.count()).select_from(Registration))
        taken = session.get_one(SeatPool, target.pool_id).taken
        assert stored == taken == expected, (stored, taken, expected)
        found = verify(session)
        assert found.fault_count == 0, found.faults
        db.session.remove()
        db.engine.dispose()


def main() -> int:
    """Run on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    kinds = [options.only] if options.only else ["sqlite", "postgresql"]
    kept = [bench(kind, options.requests, options.rounds) for kind in kinds]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
