"""Reads of campaigns themselves."""

from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, CampaignState
from participation.core.errors import NotFound


def get_campaign(session: Session, campaign_id: int) -> Campaign:
    """Return a campaign, for staff.

    Raises:
        NotFound: there is none.

    """
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound("お探しの意見募集は見つかりませんでした。")
    return campaign


def get_announced(session: Session, campaign_id: int) -> Campaign:
    """Return a campaign that residents may see.

    Raises:
        NotFound: there is none, or it is still being prepared: from outside the two look the same.

    """
    campaign = get_campaign(session, campaign_id)
    if campaign.state is CampaignState.PREPARING or campaign.announced_on is None:
        raise NotFound("お探しの意見募集は見つかりませんでした。")
    return campaign
