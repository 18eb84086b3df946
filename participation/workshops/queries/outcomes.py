"""What came of a workshop: as it is worked on, and as residents see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.files.models import StoredFile
from participation.workshops.models import (
    Workshop,
    WorkshopFile,
    WorkshopFileKind,
    WorkshopOutcome,
    WorkshopState,
)

_MISSING = "お探しのファイルは見つかりませんでした。"


@dataclass(frozen=True)
class PublishedOutcome:
    """What residents see."""

    said: str
    became: str
    links: tuple[dict[str, Any], ...]
    published_at: datetime
    corrections: tuple[tuple[datetime, str], ...]  # the latest last
    titles: dict[int, str]  # of files that have another title by now, which waits


@dataclass(frozen=True)
class HeldFile:
    """A file of a workshop with what is stored of it."""

    file: WorkshopFile
    stored: StoredFile


def find_outcome(session: Session, workshop_id: int) -> WorkshopOutcome | None:
    """Return the outcome as it is worked on; None before anybody began."""
    return session.get(WorkshopOutcome, workshop_id)


def published_outcome(session: Session, workshop_id: int) -> PublishedOutcome | None:
    """Return the outcome as residents see it; None before its publication."""
    row = session.execute(
        select(WorkshopOutcome)
        .join(Workshop, Workshop.id == WorkshopOutcome.workshop_id)
        .where(
            WorkshopOutcome.workshop_id == workshop_id,
            WorkshopOutcome.published_at.is_not(None),
            Workshop.state == WorkshopState.REPORTED,
        )
    ).scalar_one_or_none()
    if row is None or row.published is None or row.published_at is None:
        return None
    return PublishedOutcome(
        said=row.published["said"],
        became=row.published["became"],
        links=tuple(row.published["links"]),
        published_at=row.published_at,
        corrections=tuple(
            (datetime.fromisoformat(one["at"]), one["reason"]) for one in row.corrections
        ),
        titles={int(key): title for key, title in row.published.get("titles", {}).items()},
    )


def files_of(
    session: Session,
    workshop_id: int,
    kind: WorkshopFileKind | None = None,
    *,
    published_only: bool = False,
) -> Sequence[HeldFile]:
    """Return the files of a workshop in their order: photographs, then materials."""
    statement = (
        select(WorkshopFile, StoredFile)
        .join(StoredFile, StoredFile.id == WorkshopFile.file_id)
        .where(WorkshopFile.workshop_id == workshop_id)
        .order_by(WorkshopFile.kind.desc(), WorkshopFile.position, WorkshopFile.id)
    )
    if kind is not None:
        statement = statement.where(WorkshopFile.kind == kind)
    if published_only:
        statement = statement.where(WorkshopFile.published_at.is_not(None))
    return [HeldFile(file, stored) for file, stored in session.execute(statement)]


def get_file(session: Session, workshop: Workshop, workshop_file_id: int) -> HeldFile:
    """Return a file of ``workshop``, published or not: for staff.

    Raises:
        NotFound: it has none of this number.

    """
    found = session.get(WorkshopFile, workshop_file_id)
    if found is None or found.workshop_id != workshop.id:
        raise NotFound(_MISSING)
    return HeldFile(found, session.get_one(StoredFile, found.file_id))


def get_published_file(session: Session, workshop: Workshop, workshop_file_id: int) -> HeldFile:
    """Return a file of ``workshop`` that residents may have.

    Raises:
        NotFound: there is none, or its outcome is not published.

    """
    found = get_file(session, workshop, workshop_file_id)
    if found.file.published_at is None or workshop.state is not WorkshopState.REPORTED:
        raise NotFound(_MISSING)
    return found


def unpublished_files(session: Session, workshop_id: int) -> int:
    """Return how many files wait for the next publication."""
    return (
        session.scalar(
            select(func.count()).where(
                WorkshopFile.workshop_id == workshop_id, WorkshopFile.published_at.is_(None)
            )
        )
        or 0
    )
