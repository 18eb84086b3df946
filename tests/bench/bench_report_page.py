"""The report's page under load: requests a second against an empty Flask view, same server.

    .venv/bin/python -m tests.bench.bench_report_page [--seconds 2] [--rounds 8]

Both are served by granian with two workers of four threads, ours as in production on SQLite. A
client process with eight connections asks as fast as the answers come and reads each to its end.
At 208 entries the whole report is one page; at 20,800 it is read a section at a time, so the
client goes round all sections (and pages of a section). The rounds take turns, so that whatever
else the machine does meets them alike. The bar is 0.2 of the empty view.
"""

import itertools
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from participation.app import create_app
from participation.core.actors import system_actor
from participation.core.settings import Settings
from participation.db.extension import db
from participation.files.frozen import BuiltFile
from participation.files.services import store
from participation.reports.models import EntryKind
from participation.reports.services import editions
from participation.reports.snapshot import ItemRow, SectionNode, Snapshot, Statement
from tests.bench.pages_under_load import Client, both_served, compare, options, pages_of
from tests.bench.server import free_port, production
from tests.reports.real_report import DATA, real_snapshot
from tests.schema import create_schema

ENTRIES = 208
LINKS = r'href="(/reports/\d+/\?(?:section|page)=[^"]+)"'
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
    files = {"pdf": BuiltFile(pdf.id, pdf.sha256)}
    editions.finish_building(session, edition, snapshot, files=files, actor=ACTOR, now=NOW)
    editions.publish_edition(session, edition, pdf_sha256=edition.pdf_sha256, actor=ACTOR, now=NOW)
    session.commit()
    return sum(len(cell) for item in snapshot.items() for cell in item.cells)


def main() -> int:
    asked = options()
    if not DATA.is_dir():
        print(f"skipped: {DATA} is not on this machine")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = production(Path(folder), f"sqlite:///{folder}/bench.sqlite3", port)
        settings = Settings.from_env(environment)
        create_schema(settings)
        with create_app(settings).app_context():
            small = publish(report(2024, 1))
            large = publish(report(2023, 100))
            db.session.remove()
            db.engine.dispose()
        with both_served(environment, port) as empty:
            whole, whole_size = pages_of(port, "/reports/2024/", LINKS)
            sections, section_size = pages_of(port, "/reports/2023/", LINKS)
            print(f"{small} entries: {len(whole)} page of {whole_size:,} bytes")
            print(f"{large:,} entries: {len(sections)} pages of about {section_size:,} bytes")
            targets = {
                f"{small} entries": Client(port, whole),
                f"{large:,} entries": Client(port, sections),
            }
            return compare(empty, targets, seconds=asked.seconds, rounds=asked.rounds)


if __name__ == "__main__":
    sys.exit(main())
