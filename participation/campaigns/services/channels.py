"""The ways to submit, each with the rule of its deadline."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignChannel,
    CampaignState,
    DeadlineRule,
    NoticeKind,
    Procedure,
)
from participation.campaigns.phases import phase
from participation.campaigns.services.campaigns import position_of
from participation.campaigns.services.editing import begin
from participation.campaigns.services.notices import MAX_NOTICE, add_notice
from participation.campaigns.services.state_machine import record
from participation.campaigns.services.telling import tell_news
from participation.campaigns.wording import RULES_OF_CHANNEL, WHOLE_DAY
from participation.core.actors import Actor
from participation.core.errors import InvalidInput
from participation.core.text import clean_input
from participation.news.models import NewsEvent
from participation.submissions.labels import CHANNEL_LABELS
from participation.submissions.models import Channel

_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d|24:00", re.ASCII)


@dataclass(frozen=True)
class ChannelTerms:
    """A channel as it is to be."""

    channel: Channel
    rule: DeadlineRule
    closing_time: str = WHOLE_DAY
    destination: str = ""
    grace_days: int = 0


def edit_channels(
    session: Session,
    campaign: Campaign,
    terms: Sequence[ChannelTerms],
    *,
    notice: str = "",
    version: int,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set the ways to submit. While it is open the change is a public notice.

    Raises:
        StateConflict: as for ``edit_fields``.
        InvalidInput: a rule does not fit its channel, a time is none, an open campaign would lose
            a channel, or the notice is missing.

    """
    begin(session, campaign, "channels", version, now)
    new = {one.channel: _checked_channel(one) for one in terms}
    announced = campaign.state is not CampaignState.PREPARING
    if announced and campaign.procedure is Procedure.COMMENT and not new:
        raise InvalidInput("予告した後は、提出方法を1つ以上残してください。")
    is_open = phase(campaign, now) is CampaignState.OPEN
    before = {one.channel: _terms_of(one) for one in campaign.channels}
    if before == new:
        return False
    if is_open:
        _refuse_losses(before, new)
        add_notice(session, campaign, NoticeKind.OTHER, _checked_notice(notice), now=now)
    for channel in Channel:
        stored = next((one for one in campaign.channels if one.channel is channel), None)
        if channel not in new:
            if stored is not None:
                campaign.channels.remove(stored)
            continue
        if stored is None:
            stored = CampaignChannel(channel=channel, position=position_of(channel))
            campaign.channels.append(stored)
        for name in ("rule", "closing_time", "destination", "grace_days"):
            setattr(stored, name, getattr(new[channel], name))
    record(
        session,
        campaign,
        "channels_edited",
        actor=actor,
        now=now,
        reason=notice if is_open else "",
        before={"channels": [_channel_words(one) for one in before.values()]},
        after={"channels": [_channel_words(one) for one in new.values()]},
    )
    if is_open:
        tell_news(session, campaign, NewsEvent.CHANGED, _checked_notice(notice), now=now)
    session.expire(campaign, ["channels"])
    return True


def _checked_channel(terms: ChannelTerms) -> ChannelTerms:
    name = CHANNEL_LABELS[terms.channel]
    if terms.rule not in RULES_OF_CHANNEL[terms.channel]:
        raise InvalidInput(
            f"{name}に、その締切のきまりは使えません。", field=f"{terms.channel.value}-rule"
        )
    time = terms.closing_time.strip() or WHOLE_DAY
    if not _TIME.fullmatch(time):
        raise InvalidInput(
            f"{name}の締切時刻は 17:15 のように入力してください。",
            field=f"{terms.channel.value}-closing_time",
        )
    is_postmark = terms.rule is DeadlineRule.POSTMARK
    return ChannelTerms(
        terms.channel,
        terms.rule,
        # A postmark has no time of day.
        WHOLE_DAY if is_postmark else time.rjust(5, "0"),
        clean_input(terms.destination),
        max(terms.grace_days, 0) if is_postmark else 0,
    )


def _refuse_losses(
    before: Mapping[Channel, ChannelTerms], new: Mapping[Channel, ChannelTerms]
) -> None:
    gone = [CHANNEL_LABELS[channel] for channel in before if channel not in new]
    if gone:
        raise InvalidInput(
            f"募集中に提出方法をなくすことはできません：{'、'.join(gone)}。"
            "案内を見て準備している方がいるためです。"
        )


def _checked_notice(notice: str) -> str:
    notice = clean_input(notice)
    if not notice.strip() or len(notice) > MAX_NOTICE:
        raise InvalidInput(
            f"募集中の変更です。公表するお知らせを{MAX_NOTICE:,}文字以内で入力してください。",
            field="notice",
        )
    return notice


def _terms_of(channel: CampaignChannel) -> ChannelTerms:
    return ChannelTerms(
        channel.channel,
        channel.rule,
        channel.closing_time,
        channel.destination,
        channel.grace_days,
    )


def _channel_words(terms: ChannelTerms) -> dict[str, Any]:
    return {
        name: getattr(terms, name) for name in ("channel", "rule", "closing_time", "grace_days")
    }
