"""Writing down that something became public."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation import audit
from participation.core.text import clean_input
from participation.news.models import NewsEvent, NewsItem

MOST_TEXT = 300


def publish(
    session: Session,
    event: NewsEvent,
    *,
    reference: str,
    kind: str,
    department_id: int | None,
    title: str,
    text: str = "",
    now: datetime,
) -> NewsItem:
    """Write one happening into the list that feeds and follow notices read.

    Args:
        session: the session of the act that makes it public; the caller commits.
        event: what happened.
        reference: the thing, ``workshop:12``; its feature knows the address.
        kind: the source and its own kind, ``workshop.town_meeting``.
        department_id: whose it is.
        title: of the thing, as it is now.
        text: one or two plain sentences for a feed's reader; what is longer is cut.
        now: when.

    """
    # Two acts on PostgreSQL would otherwise commit in another order than they numbered their rows,
    # and a digest that stopped between them would lose the one that commits later.
    audit.hold_head(session)
    text = clean_input(text).strip()
    item = NewsItem(
        event=event,
        reference=reference,
        kind=kind,
        department_id=department_id,
        title=clean_input(title),
        text=text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…",
        at=now,
    )
    session.add(item)
    session.flush()
    return item
