"""What the worker does for the report: read a file, store its rows, build an edition.

Each reads first and lets go of the database, computes, and writes last in one transaction, so
that nobody's saving waits for a render. Killed at any point, it starts again from the beginning.
"""

import gc
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from participation.core import clock, fiscal_year
from participation.core.actors import Actor, system_actor
from participation.core.errors import InvalidInput
from participation.db.engine import writing
from participation.files.frozen import MadeFile, store_files
from participation.files.models import StoredFile
from participation.files.services import read as read_stored
from participation.jobs.runner import JobRun
from participation.reports import export
from participation.reports.models import EditionState, ImportBatch, ImportState
from participation.reports.print import Paper, replaced_characters, report_pdf
from participation.reports.queries import editions as edition_queries
from participation.reports.queries import report as report_queries
from participation.reports.queries.imports import get_batch
from participation.reports.services import editions, entry_import, import_reading
from participation.reports.snapshot import Snapshot

Progress = Callable[[int, int, str], None]


def build_edition(run: JobRun) -> None:
    """Freeze an edition's words, set its PDF and write its spreadsheets."""
    session = run.session
    now = clock.now()
    edition = edition_queries.get_edition(session, run.payload["edition"])
    if edition.state is not EditionState.BUILDING or edition.job_id != run.job_id:
        return  # an earlier run has done it, or it is another job's by now
    edition_id, paper = edition.id, edition.paper
    columns = edition_queries.columns_of(edition)
    run.progress(0, 1, "記載を集めています")
    snapshot = report_queries.build_snapshot(
        session,
        edition.fiscal_year,
        columns,
        now=now,
        number=edition.number,
        correction=edition.correction,
    )
    created = report_queries.data_moment(session, edition.fiscal_year, columns)
    session.rollback()
    files = make_files(snapshot, paper=paper, created=created, progress=run.progress)
    gc.collect()  # a typeset report is a web of references; the worker collects too seldom for it
    actor = system_actor("worker")
    with writing(session):
        built = store_files(session, files, actor=actor, now=now)
        edition = edition_queries.get_edition(session, edition_id)
        editions.finish_building(session, edition, snapshot, files=built, actor=actor, now=now)


def make_files(
    snapshot: Snapshot, *, paper: str, created: datetime, progress: Progress | None = None
) -> dict[str, MadeFile]:
    """Return the files of an edition by format: pdf, xlsx, csv and csv-cp932."""
    stem = f"進捗状況_{fiscal_year.label(snapshot.fiscal_year)}_第{snapshot.number}版"
    chosen: Paper = "A4" if paper == "A4" else "A3"
    pdf = report_pdf(snapshot, paper=chosen, created=created, progress=progress)
    xlsx = export.report_xlsx(snapshot, created=created)
    utf8 = export.report_csv(snapshot, encoding="utf-8-sig")
    cp932 = export.report_csv(snapshot, encoding="cp932")
    return {
        "pdf": MadeFile(pdf, f"{stem}.pdf", "application/pdf", _lost_in_print(snapshot)),
        "xlsx": MadeFile(xlsx, f"{stem}.xlsx", export.XLSX_TYPE),
        "csv": MadeFile(utf8.data, f"{stem}.csv", export.CSV_TYPE),
        "csv-cp932": MadeFile(
            cp932.data, f"{stem}_シフトJIS.csv", export.CSV_TYPE, "".join(cp932.replaced)
        ),
    }


def read_import(run: JobRun) -> None:
    """Read an uploaded file and note what it would do."""
    session = run.session
    now = clock.now()
    batch = get_batch(session, run.payload["batch"])
    if batch.state is not ImportState.READING:
        return
    run.progress(0, 2, "ファイルを読み取っています")
    try:
        file = _read_file(session, batch, now=now)
    except InvalidInput as error:
        with writing(session):
            entry_import.refuse(session, get_batch(session, run.payload["batch"]), str(error))
        return
    run.progress(1, 2, "すでにある記載と比べています")
    preview = entry_import.examine(session, file, now=now)
    with writing(session):
        entry_import.show(session, get_batch(session, run.payload["batch"]), preview)


def store_import(run: JobRun) -> None:
    """Read the file again and store its new rows."""
    session = run.session
    now = clock.now()
    actor = Actor(staff_id=run.payload["staff_id"], name=run.payload["name"])
    batch = get_batch(session, run.payload["batch"])
    if batch.state is not ImportState.READY or batch.job_id != run.job_id:
        return
    sha256 = session.get_one(StoredFile, batch.file_id).sha256
    run.progress(0, 2, "ファイルを読み取っています")
    file = _read_file(session, batch, now=now)
    run.progress(1, 2, "記載を取り込んでいます")
    with writing(session):
        batch = get_batch(session, run.payload["batch"])
        entry_import.store_batch(session, batch, file, sha256=sha256, actor=actor, now=now)


def _read_file(session: Session, batch: ImportBatch, *, now: datetime) -> import_reading.Reading:
    stored = session.get_one(StoredFile, batch.file_id)
    data = read_stored(session, stored)
    filename = batch.file_name
    directory = import_reading.directory_for(session, batch.department_id, now=now)
    session.rollback()
    return import_reading.read_file(data, filename=filename, directory=directory)


def _lost_in_print(snapshot: Snapshot) -> str:
    return "".join(glyph.character for glyph in replaced_characters(snapshot))
