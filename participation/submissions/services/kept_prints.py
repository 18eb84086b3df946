"""A paper for residents that is kept in step with its page: its file, the words, the print job."""

import uuid
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from participation.files.models import StoredFile
from participation.files.services import erase
from participation.jobs.models import Job, JobState


class KeptPrint(Protocol):
    """The row of such a paper."""

    digest: str  # SHA-256 of the words that were printed
    file_id: uuid.UUID | None
    job_id: int | None  # that prints it


Paper = TypeVar("Paper", bound=KeptPrint)


def locked_paper(session: Session, table: type[Paper], owner_id: int) -> Paper:
    """Return the row of a paper, made if it is not there; until the commit nobody else has it.

    Of two who want the first row at once, the second waits here for the first one's.

    Args:
        session: the session of the act.
        table: the table of such papers, whose key says whose each is.
        owner_id: whose is wanted.

    """
    rows: Any = cast("Any", table).__table__
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    (key,) = rows.primary_key.columns
    session.execute(make(rows).values({key: owner_id, "digest": ""}).on_conflict_do_nothing())
    return session.get_one(table, owner_id, with_for_update=True, populate_existing=True)


def printed_file(session: Session, paper: KeptPrint | None) -> StoredFile | None:
    """Return the paper as last printed; None before that."""
    if paper is None or paper.file_id is None:
        return None
    return session.get(StoredFile, paper.file_id)


def has_words(paper: KeptPrint | None, digest: str) -> bool:
    """Whether the paper was printed with the words of this digest."""
    return paper is not None and paper.file_id is not None and paper.digest == digest


def print_under_way(session: Session, paper: KeptPrint) -> Job | None:
    """Return the job that is to print the paper, unless it has ended."""
    job = _job_of(session, paper)
    return job if job is not None and job.state in {JobState.QUEUED, JobState.RUNNING} else None


def is_printing(session: Session, paper: KeptPrint | None) -> bool:
    """Whether a print is under way."""
    return paper is not None and print_under_way(session, paper) is not None


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
