"""What personal data a campaign holds, and when it is erased."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import Submission
from participation.submissions.models import Attachment, Sender


@dataclass(frozen=True)
class Holdings:
    """What is held of senders; counted when the page is opened, by one pass over the campaign."""

    by_day: tuple[tuple[date | None, int], ...]  # day of erasure (None: not set yet) → senders
    erased: int
    attachments: int


def holdings(session: Session, campaign_id: int) -> Holdings:
    """Return what a campaign holds of its senders."""
    of_campaign = select(Submission.receipt_id).where(Submission.campaign_id == campaign_id)
    days = session.execute(
        select(Sender.erase_on, func.count())
        .where(Sender.receipt_id.in_(of_campaign), Sender.contents.is_not(None))
        .group_by(Sender.erase_on)
    )
    erased = session.scalar(
        select(func.count()).where(
            Sender.receipt_id.in_(of_campaign), Sender.erased_at.is_not(None)
        )
    )
    files = session.scalar(
        select(func.count()).where(
            Attachment.receipt_id.in_(of_campaign), Attachment.data_key.is_not(None)
        )
    )
    by_day = sorted(((day, count) for day, count in days), key=lambda pair: pair[0] or date.max)
    return Holdings(tuple(by_day), erased or 0, files or 0)
