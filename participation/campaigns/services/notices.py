"""Dated public notices in the life of a campaign."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import Campaign, CampaignNotice, CampaignState, NoticeKind
from participation.campaigns.services.telling import tell_news
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.core.text import clean_input
from participation.news.models import NewsEvent

MAX_NOTICE = 2_000


def add_notice(
    session: Session,
    campaign: Campaign,
    kind: NoticeKind,
    text: str,
    *,
    old_closes_on: date | None = None,
    new_closes_on: date | None = None,
    now: datetime,
) -> CampaignNotice:
    """Add a notice as part of an act that records itself."""
    notice = CampaignNotice(
        kind=kind,
        text=text,
        old_closes_on=old_closes_on,
        new_closes_on=new_closes_on,
        at=now,
    )
    campaign.notices.append(notice)
    session.flush()
    return notice


def publish_notice(
    session: Session, campaign: Campaign, *, text: str, actor: Actor, now: datetime
) -> CampaignNotice:
    """Tell residents something about a campaign (お知らせ); it stays with its date.

    Raises:
        StateConflict: the campaign is not announced, so nobody would see it.
        InvalidInput: the text is missing or too long.

    """
    text = clean_input(text)
    if not text.strip():
        raise InvalidInput("お知らせの文を入力してください。", field="text")
    if len(text) > MAX_NOTICE:
        raise InvalidInput(f"{MAX_NOTICE:,}文字以内にしてください。", field="text")
    if campaign.state is CampaignState.PREPARING or campaign.announced_on is None:
        raise StateConflict("お知らせは、意見募集を予告してから掲載できます。")
    notice = add_notice(session, campaign, NoticeKind.OTHER, text, now=now)
    audit.record(
        session,
        "campaigns.campaign.notice_published",
        actor=actor,
        now=now,
        subject=f"campaign:{campaign.id}",
        department_id=campaign.department_id,
        after={"text": text},
    )
    tell_news(session, campaign, NewsEvent.CHANGED, text, now=now)
    return notice
