"""Reads of documents, their versions and their passages."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    Document,
    DocumentKind,
    DocumentVersion,
    Passage,
)
from participation.core.errors import NotFound
from participation.files.models import StoredFile

_BATCH = 500


@dataclass(frozen=True)
class PublishedVersion:
    """One version of a document that residents may read; nothing of it changes again."""

    id: int  # of the version
    document_id: int
    kind: DocumentKind
    title: str
    number: int
    note: str  # what changed; empty for the first
    published_at: datetime
    has_text: bool  # it can be read as a page
    file_id: uuid.UUID | None
    file_name: str
    file_size: int  # bytes; 0 without a file
    media_type: str
    is_latest: bool


@dataclass(frozen=True)
class VersionLine:
    """One version in a list for staff, without its text."""

    id: int
    document_id: int
    number: int
    note: str
    created_at: datetime
    published_at: datetime | None
    has_text: bool
    file: StoredFile | None


def published_versions(
    session: Session, campaign_id: int, *, latest_only: bool = True
) -> list[PublishedVersion]:
    """Return what residents may read, in the order of the documents, newest version first.

    Args:
        session: any session.
        campaign_id: the campaign; whether it is announced is the caller's matter.
        latest_only: leave out versions that a newer published one replaced.

    """
    rows = session.execute(
        select(
            DocumentVersion.id,
            DocumentVersion.document_id,
            Document.kind,
            Document.title,
            DocumentVersion.number,
            DocumentVersion.note,
            DocumentVersion.published_at,
            (DocumentVersion.source != "").label("has_text"),
            DocumentVersion.file_id,
            StoredFile.name,
            StoredFile.size,
            StoredFile.media_type,
        )
        .join(Document, Document.id == DocumentVersion.document_id)
        .outerjoin(StoredFile, StoredFile.id == DocumentVersion.file_id)
        .where(
            Document.campaign_id == campaign_id,
            DocumentVersion.published_at.is_not(None),
        )
        .order_by(Document.position, DocumentVersion.number.desc())
    ).all()
    # The first of a document is its newest.
    newest = {row.document_id: row.id for row in reversed(rows)}
    found = [
        PublishedVersion(
            id=row.id,
            document_id=row.document_id,
            kind=row.kind,
            title=row.title,
            number=row.number,
            note=row.note,
            published_at=row.published_at,
            has_text=bool(row.has_text),
            file_id=row.file_id,
            file_name=row.name or "",
            file_size=row.size or 0,
            media_type=row.media_type or "",
            is_latest=newest[row.document_id] == row.id,
        )
        for row in rows
    ]
    return [version for version in found if version.is_latest or not latest_only]


def passage_by_anchor(session: Session, version_id: int, anchor: str) -> Passage | None:
    """Return the passage with ``anchor`` in a version, or None."""
    return session.scalar(
        select(Passage).where(Passage.version_id == version_id, Passage.anchor == anchor)
    )


def passages(session: Session, ids: Collection[int]) -> dict[int, Passage]:
    """Return passages by their ids; an id that is not there is left out."""
    wanted = sorted(set(ids))
    found: dict[int, Passage] = {}
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        found |= {
            passage.id: passage
            for passage in session.scalars(select(Passage).where(Passage.id.in_(batch)))
        }
    return found


def published_passage(session: Session, campaign_id: int, passage_id: int) -> Passage | None:
    """Return a passage that residents of ``campaign_id`` may point to, or None.

    For ``?passage=``: a passage of another campaign or of an unpublished version does not exist.
    """
    return session.scalar(
        select(Passage)
        .join(DocumentVersion, DocumentVersion.id == Passage.version_id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(
            Passage.id == passage_id,
            Document.campaign_id == campaign_id,
            DocumentVersion.published_at.is_not(None),
        )
    )


def passages_of(session: Session, version_id: int) -> Sequence[Passage]:
    """Return the passages of a version in reading order."""
    return session.scalars(
        select(Passage).where(Passage.version_id == version_id).order_by(Passage.position)
    ).all()


def documents_of(session: Session, campaign_id: int) -> Sequence[Document]:
    """Return the documents of a campaign in their order."""
    return session.scalars(
        select(Document).where(Document.campaign_id == campaign_id).order_by(Document.position)
    ).all()


def version_lines(session: Session, campaign_id: int) -> dict[int, list[VersionLine]]:
    """Return all versions of a campaign's documents, newest first, by document."""
    rows = session.execute(
        select(
            DocumentVersion.id,
            DocumentVersion.document_id,
            DocumentVersion.number,
            DocumentVersion.note,
            DocumentVersion.created_at,
            DocumentVersion.published_at,
            (DocumentVersion.source != "").label("has_text"),
            StoredFile,
        )
        .join(Document, Document.id == DocumentVersion.document_id)
        .outerjoin(StoredFile, StoredFile.id == DocumentVersion.file_id)
        .where(Document.campaign_id == campaign_id)
        .order_by(DocumentVersion.document_id, DocumentVersion.number.desc())
    ).all()
    lines: dict[int, list[VersionLine]] = {}
    for row in rows:
        lines.setdefault(row.document_id, []).append(
            VersionLine(
                row.id,
                row.document_id,
                row.number,
                row.note,
                row.created_at,
                row.published_at,
                bool(row.has_text),
                row.StoredFile,
            )
        )
    return lines


def get_document(session: Session, campaign: Campaign, document_id: int) -> Document:
    """Return a document of ``campaign``.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    document = session.get(Document, document_id)
    if document is None or document.campaign_id != campaign.id:
        raise NotFound("その資料は見つかりませんでした。資料の一覧からお選びください。")
    return document


def get_version(session: Session, campaign: Campaign, version_id: int) -> DocumentVersion:
    """Return a version of a document of ``campaign``, published or not: for staff.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    version = session.get(DocumentVersion, version_id)
    if version is None:
        raise NotFound("その版は見つかりませんでした。資料の一覧からお選びください。")
    get_document(session, campaign, version.document_id)
    return version


def get_published_version(session: Session, campaign: Campaign, version_id: int) -> DocumentVersion:
    """Return a version that residents may read.

    Raises:
        NotFound: there is none, it is another campaign's, or it is not published.

    """
    version = session.get(DocumentVersion, version_id)
    document = session.get(Document, version.document_id) if version else None
    if (
        version is None
        or document is None
        or version.published_at is None
        or document.campaign_id != campaign.id
    ):
        raise NotFound("お探しの資料は見つかりませんでした。意見募集のページからお選びください。")
    return version


def latest_published(session: Session, document_id: int) -> DocumentVersion | None:
    """Return the version of a document that residents read now, or None."""
    return session.scalar(
        select(DocumentVersion)
        .where(
            DocumentVersion.document_id == document_id,
            DocumentVersion.published_at.is_not(None),
        )
        .order_by(DocumentVersion.number.desc())
        .limit(1)
    )


def stored_file(session: Session, version: DocumentVersion) -> StoredFile:
    """Return the file of a version.

    Raises:
        NotFound: the version is a text only.

    """
    stored = session.get(StoredFile, version.file_id) if version.file_id else None
    if stored is None:
        raise NotFound("この版にはファイルがありません。")
    return stored
