"""Reads of receipts."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.submissions.codes import same_secret, typed
from participation.submissions.models import Attachment, Receipt


def receipt_by_number(session: Session, number: str) -> Receipt | None:
    """Return the receipt with ``number``, as it stands in the database."""
    return session.scalar(select(Receipt).where(Receipt.number == number))


def receipt_of(session: Session, number: str, secret: str) -> Receipt | None:
    """Return the receipt with this number and this secret.

    An unknown number and a wrong secret are the same to whoever asks: one query, one hash and one
    comparison each time.
    """
    receipt = receipt_by_number(session, typed(number))
    right = same_secret(None if receipt is None else receipt.secret_hash, typed(secret))
    return receipt if right else None


def attachments_of(session: Session, receipt_id: int) -> list[Attachment]:
    """Return the files that came with a receipt."""
    return list(
        session.scalars(
            select(Attachment).where(Attachment.receipt_id == receipt_id).order_by(Attachment.id)
        )
    )
