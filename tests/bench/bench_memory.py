"""Memory of the web process while the worker builds ever larger editions.

    .venv/bin/python -m tests.bench.bench_memory [--sizes 1,10,100]

One web process and one worker, as ``./demo`` starts them. A coordinator drafts, looks at the
preview, has the edition built (at once, ten and a hundred times the real report's entries),
watches the progress and publishes; a resident reads some pages of it. What is watched is the web
process's resident memory meanwhile. The bar: with a hundred times the entries it peaks at most a
twentieth above its peak with the real ones. Then the resident takes every file: those of a
hundred times the size go out in pieces of a megabyte, which each thread keeps room for; that peak
is printed beside. A first edition is not counted: with it the process loads its modules and its
threads come to their working size.
"""

import argparse
import csv
import io
import json
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import Self

import psutil

from participation.accounts.models import Appointment, StaffSession, StaffUser
from participation.app import create_app
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.settings import Settings
from participation.db.extension import db
from participation.reports.models import EntryState
from participation.reports.services.entry_import import import_file
from participation.reports.services.guideline_import import load_guideline
from tests.bench.server import ROOT, free_port, production, serving
from tests.factories import LONG_AGO
from tests.reports.real_report import DATA, real_snapshot
from tests.schema import create_schema

BAR = 1.05
PAGES_READ = 8
WARM_UP_READS = 10
FIRST_YEAR = 2024
STEP = 10  # between the years of two sizes, so that no edition has another's entries


def entries(times: int, year: int) -> bytes:
    """The real report's statements, so many times, as a file of entries for ``year``."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(("item_id", "fiscal_year", "kind", "department", "text"))
    snapshot = real_snapshot()
    for item in snapshot.items():
        for column, cell in zip(snapshot.columns, item.cells, strict=True):
            for number in range(times):
                writer.writerows(
                    (
                        item.code,
                        column.fiscal_year + year - FIRST_YEAR,
                        column.kind,
                        statement.department,
                        f"{statement.text}（{number + 1}）",
                    )
                    for statement in cell
                )
    return target.getvalue().encode()


def arrange(sizes: list[int]) -> str:
    """Load guideline and entries; return the token of a signed-in coordinator."""
    session, now, actor = db.session(), clock.now(), system_actor("bench")
    guideline = json.loads((DATA / "guideline.json").read_text())
    load_guideline(session, guideline, actor=actor, now=now, valid_from_year=2005)
    for number, times in enumerate(sizes):
        import_file(
            session,
            entries(times, FIRST_YEAR + STEP * number),
            filename=f"{times}.csv",
            entry_state=EntryState.CONFIRMED,
            create_departments=True,
            actor=actor,
            now=now,
        )
    user = StaffUser(email="bench@example.jp", name="計測", created_at=now)
    user.appointments = [Appointment(role=Role.COORDINATOR, valid_from=LONG_AGO)]
    session.add(user)
    session.flush()
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=sha256(token.encode()).hexdigest(),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            second_factor_at=now,
        )
    )
    session.commit()
    return token


class Browser:
    """A browser as far as a bench needs one."""

    def __init__(self, base: str, token: str = "") -> None:
        self.base = base
        # Cookies by hand: a jar would put its own header in place of the token's.
        self.cookies = {"staff": token} if token else {}
        self.opener = urllib.request.build_opener(_NoRedirect)

    def get(self, path: str) -> tuple[str, bytes]:
        """Return the path one ended at, and the body."""
        return self._open(path, None)

    def post(self, page: str, path: str = "", **fields: object) -> tuple[str, bytes]:
        """Send the form on ``page`` to ``path`` (the same page, if left out)."""
        _, body = self.get(page)
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', body)
        assert token, f"no form on {page}"
        data = urllib.parse.urlencode({"csrf_token": token[1].decode(), **fields}, doseq=True)
        ended, body = self._open(path or page, data.encode())
        assert ended != (path or page), "the form was not accepted"
        return ended, body

    def _open(self, path: str, data: bytes | None) -> tuple[str, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = urllib.request.Request(self.base + path, data, {"Cookie": cookies})
        with self.opener.open(request) as answer:
            body = b"".join(iter(lambda: answer.read(1 << 16), b""))
            for line in answer.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            if answer.status == 303:
                return self._open(answer.headers["Location"].removeprefix(self.base), None)
            return path, body


class _NoRedirect(urllib.request.HTTPErrorProcessor):
    """Leaves redirects to the caller, who keeps the cookies."""

    def http_response(self, request: object, response: object) -> object:
        if response.status == 303:
            return response
        return super().http_response(request, response)


class Watch:
    """The greatest resident memory of a process while it is watched, in megabytes."""

    def __init__(self, process: psutil.Process) -> None:
        self.process = process
        self.peak = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.ended.set()
        self.thread.join()

    def _look(self) -> None:
        ended = False
        while not ended:
            ended = self.ended.wait(0.05)  # and once more at the end
            self.peak = max(self.peak, self.process.memory_info().rss / 1e6)


def publish(coordinator: Browser, year: int) -> None:
    """All that the coordinator does for one edition."""
    columns = [f"result-{year - 2}", f"result-{year - 1}", f"plan-{year}"]
    form = f"/staff/reports/editions/new?year={year}"
    edition, _ = coordinator.post(form, columns=columns, paper="A3")
    coordinator.get(f"{edition}/preview")
    job, _ = coordinator.post(edition, f"{edition}/build")
    status = job.partition("?")[0] + "/status"
    while (state := json.loads(coordinator.get(status)[1])["state"]) in {"queued", "running"}:
        time.sleep(0.5)
    assert state == "done", state
    page = f"{edition}/publish"
    _, body = coordinator.get(page)
    digest = re.search(rb'name="pdf_sha256"[^>]*value="([0-9a-f]+)"', body)
    assert digest
    coordinator.post(page, pdf_sha256=digest[1].decode())


def read(resident: Browser, year: int) -> None:
    """A resident reads some pages."""
    for section in range(1, PAGES_READ + 1):
        resident.get(f"/reports/{year}/?section={section}")


def download(resident: Browser, year: int) -> None:
    """A resident takes every file."""
    for name in ("report.pdf", "report.xlsx", "report.csv", "report-shift-jis.csv"):
        resident.get(f"/reports/{year}/1/{name}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1,10,100")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    if not DATA.is_dir():
        print(f"skipped: {DATA} is not on this machine")
        return 0
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = production(Path(folder), f"sqlite:///{folder}/bench.sqlite3", port) | {
            "PARTICIPATION_ENV": "development",
            "BASE_URL": f"http://127.0.0.1:{port}",
        }
        settings = Settings.from_env(environment)
        create_schema(settings)
        with create_app(settings).app_context():
            token = arrange([1, *sizes])
            db.session.remove()
            db.engine.dispose()
        worker = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with serving("wsgi:app", port, environment, workers=1, path="/health/live") as server:
                web = max(
                    psutil.Process(server.pid).children(recursive=True),
                    key=lambda process: process.memory_info().rss,
                )
                base = f"http://127.0.0.1:{port}"
                coordinator, resident = Browser(base, token), Browser(base)
                publish(coordinator, FIRST_YEAR)
                for _ in range(WARM_UP_READS):
                    read(resident, FIRST_YEAR)
                    download(resident, FIRST_YEAR)
                for number, times in enumerate(sizes, start=1):
                    year = FIRST_YEAR + STEP * number
                    with Watch(web) as watch, Watch(psutil.Process(worker.pid)) as beside:
                        publish(coordinator, year)
                        read(resident, year)
                    with Watch(web) as loading:
                        download(resident, year)
                    peaks.append(watch.peak)
                    print(
                        f"{times}×: the web process peaks at {watch.peak:.0f} MB = "
                        f"{watch.peak / peaks[0]:.2f} of the first"
                        f" (downloads: {loading.peak:.0f} MB; the worker: {beside.peak:,.0f} MB)",
                        flush=True,
                    )
        finally:
            worker.terminate()
            worker.wait(30)
    grown = peaks[-1] / peaks[0]
    print(f"growth: {grown:.2f}× (bar {BAR}×) {'ok' if grown <= BAR else 'MISSED'}")
    return int(grown > BAR)


if __name__ == "__main__":
    sys.exit(main())
