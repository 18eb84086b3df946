"""What the public form of a campaign needs to know, as a plain value that may be kept a while."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from participation.campaigns.models import (
    AnonymousPolicy,
    CampaignState,
    DeadlineRule,
    Procedure,
)
from participation.campaigns.periods import closing_moment
from participation.campaigns.queries.campaigns import get_announced
from participation.core import clock
from participation.submissions.models import Channel
from participation.submissions.sender_fields import SenderField, sender_fields


@dataclass(frozen=True)
class OfferedChannel:
    """One way to submit."""

    channel: Channel
    rule: DeadlineRule
    closing_time: str
    grace_days: int
    destination: str


@dataclass(frozen=True)
class FormOffer:
    """A campaign as its form shows it."""

    id: int
    title: str
    procedure: Procedure
    state: CampaignState
    opens_on: date | None
    closes_on: date | None
    wanted: tuple[SenderField, ...]
    eligibilities: tuple[tuple[int, str], ...]
    channels: tuple[OfferedChannel, ...]
    accepts_attachments: bool
    anonymous_policy: AnonymousPolicy
    retention_days: int

    @property
    def by_web(self) -> OfferedChannel | None:
        """The channel of this site, if the campaign has it."""
        return next((one for one in self.channels if one.channel is Channel.WEB), None)

    @property
    def closes_at(self) -> datetime | None:
        """The instant from which what comes by this site is late."""
        if self.closes_on is None or self.by_web is None:
            return None
        return closing_moment(self.closes_on, self.by_web.closing_time)

    def has_begun(self, now: datetime) -> bool:
        """Whether the first day has come."""
        return self.opens_on is not None and clock.local_date(now) >= self.opens_on

    def is_over(self, now: datetime) -> bool:
        """Whether what comes now is late."""
        return self.closes_at is not None and now >= self.closes_at


def form_offer(session: Session, campaign_id: int) -> FormOffer:
    """Return what the form of a campaign shows.

    Raises:
        NotFound: residents may not see such a campaign.

    """
    campaign = get_announced(session, campaign_id)
    return FormOffer(
        id=campaign.id,
        title=campaign.title,
        procedure=campaign.procedure,
        state=campaign.state,
        opens_on=campaign.opens_on,
        closes_on=campaign.closes_on,
        wanted=sender_fields(campaign.sender_fields),
        eligibilities=tuple((one.id, one.label) for one in campaign.eligibilities),
        channels=tuple(
            OfferedChannel(one.channel, one.rule, one.closing_time, one.grace_days, one.destination)
            for one in campaign.channels
        ),
        accepts_attachments=campaign.accepts_attachments,
        anonymous_policy=campaign.anonymous_policy,
        retention_days=campaign.retention_days,
    )
