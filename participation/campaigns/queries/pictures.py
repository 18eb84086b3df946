"""Numbers that staff see as pictures: what came when, whatever became of it."""

from collections import defaultdict
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, Submission
from participation.core.charts import DayChart, day_chart
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel


def received_by_day(session: Session, campaign: Campaign) -> DayChart | None:
    """Return every submission of a campaign by channel and day; None when nothing came.

    Late ones, duplicates and those out of scope are in it: staff look here for what arrives, and
    the counts of the result are another matter.
    """
    days: defaultdict[Channel, list[tuple[date, int]]] = defaultdict(list)
    for channel, day, number in session.execute(
        select(Submission.channel, Submission.arrived_on, func.count())
        .where(Submission.campaign_id == campaign.id)
        .group_by(Submission.channel, Submission.arrived_on)
        .order_by(Submission.arrived_on)
    ):
        days[channel].append((day, number))
    if not days:
        return None
    known = [day for found in days.values() for day, _number in found]
    return day_chart(
        [(CHANNEL_LABELS[channel], days[channel]) for channel in Channel if channel in days],
        campaign.opens_on or min(known),
        campaign.closes_on or max(known),
    )
