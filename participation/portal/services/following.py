"""Following by mail: asked for, confirmed by the link in a letter, changed and ended by links.

An address counts only after its owner pressed the button behind the link, so nobody can sign
up another, and what a page answers never tells whether an address is known.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation.core.errors import InvalidInput, NotFound
from participation.mail import services as mail
from participation.news.queries import newest_number
from participation.news.topics import is_topic
from participation.portal.models import Follow, Follower, Rhythm
from participation.portal.rhythms import next_letter_at
from participation.portal.services.followers import (
    address_key,
    erase,
    token_hash,
    token_of,
    topics_of,
)
from participation.privacy.crypto import keyring

CONFIRMATION = "portal.confirmation"
KEPT_UNCONFIRMED = timedelta(days=7)
# Letters that an address may get from people who are not its owner, in those seven days.
MOST_WAITING = 3
MOST_TOPICS = 200


@dataclass(frozen=True)
class Wish:
    """What somebody wants to hear of, how often and in which language."""

    topics: Sequence[str]
    rhythm: Rhythm = Rhythm.DAILY
    language: str = "ja"


@dataclass(frozen=True)
class Words:
    """What a letter says."""

    subject: str = field(repr=False)
    body: str = field(repr=False)


def ask(
    session: Session,
    address: str,
    wish: Wish,
    *,
    write: Callable[[str], Words],
    now: datetime,
) -> Follower | None:
    """Note that somebody wants to follow, and mail the link that confirms it.

    Args:
        session: the session of the act.
        address: where to; it may be anybody's, and may follow already.
        wish: what they want.
        write: takes the token and returns the letter.
        now: when.

    Returns:
        None where the address has unconfirmed letters enough; the caller answers all the same.

    Raises:
        InvalidInput: no address, or nothing to follow.

    """
    address = address.strip()
    mail.check_address(address)
    topics = checked_topics(wish.topics)
    keys = keyring(session)
    key = address_key(keys, address)
    waiting = select(func.count()).where(
        Follower.address_key == key, Follower.confirmed_at.is_(None)
    )
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        return None
    follower_id = uuid.uuid4()
    token = token_of(keys, follower_id)
    words = write(token)
    message = mail.send(
        session,
        kind=CONFIRMATION,
        recipient=address,
        subject=words.subject,
        body=words.body,
        now=now,
    )
    follower = Follower(
        id=follower_id,
        address=keys.encrypt(
            address, table=Follower.__tablename__, column="address", row=str(follower_id)
        ),
        address_key=key,
        token_hash=token_hash(keys, token),
        rhythm=wish.rhythm,
        language=wish.language,
        asked_at=now,
        letter_id=message.id,
    )
    session.add(follower)
    session.flush()
    _add_topics(session, follower, topics)
    return follower


def find(session: Session, token: str, *, now: datetime) -> Follower:
    """Return whom a link belongs to, confirmed or not, locked until the commit.

    Raises:
        NotFound: nobody, or it was not confirmed in time.

    """
    follower = session.scalar(
        select(Follower)
        .where(Follower.token_hash == token_hash(keyring(session), token))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if follower is None or (
        follower.confirmed_at is None and follower.asked_at + KEPT_UNCONFIRMED <= now
    ):
        raise NotFound(
            "このリンクは使えません。期限が過ぎたか、配信を止めた後です。もう一度登録してください。"
        )
    return follower


def confirm(session: Session, token: str, *, now: datetime) -> Follower:
    """Begin to tell a follower what comes from now on; twice changes nothing.

    Whoever follows already gets the new topics beside the old ones, and the new rhythm.

    Returns:
        Whom letters go to from now on.

    Raises:
        NotFound: as ``find``.

    """
    follower = find(session, token, now=now)
    if follower.confirmed_at is not None:
        return follower
    known = _confirmed(session, follower.address_key)
    if known is None:
        try:
            with session.begin_nested():
                follower.confirmed_at = now
                follower.told_until = newest_number(session)
                follower.next_at = next_letter_at(follower.rhythm, now)
                session.flush()
        except IntegrityError:  # the same address was confirmed at this very moment
            session.refresh(follower)
            known = _confirmed(session, follower.address_key)
        else:
            return follower
    assert known is not None
    _add_topics(session, known, topics_of(session, follower))
    known.rhythm, known.language = follower.rhythm, follower.language
    known.next_at = next_letter_at(known.rhythm, now)
    erase(session, [follower.id])
    session.flush()
    return known


def change(session: Session, follower: Follower, wish: Wish, *, now: datetime) -> None:
    """Let a follower hear of other things, or in another rhythm; what was due is not lost.

    Raises:
        InvalidInput: nothing to follow.
        NotFound: it was not confirmed.

    """
    if follower.confirmed_at is None:
        raise NotFound("このリンクは使えません。先に、メールのリンクから登録を確認してください。")
    topics = checked_topics(wish.topics)
    session.execute(delete(Follow).where(Follow.follower_id == follower.id))
    _add_topics(session, follower, topics)
    follower.language = wish.language
    if follower.rhythm is not wish.rhythm:
        follower.rhythm = wish.rhythm
        follower.next_at = next_letter_at(wish.rhythm, now)
    session.flush()


def checked_topics(topics: Collection[str]) -> list[str]:
    """Return topics without repeats.

    Raises:
        InvalidInput: none, too many, or one that is none.

    """
    found = list(dict.fromkeys(topics))
    if not found:
        raise InvalidInput("知らせてほしいものを1つ以上選んでください。", field="topics")
    if len(found) > MOST_TOPICS or not all(map(is_topic, found)):
        raise InvalidInput("選べないものがあります。画面を開き直してください。", field="topics")
    return found


def _add_topics(session: Session, follower: Follower, topics: Collection[str]) -> None:
    known = set(topics_of(session, follower))
    session.add_all(
        Follow(follower_id=follower.id, topic=topic) for topic in topics if topic not in known
    )
    session.flush()


def _confirmed(session: Session, key: str) -> Follower | None:
    return session.scalar(
        select(Follower)
        .where(Follower.address_key == key, Follower.confirmed_at.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
