"""Where a campaign stands by its dates, for showing it."""

from datetime import datetime

from participation.campaigns.models import CampaignState
from participation.campaigns.periods import HasPeriod
from participation.core import clock
from participation.core.deadlines import end_of_day


def phase(campaign: HasPeriod, now: datetime) -> CampaignState:
    """Return the state that ``campaign`` is in at ``now`` by its dates.

    The stored state is moved by the worker's clock, up to a minute late and later when the worker
    is down; what a resident reads must agree with what the form does, which asks the dates.
    Reading never changes the stored state.
    """
    if campaign.opens_on is None or campaign.closes_on is None:
        return campaign.state
    if campaign.state not in {CampaignState.PLANNED, CampaignState.OPEN}:
        return campaign.state
    if now >= end_of_day(campaign.closes_on):
        return CampaignState.CLOSED
    return CampaignState.OPEN if clock.local_date(now) >= campaign.opens_on else campaign.state
