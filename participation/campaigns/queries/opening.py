"""What becomes public when a campaign opens."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from participation.campaigns.models import Document, DocumentVersion


def waiting_documents(session: Session, campaign_id: int) -> list[tuple[Document, DocumentVersion]]:
    """Return the documents of which residents have seen no version yet, with the one that waits.

    They are published by the clock at the opening, so that nobody has to sit up at midnight.
    """
    other = aliased(DocumentVersion)
    rows = session.execute(
        select(Document, DocumentVersion)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(
            Document.campaign_id == campaign_id,
            DocumentVersion.published_at.is_(None),
            ~exists().where(other.document_id == Document.id, other.published_at.is_not(None)),
        )
        .order_by(Document.position)
    )
    return [(document, version) for document, version in rows]
