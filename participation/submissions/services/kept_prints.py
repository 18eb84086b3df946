"""A paper for residents that is kept in step with its page: its file, the words, the print job."""

import uuid
from typing import Protocol

from sqlalchemy.orm import Session

from participation.files.models import StoredFile
from participation.files.services import erase
from participation.jobs.models import Job, JobState


class KeptPrint(Protocol):
    """The row of such a paper."""

    digest: str  # SHA-256 of the words that were printed
    file_id: uuid.UUID | None
    job_id: int | None  # that prints it


def printed_file(session: Session, paper: KeptPrint | None) -> StoredFile | None:
    """Return the paper as last printed; None before that."""
    if paper is None or paper.file_id is None:
        return None
    return session.get(StoredFile, paper.file_id)


def has_words(paper: KeptPrint | None, digest: str) -> bool:
    """Whether the paper was printed with the words of this digest."""
    return paper is not None and paper.file_id is not None and paper.digest == digest


def is_printing(session: Session, paper: KeptPrint) -> bool:
    """Whether a print is under way."""
    job = _job_of(session, paper)
    return job is not None and job.state in {JobState.QUEUED, JobState.RUNNING}


def needs_print(session: Session, paper: KeptPrint | None, digest: str) -> bool:
    """Whether the worker should print the paper by itself.

    Not what is being printed; and what could not be printed only when its words have changed.
    """
    if paper is None:
        return True
    job = _job_of(session, paper)
    failed = (
        job is not None and job.state is JobState.FAILED and job.payload.get("digest") == digest
    )
    return not (failed or is_printing(session, paper) or has_words(paper, digest))


def replace_print(session: Session, paper: KeptPrint, *, stored: StoredFile, digest: str) -> None:
    """Offer a fresh print instead of the one before it, whose file is erased."""
    old, paper.file_id, paper.digest = paper.file_id, stored.id, digest
    session.flush()
    if old is not None:
        erase(session, old)


def _job_of(session: Session, paper: KeptPrint) -> Job | None:
    return session.get(Job, paper.job_id) if paper.job_id is not None else None
