"""Printing the year's lists in the worker."""

import hashlib

from participation.campaigns.labels import YEARLY_LABELS
from participation.campaigns.models import YearlyListFile
from participation.campaigns.queries.yearly import table_of
from participation.campaigns.yearly import YearlyTable
from participation.core import clock, fiscal_year, wareki
from participation.core.actors import system_actor
from participation.db.engine import writing
from participation.files.services import store
from participation.jobs.runner import JobRun
from participation.pdf.fonts import missing_glyphs
from participation.pdf.renderer import render
from participation.pdf.templating import fill_in, stylesheet

_ROWS_A_PAGE = 12


def print_yearly_list(run: JobRun) -> None:
    """Set a list as PDF and store it; one that is printed already is left alone."""
    session = run.session
    asked = session.get_one(YearlyListFile, run.payload["file"])
    if asked.file_id is not None:
        return
    now, asked_id, created = clock.now(), asked.id, asked.created_at
    table = table_of(session, asked.kind, asked.fiscal_year, now=created)
    session.rollback()
    identifier = hashlib.sha256(repr((table.title, table.day, table.rows)).encode()).hexdigest()
    data = render(
        fill_in(
            "campaigns/pdf/yearly.html",
            table=table,
            day=wareki.format_date(table.day),
            numeric=frozenset(
                index
                for index, name in enumerate(table.header)
                if name in {"番号", "日数"} or "（" in name
            ),
        ),
        stylesheet=stylesheet("campaigns/pdf/yearly.css"),
        identifier=identifier,
        created=created,
        progress=run.progress,
        expected_pages=1 + len(table.rows) // _ROWS_A_PAGE,
    )
    lost = "".join(glyph.character for glyph in missing_glyphs(_text(table)))
    name = f"意見募集の{YEARLY_LABELS[table.kind]}_{fiscal_year.label(table.year)}.pdf"
    with writing(session):
        stored = store(
            session,
            data,
            name=name,
            media_type="application/pdf",
            actor=system_actor("worker"),
            now=now,
        )
        asked = session.get_one(YearlyListFile, asked_id)
        asked.file_id, asked.replaced = stored.id, lost


def _text(table: YearlyTable) -> str:
    return "".join(str(cell) for row in table.rows for cell in row)
