"""Promise P1 put to the test: clients that note every receipt shown, and a killer of servers."""

import http.client
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.app import create_app
from participation.audit.verification import verify
from participation.campaigns.models import Opinion, Submission
from participation.core.settings import Settings
from participation.db.extension import db
from participation.submissions.models import Receipt
from tests.bench import intake
from tests.bench.server import ROOT, free_port, production

_CLIENTS = 8
_WAIT = 0.2  # seconds before the same form is sent again
_CODES = re.compile(r"<dd>([0-9A-Z-]{14,})</dd>")


@dataclass
class Tally:
    """What the clients saw and what the database holds in the end."""

    kills: int = 0
    shown: dict[str, str] = field(default_factory=dict)  # unique text → receipt number
    tries: int = 0
    seconds: float = 0.0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # the same form, but another receipt
    chain_faults: int = 0

    @property
    def kept(self) -> bool:
        """Whether the promise held."""
        return not (self.lost or self.doubled or self.changed or self.chain_faults)

    def __str__(self) -> str:
        return (
            f"{len(self.shown)} receipts over {self.kills} kills in {self.seconds:.0f} s "
            f"({self.tries} posts): {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.changed)} answered otherwise, {self.chain_faults} faults in the audit chain"
        )


@dataclass(frozen=True)
class Flow:
    """A form that gives a receipt: where it is, how it is filled in, what is stored of it."""

    # From the settings of an empty installation: something with the ``path`` of a form.
    make_target: Callable[[Settings], Any]
    visit: Callable[[int, Any], intake.Visitor]
    # The fields of a form that says this text, which nobody else says.
    form: Callable[[Any, intake.Visitor, str], dict[str, str]]
    # (text, receipt number) of everything that is stored; may assert more.
    stored: Callable[[Session], Sequence[tuple[str, str]]]


def _stored_opinions(session: Session) -> Sequence[tuple[str, str]]:
    rows = session.execute(
        select(Opinion.text, Receipt.number)
        .join(Submission, Submission.id == Opinion.submission_id)
        .join(Receipt, Receipt.id == Submission.receipt_id)
    )
    return [(text, number) for text, number in rows]


OPINIONS = Flow(
    make_target=intake.make_target,
    visit=intake.visit,
    form=lambda target, visitor, text: intake.form(target, visitor, text=text),
    stored=_stored_opinions,
)


class _Server:
    """granian with two workers in a group of its own, killed without warning."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        self.environment = environment
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--workers", "2", "--blocking-threads", "4"),
                *("--respawn-failed-workers", "--log-level", "critical", "--no-ws", "wsgi:app"),
            ],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self, *, all_of_it: bool) -> None:
        """SIGKILL the whole group, or one worker, which granian starts anew."""
        assert self.process is not None
        workers = _children(self.process.pid)
        if all_of_it or not workers:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.start()
        else:
            os.kill(random.choice(workers), signal.SIGKILL)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def put_to_the_test(
    folder: Path,
    database_url: str,
    *,
    kills: int,
    receipts: int,
    seconds: float,
    flow: Flow = OPINIONS,
) -> Tally:
    """Send from many clients while the server is killed again and again.

    Args:
        folder: for keys, files and mail.
        database_url: an empty database.
        kills: at least so many.
        receipts: at least so many shown.
        seconds: no longer than that, whatever was reached.
        flow: which form.

    """
    port = free_port()
    environment = production(folder, database_url, port) | {"PROXY_HOPS": "1"}
    settings = Settings.from_env(environment)
    target = flow.make_target(settings)
    tally, lock, ended = Tally(), threading.Lock(), threading.Event()
    server = _Server(environment, port)
    server.start()
    begun = time.monotonic()
    try:
        shared = {"flow": flow, "tally": tally, "lock": lock, "ended": ended}
        clients = [
            threading.Thread(target=_client, args=(number, port, target), kwargs=shared)
            for number in range(_CLIENTS)
        ]
        for one in clients:
            one.start()
        while not tally.shown and time.monotonic() - begun < seconds:
            time.sleep(0.1)
        while time.monotonic() - begun < seconds and (
            tally.kills < kills or len(tally.shown) < receipts
        ):
            time.sleep(random.uniform(0.2, 2.5))
            if tally.kills < kills:
                server.kill(all_of_it=tally.kills % 3 == 0)
                tally.kills += 1
        ended.set()
        for one in clients:
            one.join(timeout=60)
    finally:
        ended.set()
        server.stop()
    tally.seconds = time.monotonic() - begun
    _count(settings, flow, tally)
    return tally


def _client(
    number: int,
    port: int,
    target: Any,
    *,
    flow: Flow,
    tally: Tally,
    lock: threading.Lock,
    ended: threading.Event,
) -> None:
    """Send form after form; each until its receipt is on the page, as people do."""
    visitor: intake.Visitor | None = None
    count = 0
    while not ended.is_set():
        if visitor is None:
            try:
                visitor = flow.visit(port, target)
            except OSError:
                time.sleep(_WAIT)
            continue
        count += 1
        text = f"意見 {number}-{count} {random.random()}"
        fields = flow.form(target, visitor, text)
        while not ended.is_set():
            with lock:
                tally.tries += 1
            try:
                shown = _send(port, target, visitor, fields)
            except (OSError, http.client.HTTPException):
                shown = None
            if shown is None:
                time.sleep(_WAIT)
                continue
            with lock:
                tally.shown[text] = shown
            if random.random() < 0.05:  # a double click after the fact
                _send_again(port, target, visitor, fields, shown=shown, tally=tally)
            break


def _send_again(port, target, visitor, fields, *, shown, tally) -> None:
    try:
        again = _send(port, target, visitor, fields)
    except (OSError, http.client.HTTPException):
        return
    if again is not None and again != shown:
        tally.changed.append(shown)


def _send(port: int, target: Any, visitor: intake.Visitor, fields: dict[str, str]) -> str | None:
    """Post a form and open the receipt; its number once a person would see it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        network = f"10.{random.randrange(256)}.{random.randrange(256)}.1"
        connection.request(
            "POST",
            target.path,
            urlencode(fields),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": visitor.cookie,
                "X-Forwarded-For": network,
            },
        )
        answer = connection.getresponse()
        answer.read()
        if answer.status != 303:
            return None
        given = [one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie") or []]
        connection.request(
            "GET", "/receipts/issued/", headers={"Cookie": "; ".join([visitor.cookie, *given])}
        )
        page = connection.getresponse()
        body = page.read().decode()
        codes = _CODES.findall(body)
        return codes[0] if page.status == 200 and codes else None
    finally:
        connection.close()


def _count(settings: Settings, flow: Flow, tally: Tally) -> None:
    app = create_app(settings)
    with app.app_context():
        session = db.session()
        rows = flow.stored(session)
        stored = dict(rows)
        times = Counter(text for text, _number in rows)
        tally.lost = [text for text, number in tally.shown.items() if stored.get(text) != number]
        tally.doubled = [text for text, count in times.items() if count > 1]
        tally.chain_faults = verify(session).fault_count
        db.session.remove()
        db.engine.dispose()


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [
        int(child)
        for child in text.split()
        if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
