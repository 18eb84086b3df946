"""The states of a campaign and the steps between them: one table, and what every step does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import Campaign
from participation.campaigns.models import CampaignState as S
from participation.core.actors import Actor
from participation.core.errors import StateConflict


@dataclass(frozen=True)
class Step:
    """One way from state to state."""

    verb: str  # of the audit log
    sources: frozenset[S]
    target: S


ANNOUNCE = Step("announced", frozenset({S.PREPARING}), S.PLANNED)
OPEN = Step("opened", frozenset({S.PLANNED}), S.OPEN)
CLOSE = Step("closed", frozenset({S.OPEN}), S.CLOSED)
REVIEW = Step("review_begun", frozenset({S.CLOSED}), S.REVIEWING)
# Once more for a corrected result.
PUBLISH = Step("result_published", frozenset({S.CLOSED, S.REVIEWING, S.PUBLISHED}), S.PUBLISHED)
CANCEL = Step(
    "cancelled",
    frozenset({S.PREPARING, S.PLANNED, S.OPEN, S.CLOSED, S.REVIEWING}),
    S.CANCELLED,
)
STEPS = (ANNOUNCE, OPEN, CLOSE, REVIEW, PUBLISH, CANCEL)
_NOT_NOW = {
    ANNOUNCE: "この意見募集はすでに予告されています。",
    OPEN: "予告していない意見募集は始められません。",
    CLOSE: "募集中でない意見募集は締め切れません。",
    REVIEW: "検討を始められるのは、募集が終わった後です。",
    PUBLISH: "結果を公表できるのは、募集が終わった後です。",
    CANCEL: "結果を公表した、または中止した意見募集は、中止できません。",
}


def hold(session: Session, campaign: Campaign) -> None:
    """Lock the campaign's row until the commit and read it as it is now."""
    session.refresh(campaign, with_for_update=True)


def check(step: Step, campaign: Campaign) -> None:
    """Refuse a step that does not start from the state that the campaign is in.

    Raises:
        StateConflict: so it is.

    """
    if campaign.state not in step.sources:
        raise StateConflict(f"{_NOT_NOW[step]}最新の状態を確かめてください。")


def move(
    session: Session,
    campaign: Campaign,
    step: Step,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    before: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """Take a step and record it."""
    check(step, campaign)
    was = campaign.state
    campaign.state = step.target
    record(
        session,
        campaign,
        step.verb,
        actor=actor,
        now=now,
        reason=reason,
        before={"state": was, **(before or {})},
        after={"state": step.target, **(more or {})},
    )


def record(
    session: Session,
    campaign: Campaign,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Count the change, flush it and write it into the audit log."""
    # Whoever edits at the same time has not seen this.
    campaign.version += 1
    campaign.updated_at = now
    session.flush()
    audit.record(
        session,
        f"campaigns.campaign.{verb}",
        actor=actor,
        now=now,
        subject=f"campaign:{campaign.id}",
        department_id=campaign.department_id,
        before=before,
        after=after,
        reason=reason,
    )


def period_of(campaign: Campaign) -> dict[str, Any]:
    """Return the first and the last day, for the audit log."""
    return {"opens_on": campaign.opens_on, "closes_on": campaign.closes_on}
