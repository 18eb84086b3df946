"""When a campaign takes opinions, and whether one came in time; pure rules on dates.

The period counts both of its ends (行政手続法39条3項の「公示の日から起算して」; domain.md 1.1),
and each channel has its own meaning of the last day (domain.md 1.6).
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from participation.campaigns.models import CampaignState, DeadlineRule, Procedure
from participation.core import clock
from participation.core.deadlines import end_of_day


class HasPeriod(Protocol):
    """A campaign, or a copy of what counts here."""

    @property
    def state(self) -> CampaignState:
        """Where it stands."""

    @property
    def procedure(self) -> Procedure:
        """Comment or inspection."""

    @property
    def opens_on(self) -> date | None:
        """First day."""

    @property
    def closes_on(self) -> date | None:
        """Last day."""


class HasDeadline(Protocol):
    """A channel of a campaign, or a copy of it."""

    @property
    def rule(self) -> DeadlineRule:
        """What must have happened by the last day."""

    @property
    def closing_time(self) -> str:
        """HH:MM on the last day, Japan; 24:00 is its end."""

    @property
    def grace_days(self) -> int:
        """For 消印有効: days that post is waited for."""


def closing_moment(closes_on: date, closing_time: str = "24:00") -> datetime:
    """Return the instant (UTC, exclusive) at which a channel closes on its last day.

    Args:
        closes_on: the last day.
        closing_time: ``HH:MM`` in Japan, ``24:00`` for the whole day.

    """
    if closing_time == "24:00":
        return end_of_day(closes_on)
    hours, minutes = map(int, closing_time.split(":"))
    return datetime.combine(closes_on, time(hours, minutes), tzinfo=clock.TOKYO).astimezone(UTC)


def takes_opinions(campaign: HasPeriod, now: datetime) -> bool:
    """Whether the form is offered at ``now``: announced, begun, not over, not cancelled.

    It asks the dates and not the state, so that a campaign opens on the stroke of the clock even
    when the worker that moves the state is late.
    """
    if campaign.state not in {CampaignState.PLANNED, CampaignState.OPEN}:
        return False
    if campaign.opens_on is None or campaign.closes_on is None:
        return False
    return clock.local_date(now) >= campaign.opens_on and now < end_of_day(campaign.closes_on)


def is_late(
    channel: HasDeadline,
    closes_on: date,
    *,
    received_at: datetime,
    arrived_on: date | None = None,
    postmark_on: date | None = None,
) -> bool:
    """Whether a submission came after its channel's deadline.

    Args:
        channel: the channel's rule.
        closes_on: the last day of the period.
        received_at: for RECEIVED_BY_TIME on the web, the moment the request began; T−1 ms is in
            time and T is late.
        arrived_on: 到達日, what counts for everything that a desk enters by hand.
        postmark_on: 消印日; without one a letter is judged by its arrival.

    """
    if channel.rule is DeadlineRule.POSTMARK and arrived_on is not None:
        posted = postmark_on or arrived_on
        return posted > closes_on or arrived_on > closes_on + timedelta(days=channel.grace_days)
    if arrived_on is not None:
        return arrived_on > closes_on
    return received_at >= closing_moment(closes_on, channel.closing_time)
