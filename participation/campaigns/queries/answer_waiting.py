"""What waits for a person about answers: opinions to sort, answers to write, masks to check."""

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignState,
    Opinion,
    OpinionGroup,
    OpinionMask,
)
from participation.campaigns.queries.groups import ungrouped_number
from participation.core.actors import Actor
from participation.policy import Permission, holds, reachable_departments

# While opinions still come in nobody has to answer yet.
_WORKING = (CampaignState.CLOSED, CampaignState.REVIEWING)


@dataclass(frozen=True)
class AnswersWaiting:
    """One kind of work in one campaign: ``sort``, ``write`` or ``check_masks``."""

    kind: str
    campaign_id: int
    title: str
    count: int


def answers_waiting(session: Session, actor: Actor) -> list[AnswersWaiting]:
    """Return what ``actor`` has to do about answers, by campaign; masks made by others only."""
    if actor.is_system or not holds(actor, Permission.ANSWER_WRITE):
        return []
    query = select(Campaign).where(Campaign.state.in_((*_WORKING, CampaignState.OPEN)))
    reach = reachable_departments(actor, Permission.ANSWER_WRITE)
    if reach is not None:
        query = query.where(Campaign.department_id.in_(reach))
    found = []
    for campaign in session.scalars(query.order_by(Campaign.closes_on, Campaign.id)):
        numbers = {"check_masks": _masks(session, campaign, actor)}
        if campaign.state in _WORKING:
            numbers = {
                "sort": ungrouped_number(session, campaign),
                "write": _unready(session, campaign),
                **numbers,
            }
        found += [
            AnswersWaiting(kind, campaign.id, campaign.title, number)
            for kind, number in numbers.items()
            if number
        ]
    return found


def _masks(session: Session, campaign: Campaign, actor: Actor) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(OpinionMask)
            .join(Opinion, Opinion.id == OpinionMask.opinion_id)
            .where(
                Opinion.campaign_id == campaign.id,
                OpinionMask.checked_by.is_(None),
                OpinionMask.made_by != actor.staff_id,
            )
        )
        or 0
    )


def _unready(session: Session, campaign: Campaign) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(OpinionGroup)
            .where(
                OpinionGroup.campaign_id == campaign.id,
                ~OpinionGroup.ready,
                exists().where(Opinion.group_id == OpinionGroup.id, ~Opinion.split),
            )
        )
        or 0
    )
