"""Importing submissions from a file: read and shown first, then stored as a whole or not at all.

The file names people. It lies sealed under a key of its own, and both are gone as soon as it was
stored, refused or discarded; what is kept of it (counts, faults, a sample) names nobody.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import Campaign, CampaignImport, ImportKind, ImportState
from participation.campaigns.services.desk import check_taking
from participation.campaigns.services.submission_reading import (
    Reading,
    file_key,
    is_stored_already,
    read_file,
)
from participation.campaigns.services.submission_rows import FileSubmission
from participation.campaigns.services.submission_storing import insert_submissions
from participation.core import clock
from participation.core.actors import Actor, system_actor
from participation.core.errors import StateConflict
from participation.files.services import erase as erase_file
from participation.jobs.models import Job
from participation.jobs.queries import is_under_way
from participation.jobs.services import enqueue
from participation.privacy.crypto import keyring
from participation.sheets.checking import ImportRefused, Problem, collecting_nothing
from participation.submissions.services.sealed_files import seal, unseal

READ_JOB = "campaigns.read_submissions"
STORE_JOB = "campaigns.store_submissions"
SAMPLE_ROWS = 10
# Waiting for a yes no longer than this; then the file is erased.
UNDECIDED_DAYS = 7
_SAMPLE_CHARACTERS = 80


def open_import(
    session: Session,
    campaign: Campaign,
    data: bytes,
    *,
    is_workbook: bool,
    actor: Actor,
    now: datetime,
) -> tuple[CampaignImport, Job]:
    """Begin an import: the file is sealed, and the worker will say what is in it.

    The name that the file had is not kept, since it is often somebody's own name.

    Raises:
        StateConflict: nothing can be entered for this campaign now.

    """
    check_taking(campaign)
    upload = _new_import(campaign, is_workbook=is_workbook, actor=actor, now=now)
    session.add(upload)
    session.flush()
    sealed = seal(
        session,
        data,
        name=upload.file_name,
        media_type="application/octet-stream",
        actor=actor,
        now=now,
    )
    upload.file_id = sealed.file_id
    upload.data_key = keyring(session).encrypt(sealed.data_key, **_place(upload))
    job = enqueue(
        session,
        READ_JOB,
        {"import": upload.id},
        actor=actor,
        now=now,
        label="ファイルを読み取っています",
    )
    upload.job_id = job.id
    session.flush()
    return upload, job


def file_of(session: Session, upload: CampaignImport) -> bytes:
    """Return the uploaded file, for the worker only.

    Raises:
        FileUnavailable: it was erased or is missing.
        StateConflict: it was stored or discarded, so that it is gone.

    """
    if upload.data_key is None or upload.file_id is None:
        raise StateConflict("ファイルは消去されています。もう一度選んでください。")
    key = keyring(session).decrypt(upload.data_key, **_place(upload))
    return unseal(session, upload.file_id, key)


def show(session: Session, upload: CampaignImport, reading: Reading, *, known: bool) -> None:
    """Note what the file would do; an import that was discarded meanwhile stays so."""
    if upload.state is not ImportState.READING:
        return
    _note(upload, reading, known=known)
    upload.sample = [_sampled(one) for one in reading.findings.submissions[:SAMPLE_ROWS]]
    upload.state = ImportState.REFUSED if upload.bad_rows else ImportState.READY
    if upload.state is ImportState.REFUSED:
        _erase(session, upload)
    session.flush()


def refuse(session: Session, upload: CampaignImport, reason: str) -> None:
    """Note that the file as a whole cannot be read; ``reason`` says what to do."""
    if upload.state is not ImportState.READING:
        return
    upload.problems = [Problem(None, "", "", reason).plain()]
    upload.bad_rows = 1
    upload.state = ImportState.REFUSED
    _erase(session, upload)
    session.flush()


def request_storing(
    session: Session, upload: CampaignImport, *, actor: Actor, now: datetime
) -> Job:
    """Have the worker store the previewed submissions.

    Raises:
        StateConflict: the import is not waiting for a yes, or is being stored.

    """
    session.refresh(upload, with_for_update=True)
    if upload.state is not ImportState.READY:
        raise StateConflict("この取り込みは確認待ちではありません。最新の状態を確かめてください。")
    if is_being_stored(session, upload):
        raise StateConflict("この取り込みは処理中です。終わるまでお待ちください。")
    job = enqueue(
        session,
        STORE_JOB,
        {"import": upload.id, "staff_id": actor.staff_id, "name": actor.name},
        actor=actor,
        now=now,
        label="意見を取り込んでいます",
    )
    upload.job_id = job.id
    session.flush()
    return job


def discard(
    session: Session, campaign: Campaign, upload: CampaignImport, *, actor: Actor, now: datetime
) -> None:
    """Give the import up; nothing of it is stored and its file is erased.

    Raises:
        StateConflict: it is stored already, or being stored.

    """
    session.refresh(upload, with_for_update=True)
    if upload.state is ImportState.DISCARDED:
        return
    if upload.state is ImportState.STORED or is_being_stored(session, upload):
        raise StateConflict("この取り込みはすでに実行されているため、取りやめられません。")
    upload.state = ImportState.DISCARDED
    _erase(session, upload)
    session.flush()
    audit.record(
        session,
        "campaigns.import.discarded",
        actor=actor,
        now=now,
        subject=f"campaign_import:{upload.id}",
        department_id=campaign.department_id,
    )


def discard_undecided(session: Session, now: datetime) -> int:
    """Discard imports that nobody said yes to for a week; a sweep of the worker."""
    waiting = session.execute(
        select(CampaignImport, Campaign)
        .join(Campaign, Campaign.id == CampaignImport.campaign_id)
        .where(
            CampaignImport.kind == ImportKind.SUBMISSIONS,
            CampaignImport.state.in_([ImportState.READY, ImportState.READING]),
            CampaignImport.created_at < now - timedelta(days=UNDECIDED_DAYS),
        )
        .order_by(CampaignImport.id)
    ).all()
    actor = system_actor("submissions erase-expired")
    left = [pair for pair in waiting if not is_being_stored(session, pair[0])]
    for upload, campaign in left:
        discard(session, campaign, upload, actor=actor, now=now)
    return len(left)


def store_import(
    session: Session,
    campaign: Campaign,
    upload: CampaignImport,
    reading: Reading,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Store all submissions of the file, or none; one audit event tells of the whole.

    Returns:
        Whether they are stored (an import that was stored before counts).

    """
    if upload.state is ImportState.STORED:
        return True
    if upload.state is not ImportState.READY:
        return False
    findings = reading.findings
    if findings.bad_rows:
        _note(upload, reading, known=False)
        upload.state = ImportState.REFUSED
        _erase(session, upload)
        session.flush()
        return False
    new = _store(session, campaign, upload, reading, now=now)
    _note(upload, reading, known=False)
    upload.new_rows = new
    upload.same_rows = len(findings.submissions) - new
    upload.state = ImportState.STORED
    upload.stored_at = now
    _erase(session, upload)
    session.flush()
    audit.record(
        session,
        "campaigns.import.stored",
        actor=actor,
        now=now,
        subject=f"campaign_import:{upload.id}",
        department_id=campaign.department_id,
        after={
            "sha256": reading.sha256,
            "rows": upload.total_rows,
            "new": upload.new_rows,
            "known": upload.same_rows,
        },
    )
    return True


@collecting_nothing()
def load_file(
    session: Session, campaign: Campaign, data: bytes, *, filename: str, actor: Actor, now: datetime
) -> CampaignImport:
    """Read and store a file in one go, for the command line.

    Raises:
        ImportRefused: with the problems; nothing was stored.
        InvalidInput: the file as a whole cannot be read.
        StateConflict: nothing can be entered for this campaign now.

    """
    check_taking(campaign)
    reading = read_file(data, campaign, filename=filename, now=now)
    if reading.findings.bad_rows:
        raise ImportRefused(
            f"取り込めない行が{reading.findings.bad_rows:,}行あるため、何も取り込みませんでした。",
            reading.findings.problems,
        )
    upload = _new_import(campaign, is_workbook=data.startswith(b"PK"), actor=actor, now=now)
    upload.state = ImportState.READY
    session.add(upload)
    session.flush()
    store_import(session, campaign, upload, reading, actor=actor, now=now)
    return upload


def is_being_stored(session: Session, upload: CampaignImport) -> bool:
    """Whether a worker has its submissions to store, or will have them."""
    return is_under_way(session, upload.job_id, STORE_JOB)


def _store(
    session: Session, campaign: Campaign, upload: CampaignImport, reading: Reading, *, now: datetime
) -> int:
    """Store the submissions; return how many were new: all, or none of a file stored before."""
    # One import of a campaign at a time, or the same file twice at once would both find nothing.
    # Held in a way that lets residents go on sending.
    session.refresh(campaign, with_for_update={"key_share": True})
    if is_stored_already(session, campaign, reading):
        return 0
    submissions = reading.findings.submissions
    insert_submissions(
        session,
        campaign,
        upload.id,
        submissions,
        first_key=file_key(campaign, reading),
        now=now,
    )
    return len(submissions)


def _new_import(
    campaign: Campaign, *, is_workbook: bool, actor: Actor, now: datetime
) -> CampaignImport:
    ending = "xlsx" if is_workbook else "csv"
    return CampaignImport(
        campaign_id=campaign.id,
        kind=ImportKind.SUBMISSIONS,
        state=ImportState.READING,
        file_name=f"意見_{clock.local(now):%Y%m%d_%H%M}.{ending}",
        created_by=actor.staff_id,
        created_at=now,
    )


def _note(upload: CampaignImport, reading: Reading, *, known: bool) -> None:
    findings = reading.findings
    upload.notes = list(reading.notes)
    upload.total_rows = findings.rows
    upload.new_rows = 0 if known else len(findings.submissions)
    upload.same_rows = len(findings.submissions) if known else 0
    upload.bad_rows = findings.bad_rows
    upload.problems = [problem.plain() for problem in findings.problems]


def _sampled(one: FileSubmission) -> dict[str, Any]:
    text = one.opinions[0].text
    return {
        "row": one.line,
        "channel": one.sent.channel.value,
        "arrived_on": one.sent.arrived_on.isoformat(),
        "opinions": len(one.opinions),
        "anonymous": not one.name,
        "text": text if len(text) <= _SAMPLE_CHARACTERS else text[:_SAMPLE_CHARACTERS] + "…",
    }


def _erase(session: Session, upload: CampaignImport) -> None:
    """Forget the file: its key first, then its bytes."""
    file_id, upload.file_id, upload.data_key = upload.file_id, None, None
    session.flush()
    if file_id is not None:
        erase_file(session, file_id)


def _place(upload: CampaignImport) -> dict[str, str]:
    return {
        "table": CampaignImport.__tablename__,
        "column": "data_key",
        "row": str(upload.id),
    }
