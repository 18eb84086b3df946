"""What residents hear of a published report: the news that feeds and letters carry."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.core import fiscal_year as years
from participation.news.models import NewsEvent
from participation.news.services import publish
from participation.reports.models import Edition


def tell_news(session: Session, edition: Edition, now: datetime) -> None:
    """Write into the news that an edition is out; called after the act has recorded itself."""
    is_first = edition.number == 1
    publish(
        session,
        NewsEvent.DECIDED if is_first else NewsEvent.CHANGED,
        reference=f"edition:{edition.fiscal_year}",
        kind="edition",
        department_id=None,
        title=f"市民参加の進捗状況（{years.label(edition.fiscal_year)}）",
        text="" if is_first else f"訂正しました（第{edition.number}版）。{edition.correction}",
        now=now,
    )
