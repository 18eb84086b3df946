"""Telling followers what became public: one letter for each window of the news.

See docs/decisions/0020-news-and-follow-windows.md.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.mail import services as mail
from participation.news.models import NewsItem
from participation.news.queries import department_successors, newest_number, window
from participation.portal.models import Digest, Follower
from participation.portal.rhythms import next_letter_at
from participation.portal.services.followers import address_of, token_of, topics_of
from participation.portal.services.following import Words
from participation.privacy.crypto import keyring

LETTER = "portal.digest"
# What was told is kept so long for questions about it; the follower's own row says where to go on.
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Reader:
    """Who reads a letter: in which language, and the token of its links."""

    language: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class DigestWords(Words):
    """What a letter says, and where one click ends it."""

    unsubscribe: str = field(default="", repr=False)


Compose = Callable[[Reader, Sequence[NewsItem]], DigestWords]


def due_followers(session: Session, now: datetime, *, limit: int) -> Sequence[uuid.UUID]:
    """Return the followers whose time has come, those that wait longest in front."""
    return session.scalars(
        select(Follower.id)
        .where(Follower.next_at <= now)
        .order_by(Follower.next_at, Follower.id)
        .limit(limit)
    ).all()


def tell(session: Session, follower_id: uuid.UUID, *, compose: Compose, now: datetime) -> bool:
    """Close a follower's window and write the letter for it, if it holds anything they follow.

    All in the caller's one transaction: the window, the letter in the outbox and the next time
    stand or fall together. Two workers at once are no harm: the second finds it done.

    Returns:
        Whether a letter was written.

    """
    follower = session.scalar(
        select(Follower)
        .where(Follower.id == follower_id, Follower.next_at <= now)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if follower is None or follower.confirmed_at is None:
        return False
    follower.next_at = next_letter_at(follower.rhythm, now)
    after, until = follower.told_until, newest_number(session)
    if until <= after:
        session.flush()
        return False
    successors = department_successors(session, clock.local_date(now))
    items = window(session, topics_of(session, follower), successors, after=after, until=until)
    digest = Digest(
        follower_id=follower.id, after_id=after, until_id=until, items=len(items), at=now
    )
    if items:
        token = token_of(keyring(session), follower.id)
        words = compose(Reader(follower.language, token), items)
        message = mail.send(
            session,
            kind=LETTER,
            recipient=address_of(session, follower),
            subject=words.subject,
            body=words.body,
            unsubscribe=words.unsubscribe,
            now=now,
        )
        digest.letter_id = message.id
    session.add(digest)
    follower.told_until = until
    session.flush()
    return bool(items)


def forget_old(session: Session, now: datetime) -> None:
    """Delete what was told long ago. A sweep."""
    session.execute(
        delete(Digest).where(Digest.at < now - KEPT).execution_options(synchronize_session=False)
    )
