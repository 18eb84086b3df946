"""Importing entries from a file: read and shown first, then stored as a whole or not at all."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.core import fiscal_year
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from participation.departments.services import create_department
from participation.files.models import StoredFile
from participation.jobs.models import Job
from participation.jobs.queries import is_under_way
from participation.jobs.services import enqueue
from participation.policy import Permission, reachable_departments
from participation.reports.models import (
    EntryState,
    ImportBatch,
    ImportState,
    Item,
)
from participation.reports.queries import imports as queries
from participation.reports.services.import_reading import (
    Reading,
    Sifted,
    directory_for,
    read_file,
    sift,
)
from participation.reports.services.import_storing import insert_entries, sample
from participation.sheets.checking import ImportRefused, Problem, collecting_nothing

READ_JOB = "reports.read_import"
STORE_JOB = "reports.store_import"
SAMPLE_ROWS = 20
_ENTRY_STATES = frozenset({EntryState.DRAFT, EntryState.CONFIRMED})


def open_batch(
    session: Session,
    stored: StoredFile,
    *,
    department_id: int | None,
    entry_state: EntryState,
    actor: Actor,
    now: datetime,
) -> tuple[ImportBatch, Job]:
    """Begin an import: the worker will read the file and say what is in it.

    Args:
        session: the session of the act.
        stored: the uploaded file.
        department_id: the department whose entries (and whose predecessors') the file holds;
            None for the whole city and any year, which only 市民協働課 may.
        entry_state: the state that the new entries get; CONFIRMED only for the whole city.
        actor: who does it.
        now: when.

    Raises:
        PermissionDenied: the actor may not import for this department or into this state.
        StateConflict: a department's file, but no round is open.

    """
    _check_reach(session, department_id, entry_state, actor)
    batch = ImportBatch(
        file_id=stored.id,
        department_id=department_id,
        state=ImportState.READING,
        entry_state=entry_state,
        file_name=stored.name,
        created_by=actor.staff_id,
        actor_name=actor.name,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    job = enqueue(
        session,
        READ_JOB,
        {"batch": batch.id},
        actor=actor,
        now=now,
        label="ファイルを読み取っています",
    )
    batch.job_id = job.id
    session.flush()
    return batch, job


@dataclass(frozen=True)
class Preview:
    """What a file would do, as people are shown it."""

    reading: Reading
    sifted: Sifted
    sample: list[dict[str, Any]]


def examine(session: Session, reading: Reading, *, now: datetime) -> Preview:
    """Compare a file with what is there; reads only."""
    sifted = sift(session, reading.findings)
    rows = [row for row, _ in sifted.new[:SAMPLE_ROWS]]
    return Preview(reading, sifted, sample(session, rows, now=now))


def show(session: Session, batch: ImportBatch, preview: Preview) -> None:
    """Note in the batch what its file would do; stores no entry.

    A batch that was discarded meanwhile stays so.
    """
    if batch.state is not ImportState.READING:
        return
    _note(batch, preview.reading, preview.sifted)
    batch.sample = preview.sample
    batch.state = ImportState.REFUSED if batch.bad_rows else ImportState.READY
    session.flush()


def refuse(session: Session, batch: ImportBatch, reason: str) -> None:
    """Note that the file as a whole cannot be read; ``reason`` says what to do."""
    if batch.state is not ImportState.READING:
        return
    batch.problems = [Problem(None, "", "", reason).plain()]
    batch.bad_rows = 1
    batch.state = ImportState.REFUSED
    session.flush()


def request_storing(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> Job:
    """Have the worker store the previewed rows; they are checked again at that time.

    Raises:
        PermissionDenied: the actor may not (or no longer) import for this department.
        StateConflict: the batch is not waiting for a yes, or is being stored.

    """
    _lock(session, batch)
    if batch.state is not ImportState.READY:
        raise StateConflict("この取り込みは確認待ちではありません。最新の状態を確かめてください。")
    if is_being_stored(session, batch):
        raise StateConflict("この取り込みは処理中です。終わるまでお待ちください。")
    _check_reach(session, batch.department_id, batch.entry_state, actor)
    job = enqueue(
        session,
        STORE_JOB,
        {"batch": batch.id, "staff_id": actor.staff_id, "name": actor.name},
        actor=actor,
        now=now,
        label="記載を取り込んでいます",
    )
    batch.job_id = job.id
    session.flush()
    return job


def discard_batch(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """Give the import up; nothing of it is stored.

    Raises:
        StateConflict: it is stored already, or being stored.

    """
    _lock(session, batch)
    if batch.state is ImportState.DISCARDED:
        return
    if batch.state is ImportState.STORED or is_being_stored(session, batch):
        raise StateConflict("この取り込みはすでに実行されているため、取りやめられません。")
    batch.state = ImportState.DISCARDED
    session.flush()
    audit.record(
        session,
        "reports.import.discarded",
        actor=actor,
        now=now,
        subject=f"import_batch:{batch.id}",
        department_id=batch.department_id,
        after={"file_name": batch.file_name},
    )


@collecting_nothing()
def store_batch(
    session: Session,
    batch: ImportBatch,
    reading: Reading,
    *,
    sha256: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Store all new rows of the file, or none; one audit event tells of the whole.

    What is there already is looked up again now. If a row has become bad since the preview, the
    batch is refused with the reasons and nothing is stored.

    Returns:
        Whether the rows were stored (a batch that is stored already counts).

    """
    if batch.state is ImportState.STORED:
        return True
    if batch.state is not ImportState.READY:
        return False
    _one_import_at_a_time(session)
    sifted = sift(session, reading.findings)
    _note(batch, reading, sifted)
    if batch.bad_rows:
        batch.state = ImportState.REFUSED
        session.flush()
        return False
    insert_entries(session, batch, sifted.new, actor=actor, now=now)
    batch.state = ImportState.STORED
    batch.stored_at = now
    session.flush()
    audit.record(
        session,
        "reports.import.stored",
        actor=actor,
        now=now,
        subject=f"import_batch:{batch.id}",
        department_id=batch.department_id,
        after={
            "file_name": batch.file_name,
            "sha256": sha256,
            "rows": batch.total_rows,
            "new": batch.new_rows,
            "known": batch.known_rows,
            "state": batch.entry_state.value,
        },
    )
    return True


@collecting_nothing()
def import_file(
    session: Session,
    source: bytes,
    *,
    filename: str,
    entry_state: EntryState,
    create_departments: bool,
    actor: Actor,
    now: datetime,
) -> ImportBatch:
    """Read and store a file in one go, for the command line.

    Args:
        session: the session of the act.
        source: the file's bytes.
        filename: its name, for messages and the audit log.
        entry_state: the state that the new entries get.
        create_departments: make departments that are not known, from the first day of the first
            year that the file names them in.
        actor: who does it.
        now: when.

    Raises:
        ImportRefused: with the problems; nothing was stored.
        InvalidInput: the file as a whole cannot be read.

    """
    _check_reach(session, None, entry_state, actor)
    directory = directory_for(session, None, now=now)
    reading = read_file(source, filename=filename, directory=directory)
    unknown = reading.findings.unknown_departments
    if unknown and create_departments:
        for name, year in unknown.items():
            create_department(
                session, name=name, valid_from=fiscal_year.first_day(year), actor=actor, now=now
            )
        directory = directory_for(session, None, now=now)
        reading = read_file(source, filename=filename, directory=directory)
    elif unknown:
        names = "、".join(unknown)
        raise ImportRefused(
            f"登録されていない課があります：{names}。課を登録するか、名称を直してください。",
            reading.findings.problems,
        )
    batch = ImportBatch(
        state=ImportState.READY,
        entry_state=entry_state,
        file_name=filename[:255],
        created_by=actor.staff_id,
        actor_name=actor.name,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    sha256 = hashlib.sha256(source).hexdigest()
    if not store_batch(session, batch, reading, sha256=sha256, actor=actor, now=now):
        raise ImportRefused(
            f"取り込めない行が{batch.bad_rows:,}行あるため、何も取り込みませんでした。",
            reading.findings.problems,
        )
    return batch


def _check_reach(
    session: Session, department_id: int | None, entry_state: EntryState, actor: Actor
) -> None:
    reach = reachable_departments(actor, Permission.ENTRY_IMPORT)
    if entry_state not in _ENTRY_STATES:
        raise InvalidInput("取り込む記載の状態は「入力中」か「確認済」にしてください。")
    if reach is None and department_id is None:
        return
    if reach is not None and department_id not in reach:
        raise PermissionDenied("この課の記載を取り込む権限がありません。")
    if entry_state is EntryState.CONFIRMED:
        raise PermissionDenied("確認済みの記載として取り込めるのは、とりまとめ担当だけです。")
    if not queries.open_columns(session):
        raise StateConflict(
            "照会中の年度がないため、取り込めません。照会が始まるまでお待ちください。"
        )


def _lock(session: Session, batch: ImportBatch) -> None:
    session.refresh(batch, with_for_update=True)


def is_being_stored(session: Session, batch: ImportBatch) -> bool:
    """Whether a worker has its rows to store, or will have them."""
    return is_under_way(session, batch.job_id, STORE_JOB)


def _one_import_at_a_time(session: Session) -> None:
    """Have a second import wait, or the same file stored twice at once would double its rows.

    The items' rows are held in a way that lets people go on writing entries of them.
    """
    session.execute(select(Item.id).order_by(Item.id).with_for_update(key_share=True)).all()


def _note(batch: ImportBatch, reading: Reading, sifted: Sifted) -> None:
    findings = reading.findings
    batch.encoding = reading.encoding
    batch.notes = list(reading.notes)
    batch.total_rows = findings.total
    batch.new_rows = len(sifted.new)
    batch.bad_rows = findings.bad_lines
    batch.known_rows = findings.total - len(sifted.new) - findings.bad_lines
    problems = sorted(findings.problems, key=lambda problem: problem.row or 0)
    batch.problems = [problem.plain() for problem in problems]
