"""Whether the answers of a campaign may be written now, for all of their pages."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign
from participation.campaigns.services.answer_rules import refusal
from participation.core.actors import Actor
from participation.policy import Permission, reaches


@dataclass(frozen=True)
class Writing:
    """Whether the actor may write answers now, and why not where only the time is wrong."""

    allowed: bool
    closed_reason: str


def writing(session: Session, campaign: Campaign, actor: Actor) -> Writing:
    """Return whether ``actor`` may change the answers of ``campaign`` now."""
    if not reaches(actor, Permission.ANSWER_WRITE, campaign.department_id):
        return Writing(allowed=False, closed_reason="")
    reason = refusal(campaign, session)
    return Writing(allowed=reason is None, closed_reason=reason or "")
