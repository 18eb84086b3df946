"""What a receipt shows of a submission: what was sent, and what became of it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import AnonymousPolicy, Campaign, Opinion, Submission
from participation.campaigns.queries.trace import trace
from participation.campaigns.views.speech import state_word
from participation.submissions.models import Receipt
from participation.submissions.pages import ReceiptDetail
from participation.submissions.queries import attachments_of

_TEMPLATE = "campaigns/public/_receipt.html"


def detail(session: Session, receipt: Receipt, now: datetime) -> ReceiptDetail | None:
    """Return the part of the receipt page that speaks of the submission."""
    found = session.execute(
        select(Submission, Campaign)
        .join(Campaign, Campaign.id == Submission.campaign_id)
        .where(Submission.receipt_id == receipt.id)
    ).one_or_none()
    if found is None:
        return None
    submission, campaign = found
    label, tone = state_word(campaign, now)
    opinions = session.scalars(
        select(Opinion)
        .where(Opinion.submission_id == submission.id, Opinion.split_from_id.is_(None))
        .order_by(Opinion.number)
    ).all()
    return ReceiptDetail(
        _TEMPLATE,
        {
            "campaign": campaign,
            "campaign_id": campaign.id,
            "submission": submission,
            "opinions": opinions,
            "file_count": len(attachments_of(session, receipt.id)),
            "state_label": label,
            "state_tone": tone,
            "is_reference": campaign.anonymous_policy is AnonymousPolicy.REFERENCE,
            "traced": trace(session, receipt.id),
        },
    )
