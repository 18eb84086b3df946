"""Loading a document in one go, for the command line: the same content again changes nothing."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, Document, DocumentKind, DocumentVersion
from participation.campaigns.services.document_versions import (
    VersionContent,
    add_version,
    publish_version,
    version_seen,
)
from participation.campaigns.services.documents import add_document
from participation.core.actors import Actor
from participation.core.text import clean_input
from participation.files.models import StoredFile
from participation.files.services import store
from participation.submissions.services.uploads import check_upload

_MOST_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class GivenDocument:
    """A document as it lies before the operator."""

    kind: DocumentKind
    title: str
    file_name: str = ""
    data: bytes = b""  # of the file; none when empty
    source: str = ""  # Markdown
    note: str = ""  # what changed, when it replaces a version


def load_document(
    session: Session,
    campaign: Campaign,
    given: GivenDocument,
    *,
    publish: bool,
    actor: Actor,
    now: datetime,
) -> tuple[DocumentVersion, bool]:
    """Store a document, as the next version where the campaign has one of this kind and title.

    Args:
        session: the session of the act.
        campaign: the campaign.
        given: the document.
        publish: have residents see it at once.
        actor: who does it.
        now: when.

    Returns:
        The version, and whether anything was stored.

    Raises:
        InvalidInput: file or text cannot be taken, or what changed is not told.
        StateConflict: another version waits unpublished, or the campaign was cancelled.

    """
    document = session.scalar(
        select(Document).where(
            Document.campaign_id == campaign.id,
            Document.kind == given.kind,
            Document.title == clean_input(given.title).strip(),
        )
    )
    checked = (
        check_upload(given.data, given.file_name, most_bytes=_MOST_BYTES) if given.data else None
    )
    last = document.versions[-1] if document is not None and document.versions else None
    is_new = last is None or not _is_same(session, last, given, checked[1] if checked else b"")
    if last is None or is_new:
        document = document or add_document(
            session, campaign, kind=given.kind, title=given.title, actor=actor, now=now
        )
        stored = None
        if checked is not None:
            media_type, data = checked
            stored = store(
                session, data, name=given.file_name, media_type=media_type, actor=actor, now=now
            )
        content = VersionContent(stored.id if stored else None, given.source, given.note)
        last = add_version(session, campaign, document, content, actor=actor, now=now)
    if publish and last.published_at is None:
        publish_version(session, campaign, last, seen=version_seen(last), actor=actor, now=now)
        is_new = True
    return last, is_new


def _is_same(session: Session, version: DocumentVersion, given: GivenDocument, data: bytes) -> bool:
    stored = session.get(StoredFile, version.file_id) if version.file_id else None
    sha256 = hashlib.sha256(data).hexdigest() if data else None
    source = clean_input(given.source).strip("\n")
    return (stored.sha256 if stored else None) == sha256 and version.source == source
