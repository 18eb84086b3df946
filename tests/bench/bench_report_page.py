"""The report's page under load: requests a second against an empty Flask view, same server.

    .venv/bin/python -m tests.bench.bench_report_page [--seconds 2] [--rounds 8]

Both are served by granian with two workers of four threads, ours as in production on SQLite. A
client process with eight connections asks as fast as the answers come and reads each to its end.
At 208 entries the whole report is one page; at 20,800 it is read a section at a time, so the
client goes round all sections (and pages of a section). The rounds take turns, so that whatever
else the machine does meets them alike. The bar is 0.2 of the empty view.
"""

import argparse
import itertools
import re
import selectors
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from participation.app import create_app
from participation.core.actors import system_actor
from participation.core.settings import Settings
from participation.db.extension import db
from participation.files.services import store
from participation.reports.models import EntryKind
from participation.reports.services import editions
from participation.reports.snapshot import ItemRow, SectionNode, Snapshot, Statement
from tests.bench.server import free_port, production, serving
from tests.reports.real_report import DATA, real_snapshot
from tests.schema import create_schema

BAR = 0.2
ENTRIES = 208
CONNECTIONS = 8
NOW = datetime(2024, 9, 2, 3, 0, tzinfo=UTC)
ACTOR = system_actor("bench")


def report(year: int, times: int) -> Snapshot:
    """The real report with 208 entries, or ``times`` as many, all different."""
    snapshot = replace(real_snapshot(), fiscal_year=year)
    have = sum(len(cell) for item in snapshot.items() for cell in item.cells)
    missing = itertools.count(have)

    def cell(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        if statements and next(missing) < ENTRIES:
            statements = (*statements, replace(statements[0], text=statements[0].text + "（続）"))
        return tuple(
            replace(each, text=f"{each.text}（{number}）" if number else each.text)
            for number in range(times)
            for each in statements
        )

    def item(row: ItemRow) -> ItemRow:
        return replace(row, cells=tuple(map(cell, row.cells)))

    def node(section: SectionNode) -> SectionNode:
        return replace(
            section,
            items=tuple(map(item, section.items)),
            children=tuple(map(node, section.children)),
        )

    return replace(snapshot, sections=tuple(map(node, snapshot.sections)))


def publish(snapshot: Snapshot) -> int:
    """Publish ``snapshot`` with a stand-in for its PDF; return how many statements it has."""
    session = db.session()
    columns = [(EntryKind(column.kind), column.fiscal_year) for column in snapshot.columns]
    edition = editions.draft_edition(
        session, fiscal_year=snapshot.fiscal_year, columns=columns, paper="A3", actor=ACTOR, now=NOW
    )
    editions.start_building(session, edition, actor=ACTOR, now=NOW)
    pdf = store(session, b"%PDF-", name="r.pdf", media_type="application/pdf", actor=ACTOR, now=NOW)
    files = {"pdf": editions.BuiltFile(pdf.id, pdf.sha256)}
    editions.finish_building(session, edition, snapshot, files=files, actor=ACTOR, now=NOW)
    editions.publish_edition(session, edition, pdf_sha256=edition.pdf_sha256, actor=ACTOR, now=NOW)
    session.commit()
    return sum(len(cell) for item in snapshot.items() for cell in item.cells)


class Client:
    """Connections that ask again as soon as an answer is complete."""

    def __init__(self, port: int, paths: list[str]) -> None:
        self.port = port
        self.count = len(paths)
        self.paths = itertools.cycle(paths)
        self.buffer = bytearray(1 << 18)

    def rate(self, seconds: float) -> float:
        """Requests a second over so long."""
        ready = selectors.DefaultSelector()
        sockets = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(CONNECTIONS)]
        left = {}
        for each in sockets:
            self._ask(each)
            left[each] = 0
            ready.register(each, selectors.EVENT_READ)
        done = 0
        start = time.perf_counter()
        while (now := time.perf_counter()) - start < seconds:
            for key, _ in ready.select(1):
                connection: socket.socket = key.fileobj  # type: ignore[assignment]
                left[connection] = self._read(connection, left[connection])
                if left[connection] == 0:
                    done += 1
                    self._ask(connection)
        for each in sockets:
            each.close()
        return done / (now - start)

    def _ask(self, connection: socket.socket) -> None:
        path = next(self.paths)
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: ja\r\n"
            "Accept-Encoding: gzip\r\n\r\n".encode()
        )

    def _read(self, connection: socket.socket, left: int) -> int:
        """Read what is there; return how many bytes of the answer are still to come."""
        size = connection.recv_into(self.buffer)
        if size == 0:
            raise RuntimeError("the server closed the connection")
        if left:
            return left - size
        head, _, body = bytes(self.buffer[:size]).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length, "an answer without a length"
        return int(length[1]) - len(body)


def pages_of(port: int, year: int) -> tuple[list[str], int]:
    """All pages of a long report by their links, and the bytes of an average one."""
    base = f"http://127.0.0.1:{port}"
    waiting, seen, size = [f"/reports/{year}/"], dict[str, None](), 0
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen[path] = None
        with urllib.request.urlopen(base + path) as answer:
            body = answer.read()
        size += len(body)
        found = re.findall(r'href="(/reports/\d+/\?(?:section|page)=[^"]+)"', body.decode())
        waiting += [link.replace("&amp;", "&") for link in found]
    return list(seen), size // len(seen)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f"skipped: {DATA} is not on this machine")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        port, other = free_port(), free_port()
        environment = production(Path(folder), f"sqlite:///{folder}/bench.sqlite3", port)
        settings = Settings.from_env(environment)
        create_schema(settings)
        with create_app(settings).app_context():
            small = publish(report(2024, 1))
            large = publish(report(2023, 100))
            db.session.remove()
            db.engine.dispose()
        with (
            serving("wsgi:app", port, environment, path="/health/live"),
            serving("tests.bench.empty:app", other, {}),
        ):
            whole, whole_size = pages_of(port, 2024)
            sections, section_size = pages_of(port, 2023)
            print(f"{small} entries: {len(whole)} page of {whole_size:,} bytes")
            print(f"{large:,} entries: {len(sections)} pages of about {section_size:,} bytes")
            targets = {
                "empty view": Client(other, ["/"]),
                f"{small} entries": Client(port, whole),
                f"{large:,} entries": Client(port, sections),
            }
            rates: dict[str, list[float]] = {name: [] for name in targets}
            for client in targets.values():
                client.rate(1 + client.count / 5)  # both workers have made each page once
            for _ in range(options.rounds):
                for name, client in targets.items():
                    rates[name].append(client.rate(options.seconds))
    empty = statistics.median(rates["empty view"])
    missed = 0
    for name, found in rates.items():
        rate = statistics.median(found)
        verdict = ""
        if name != "empty view":
            missed += rate / empty < BAR
            verdict = "ok" if rate / empty >= BAR else "MISSED"
        print(f"{name}: {rate:,.0f} requests/s = {rate / empty:.2f} of the empty view {verdict}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
