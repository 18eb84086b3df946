"""What residents hear of a campaign beside its page: the news that feeds and letters carry.

Called after the act has recorded itself, so that the news are numbered in the order of commits.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign
from participation.core import wareki
from participation.news.models import NewsEvent
from participation.news.services import publish


def tell_news(
    session: Session, campaign: Campaign, event: NewsEvent, text: str = "", *, now: datetime
) -> None:
    """Write into the news what became public; nobody hears of a campaign before its 予告."""
    if campaign.announced_on is None:
        return
    publish(
        session,
        event,
        reference=f"campaign:{campaign.id}",
        kind=f"campaign.{campaign.procedure.value}",
        department_id=campaign.department_id,
        title=campaign.title,
        text=text,
        now=now,
    )


def period_words(campaign: Campaign) -> str:
    """Return the period in a sentence of its own, or when it is thought to be."""
    if campaign.opens_on is None or campaign.closes_on is None:
        return f"期間：{campaign.planned_period}（予定）" if campaign.planned_period else ""
    return (
        f"期間：{wareki.format_date(campaign.opens_on)}から"
        f"{wareki.format_date(campaign.closes_on)}まで"
    )


def extended_words(closes_on: date, reason: str) -> str:
    """Return what an extension says: the new last day, then why."""
    return f"最終日を{wareki.format_date(closes_on)}まで延ばしました。{reason}"
