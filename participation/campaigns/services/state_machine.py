"""The states of a campaign and the steps between them: one table."""

from typing import Any

from sqlalchemy.orm import Session

from participation.audit.life import Life, Step
from participation.campaigns.models import Campaign
from participation.campaigns.models import CampaignState as S

ANNOUNCE = Step(
    "announced",
    frozenset({S.PREPARING}),
    S.PLANNED,
    "この意見募集はすでに予告されています。",
)
OPEN = Step("opened", frozenset({S.PLANNED}), S.OPEN, "予告していない意見募集は始められません。")
CLOSE = Step("closed", frozenset({S.OPEN}), S.CLOSED, "募集中でない意見募集は締め切れません。")
REVIEW = Step(
    "review_begun",
    frozenset({S.CLOSED}),
    S.REVIEWING,
    "検討を始められるのは、募集が終わった後です。",
)
# Once more for a corrected result.
PUBLISH = Step(
    "result_published",
    frozenset({S.CLOSED, S.REVIEWING, S.PUBLISHED}),
    S.PUBLISHED,
    "結果を公表できるのは、募集が終わった後です。",
)
CANCEL = Step(
    "cancelled",
    frozenset({S.PREPARING, S.PLANNED, S.OPEN, S.CLOSED, S.REVIEWING}),
    S.CANCELLED,
    "結果を公表した、または中止した意見募集は、中止できません。",
)
STEPS = (ANNOUNCE, OPEN, CLOSE, REVIEW, PUBLISH, CANCEL)
_LIFE = Life("campaigns.campaign")
move, record = _LIFE.move, _LIFE.record


def hold(session: Session, campaign: Campaign) -> None:
    """Lock the campaign's row until the commit and read it as it is now."""
    session.refresh(campaign, with_for_update=True)


def period_of(campaign: Campaign) -> dict[str, Any]:
    """Return the first and the last day, for the audit log."""
    return {"opens_on": campaign.opens_on, "closes_on": campaign.closes_on}
