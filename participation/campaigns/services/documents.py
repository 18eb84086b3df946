"""The documents of a campaign: adding, naming, putting in order, taking out."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    Campaign,
    CampaignState,
    Document,
    DocumentKind,
    DocumentVersion,
)
from participation.campaigns.queries.documents import documents_of, latest_published
from participation.campaigns.services.passages import remove_passages
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input

MAX_TITLE = 300
MOST_DOCUMENTS = 50


def add_document(
    session: Session,
    campaign: Campaign,
    *,
    kind: DocumentKind,
    title: str,
    actor: Actor,
    now: datetime,
) -> Document:
    """Add a document at the end of the list; it has no version yet.

    Raises:
        InvalidInput: the title is missing or too long, or there are too many documents.
        StateConflict: the campaign was cancelled.

    """
    check_not_cancelled(campaign)
    title = _checked_title(title)
    lock_campaign(session, campaign)
    number, last = session.execute(
        select(func.count(), func.max(Document.position)).where(Document.campaign_id == campaign.id)
    ).one()
    if number >= MOST_DOCUMENTS:
        raise InvalidInput(f"資料は{MOST_DOCUMENTS}件までです。内容の近いものをまとめてください。")
    document = Document(
        campaign_id=campaign.id,
        position=0 if last is None else last + 1,
        kind=kind,
        title=title,
    )
    session.add(document)
    session.flush()
    _record(
        session,
        campaign,
        document,
        "added",
        actor=actor,
        now=now,
        after={"title": title, "kind": kind.value},
    )
    return document


def edit_document(
    session: Session,
    campaign: Campaign,
    document: Document,
    *,
    kind: DocumentKind,
    title: str,
    seen: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change what a document is called; its published versions stay as they are.

    Args:
        session: the session of the act.
        campaign: whose document it is.
        document: the document.
        kind: what it is.
        title: its name.
        seen: ``document_seen`` of what the writer was shown.
        actor: who does it.
        now: when.

    Raises:
        InvalidInput: the title is missing or too long.
        StateConflict: somebody else changed it meanwhile.

    """
    title = _checked_title(title)
    session.refresh(document, with_for_update=True)
    if (document.kind, document.title) == (kind, title):
        return
    if document_seen(document) != seen:
        raise StateConflict(
            "表示した後に、ほかの人がこの資料の名前を変更しました。"
            "今の内容と見比べてから、もう一度保存してください。"
        )
    before = {"title": document.title, "kind": document.kind.value}
    document.kind, document.title = kind, title
    session.flush()
    _record(
        session,
        campaign,
        document,
        "edited",
        actor=actor,
        now=now,
        before=before,
        after={"title": title, "kind": kind.value},
    )


def document_seen(document: Document) -> str:
    """Return what a form carries to tell whether a document's name changed since."""
    return f"{document.kind.value}:{document.title}"


def move_document(
    session: Session,
    campaign: Campaign,
    document: Document,
    *,
    up: bool,
    actor: Actor,
    now: datetime,
) -> bool:
    """Move a document up or down in the list; False when it stands at the end already."""
    lock_campaign(session, campaign)
    listed = list(documents_of(session, campaign.id))
    place = next(i for i, one in enumerate(listed) if one.id == document.id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(listed):
        return False
    neighbour = listed[other]
    first, second = document.position, neighbour.position
    # The order is unique in the database: one goes out of the way while they change places.
    document.position = -1
    session.flush()
    neighbour.position = first
    session.flush()
    document.position = second
    session.flush()
    _record(session, campaign, document, "moved", actor=actor, now=now, after={"up": up})
    return True


def delete_document(
    session: Session, campaign: Campaign, document: Document, *, actor: Actor, now: datetime
) -> None:
    """Take out a document of which nothing was ever published.

    Raises:
        StateConflict: a version is published: residents may have read it and written about it.

    """
    session.refresh(document, with_for_update=True)
    if latest_published(session, document.id) is not None:
        raise StateConflict(
            "公開した資料は削除できません。差し替えるときは新しい版を作ってください。"
        )
    for version in session.scalars(
        select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    ).all():
        remove_passages(session, version)
    before = {"title": document.title, "kind": document.kind.value}
    document_id = document.id
    session.delete(document)
    session.flush()
    audit.record(
        session,
        "campaigns.document.deleted",
        actor=actor,
        now=now,
        subject=f"document:{document_id}",
        department_id=campaign.department_id,
        before=before,
    )


def check_not_cancelled(campaign: Campaign) -> None:
    """Refuse to go on with a campaign that was cancelled.

    Raises:
        StateConflict: it was.

    """
    if campaign.state is CampaignState.CANCELLED:
        raise StateConflict("中止した意見募集の資料は変更できません。")


def lock_campaign(session: Session, campaign: Campaign) -> None:
    """Have others wait who add to the same campaign or change the order of its documents."""
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())


def _checked_title(title: str) -> str:
    title = clean_input(title).strip()
    if not title:
        raise InvalidInput("資料の名前を入力してください。", field="title")
    if "\n" in title:
        raise InvalidInput("資料の名前は改行せずに入力してください。", field="title")
    if len(title) > MAX_TITLE:
        raise InvalidInput(f"資料の名前は{MAX_TITLE}文字以内にしてください。", field="title")
    return title


def _record(
    session: Session,
    campaign: Campaign,
    document: Document,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    audit.record(
        session,
        f"campaigns.document.{verb}",
        actor=actor,
        now=now,
        subject=f"document:{document.id}",
        department_id=campaign.department_id,
        before=before,
        after=after,
    )
