"""What the clock does with campaigns: it opens them, closes them, and publishes their documents."""

from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign
from participation.campaigns.models import CampaignState as S
from participation.campaigns.queries.opening import waiting_documents
from participation.campaigns.services.document_versions import publish_version, version_seen
from participation.campaigns.services.state_machine import CLOSE, OPEN, hold, move, period_of
from participation.campaigns.services.telling import period_words, tell_news
from participation.core import clock
from participation.core.actors import Actor, system_actor
from participation.core.deadlines import end_of_day
from participation.news.models import NewsEvent

# One sweep moves at most so many; the next one, a minute later, goes on.
_AT_ONCE = 200


def move_by_clock(session: Session, now: datetime) -> int:
    """Open what has begun and close what is over; return how many moved.

    With the opening, documents that residents have not seen yet are published.

    Run every minute. Twice, or in two workers at once, it does nothing more: each campaign is
    locked and looked at again. A campaign whose whole period passed while no worker ran goes
    through both states.
    """
    today = clock.local_date(now)
    due = session.scalars(
        select(Campaign.id)
        .where(
            or_(
                and_(Campaign.state == S.PLANNED, Campaign.opens_on <= today),
                and_(Campaign.state == S.OPEN, Campaign.closes_on < today),
            )
        )
        .order_by(Campaign.id)
        .limit(_AT_ONCE)
    ).all()
    actor = system_actor("時計")
    moved = 0
    for campaign_id in due:
        campaign = session.get_one(Campaign, campaign_id)
        hold(session, campaign)
        before = campaign.state
        if campaign.state is S.PLANNED and _has_begun(campaign, today):
            _publish_documents(session, campaign, actor=actor, now=now)
            move(session, campaign, OPEN, actor=actor, now=now, more=period_of(campaign))
        if (
            campaign.state is S.OPEN
            and campaign.closes_on is not None
            and now >= end_of_day(campaign.closes_on)
        ):
            move(session, campaign, CLOSE, actor=actor, now=now, more=period_of(campaign))
        moved += campaign.state is not before
        if before is S.PLANNED and campaign.state is S.OPEN:  # nobody hears late of what is over
            tell_news(session, campaign, NewsEvent.OPENED, period_words(campaign), now=now)
    return moved


def _publish_documents(
    session: Session, campaign: Campaign, *, actor: Actor, now: datetime
) -> None:
    for _document, version in waiting_documents(session, campaign.id):
        seen = version_seen(version)
        publish_version(session, campaign, version, seen=seen, actor=actor, now=now)


def _has_begun(campaign: Campaign, today: date) -> bool:
    return (
        campaign.opens_on is not None
        and campaign.closes_on is not None
        and campaign.opens_on <= today
    )
