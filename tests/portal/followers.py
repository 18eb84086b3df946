"""Followers and news as the tests need them."""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.mail.letter import Letter, open_letter
from participation.mail.models import OutboxMessage
from participation.news.models import NewsEvent, NewsItem
from participation.news.services import publish
from participation.portal.models import Follower, Rhythm
from participation.portal.services import followers as services
from participation.portal.services import following
from participation.portal.services.following import Wish, Words
from participation.privacy.crypto import keyring

ADDRESS = "hanako@example.jp"


def letters(session: Session, kind: str = "") -> list[Letter]:
    """The mails in the outbox, the oldest first."""
    session.rollback()
    query = select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.id)
    if kind:
        query = query.where(OutboxMessage.kind == kind)
    found = [open_letter(session, message) for message in session.scalars(query)]
    session.rollback()
    return found


def link(letter: Letter, name: str) -> str:
    """The path behind a link of a letter."""
    found = re.search(rf"http://localhost(/follow/{name}/\S+)", letter.body)
    assert found is not None, letter.body
    return found[1]


def tell(
    session: Session,
    *,
    now: datetime,
    reference: str = "campaign:1",
    kind: str = "campaign.comment",
    department_id: int | None = None,
    title: str = "緑の基本計画",
    text: str = "",
    event: NewsEvent = NewsEvent.OPENED,
) -> NewsItem:
    """Publish one news."""
    return publish(
        session,
        event,
        reference=reference,
        kind=kind,
        department_id=department_id,
        title=title,
        text=text,
        now=now,
    )


def follower(
    session: Session,
    *topics: str,
    now: datetime,
    address: str = ADDRESS,
    rhythm: Rhythm = Rhythm.DAILY,
    language: str = "ja",
) -> Follower:
    """Somebody who confirmed."""
    asked = following.ask(
        session,
        address,
        Wish(topics or ("all",), rhythm, language),
        write=lambda _token: Words("確認", "本文"),
        now=now,
    )
    assert asked is not None
    found = following.confirm(session, services.token_of(keyring(session), asked.id), now=now)
    session.commit()
    return found
