"""Versions of a document: drafted, looked at, published for good, replaced by a newer one.

A document has one unpublished version at most. What is published never changes again: each act
here asks the database, under a lock on the row, whether it is published already.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.documents.passages import LONGEST_SOURCE
from participation.campaigns.models import (
    Campaign,
    CampaignState,
    Document,
    DocumentVersion,
    NoticeKind,
)
from participation.campaigns.services.documents import check_not_cancelled, lock_campaign
from participation.campaigns.services.notices import add_notice
from participation.campaigns.services.passages import remove_passages, store_passages
from participation.campaigns.services.telling import tell_news
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.files.models import StoredFile
from participation.jobs.models import Job
from participation.jobs.services import enqueue
from participation.news.models import NewsEvent

READ_PDF_JOB = "campaigns.read_pdf"
MAX_NOTE = 2_000
PDF = "application/pdf"
# From then on residents may have the document in hand: a new one is told as a notice.
_ANNOUNCED = frozenset(CampaignState) - {CampaignState.PREPARING, CampaignState.CANCELLED}


class VersionConflict(StateConflict):
    """Somebody else changed the version after it was shown; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            "表示した後に、ほかの人がこの版を変更しました。"
            "今の内容と見比べてから、もう一度保存してください。"
        )


@dataclass(frozen=True)
class VersionContent:
    """What a version consists of: a file, a text, or both, and what changed."""

    file_id: uuid.UUID | None = None
    source: str = ""  # Markdown
    note: str = ""


def add_version(
    session: Session,
    campaign: Campaign,
    document: Document,
    content: VersionContent,
    *,
    actor: Actor,
    now: datetime,
) -> DocumentVersion:
    """Add an unpublished version.

    Raises:
        InvalidInput: it has neither file nor text, the text cannot be taken, or the note is
            missing although there was a version before.
        StateConflict: there is an unpublished version already, or the campaign was cancelled.

    """
    check_not_cancelled(campaign)
    lock_campaign(session, campaign)
    last = session.scalar(
        select(func.max(DocumentVersion.number)).where(DocumentVersion.document_id == document.id)
    )
    draft = session.scalar(
        select(DocumentVersion.number).where(
            DocumentVersion.document_id == document.id, DocumentVersion.published_at.is_(None)
        )
    )
    if draft is not None:
        raise StateConflict(
            f"公開していない第{draft}版があります。その版を編集するか、破棄してから作ってください。"
        )
    number = (last or 0) + 1
    content = _checked(content, number)
    version = DocumentVersion(
        document_id=document.id,
        number=number,
        file_id=content.file_id,
        source=content.source,
        note=content.note,
        created_at=now,
    )
    session.add(version)
    session.flush()
    store_passages(session, version)
    _record(
        session, campaign, version, "added", actor=actor, now=now, after=_facts(session, version)
    )
    return version


def edit_version(
    session: Session,
    campaign: Campaign,
    version: DocumentVersion,
    content: VersionContent,
    *,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change an unpublished version.

    Args:
        session: the session of the act.
        campaign: whose document it is.
        version: the version.
        content: what it shall consist of.
        seen: ``version_seen`` of what the writer was shown.
        actor: who does it.
        now: when.

    Raises:
        InvalidInput: the content cannot be taken.
        VersionConflict: somebody else changed it meanwhile.
        StateConflict: it is published, or the campaign was cancelled.

    """
    check_not_cancelled(campaign)
    lock_unpublished(session, version)
    content = _checked(content, version.number)
    if VersionContent(version.file_id, version.source, version.note) == content:
        return
    if version_seen(version) != seen:
        raise VersionConflict
    before = _facts(session, version)
    cut_anew = version.source != content.source
    version.file_id, version.source, version.note = content.file_id, content.source, content.note
    session.flush()
    if cut_anew:
        store_passages(session, version)
    _record(
        session,
        campaign,
        version,
        "edited",
        actor=actor,
        now=now,
        before=before,
        after=_facts(session, version),
    )


def version_seen(version: DocumentVersion) -> str:
    """Return a short mark of a version's content: a form carries it to tell whether it changed."""
    words = "\0".join([str(version.file_id), version.source, version.note])
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def discard_version(
    session: Session, campaign: Campaign, version: DocumentVersion, *, actor: Actor, now: datetime
) -> None:
    """Give up an unpublished version, its text and all.

    Raises:
        StateConflict: it is published, or something points to its passages.

    """
    lock_unpublished(session, version)
    before = _facts(session, version)
    remove_passages(session, version)
    _record(session, campaign, version, "discarded", actor=actor, now=now, before=before)
    document = session.get_one(Document, version.document_id)
    session.delete(version)
    session.flush()
    session.expire(document)


def publish_version(
    session: Session,
    campaign: Campaign,
    version: DocumentVersion,
    *,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Have residents see a version from now on; it never changes again.

    A version that replaces another, or a document that is added while opinions are taken, is told
    as a dated notice of the campaign.

    Args:
        session: the session of the act.
        campaign: whose document it is; residents see it once the campaign is announced.
        version: the version.
        seen: ``version_seen`` of what the publisher looked at.
        actor: who does it.
        now: when.

    Raises:
        VersionConflict: it changed since the publisher looked at it.
        StateConflict: it is published already, or the campaign was cancelled.

    """
    check_not_cancelled(campaign)
    lock_unpublished(session, version)
    if version_seen(version) != seen:
        raise VersionConflict
    replaced = session.scalar(
        select(func.max(DocumentVersion.number)).where(
            DocumentVersion.document_id == version.document_id,
            DocumentVersion.published_at.is_not(None),
        )
    )
    done = session.execute(
        update(DocumentVersion)
        .where(DocumentVersion.id == version.id, DocumentVersion.published_at.is_(None))
        .values(published_at=now)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise _published()
    session.refresh(version)
    title = session.get_one(Document, version.document_id).title
    text = ""
    if replaced is not None and campaign.state in _ANNOUNCED:
        text = f"「{title}」を第{version.number}版に差し替えました。\n変更点：{version.note}"
    elif replaced is None and campaign.state is CampaignState.OPEN:
        text = f"「{title}」を追加しました。"
    if text:
        add_notice(session, campaign, NoticeKind.DOCUMENT, text, now=now)
    _record(
        session,
        campaign,
        version,
        "published",
        actor=actor,
        now=now,
        after=_facts(session, version),
    )
    if text:
        tell_news(session, campaign, NewsEvent.CHANGED, text, now=now)


def request_pdf_text(
    session: Session, campaign: Campaign, version: DocumentVersion, *, actor: Actor, now: datetime
) -> Job:
    """Have the worker take the text out of a version's PDF, to be gone over by a person.

    Raises:
        StateConflict: the version is published, has no PDF, or has a text already.

    """
    check_not_cancelled(campaign)
    lock_unpublished(session, version)
    stored = session.get(StoredFile, version.file_id) if version.file_id else None
    if stored is None or stored.media_type != PDF:
        raise StateConflict("この版にはPDFがありません。PDFを選んで保存してから行ってください。")
    if version.source:
        raise StateConflict(
            "この版にはすでに本文があります。PDFから読み取り直すときは、本文を空にして保存してください。"
        )
    return enqueue(
        session,
        READ_PDF_JOB,
        {"version": version.id, "staff_id": actor.staff_id, "name": actor.name},
        actor=actor,
        now=now,
        label="PDFから本文を読み取っています",
    )


def take_pdf_text(
    session: Session,
    campaign: Campaign,
    version: DocumentVersion,
    source: str,
    *,
    file_id: uuid.UUID,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a version the text that was taken from its PDF, unless it has got one meanwhile."""
    lock_unpublished(session, version)
    if version.source or version.file_id != file_id:
        return
    content = VersionContent(version.file_id, source, version.note)
    edit_version(
        session, campaign, version, content, seen=version_seen(version), actor=actor, now=now
    )


def lock_unpublished(session: Session, version: DocumentVersion) -> None:
    """Read a version anew under a lock and refuse to go on with one that is published.

    Raises:
        StateConflict: it is published.

    """
    session.refresh(version, with_for_update=True)
    if version.published_at is not None:
        raise _published()


def _published() -> StateConflict:
    return StateConflict(
        "この版は公開済みのため、変更できません。差し替えるときは新しい版を作ってください。"
    )


def _checked(content: VersionContent, number: int) -> VersionContent:
    source, note = clean_input(content.source).strip("\n"), clean_input(content.note).strip()
    if len(source) > LONGEST_SOURCE:
        raise InvalidInput(
            f"本文が長すぎます（{len(source):,}文字）。{LONGEST_SOURCE:,}文字以内にしてください。",
            field="source",
        )
    if not source.strip():
        source = ""
    if content.file_id is None and not source:
        raise InvalidInput("ファイルを選ぶか、本文を入力してください。", field="file")
    if number > 1 and not note:
        raise InvalidInput("前の版から何を変えたかを入力してください。公表されます。", field="note")
    if len(note) > MAX_NOTE:
        raise InvalidInput(f"変更点は{MAX_NOTE:,}文字以内にしてください。", field="note")
    return VersionContent(content.file_id, source, note)


def _facts(session: Session, version: DocumentVersion) -> dict[str, object]:
    """Return what the audit log keeps of a version: which file and text, not the text itself."""
    stored = session.get(StoredFile, version.file_id) if version.file_id else None
    return {
        "number": version.number,
        "note": version.note,
        "file_name": stored.name if stored else None,
        "sha256": stored.sha256 if stored else None,
        "text_sha256": hashlib.sha256(version.source.encode("utf-8", "replace")).hexdigest()
        if version.source
        else None,
    }


def _record(
    session: Session,
    campaign: Campaign,
    version: DocumentVersion,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    audit.record(
        session,
        f"campaigns.version.{verb}",
        actor=actor,
        now=now,
        subject=f"document_version:{version.id}",
        department_id=campaign.department_id,
        before=before,
        after=after,
    )
