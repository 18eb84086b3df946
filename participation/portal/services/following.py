"""Following by mail: asked for, confirmed by the link in a letter, changed and ended by links.

An address counts only after its owner pressed the button behind the link, so nobody can sign
up another, and what a page answers never tells whether an address is known.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation import audit
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound
from participation.core.text import compare_key
from participation.db.scrubbing import scrub_after_commit
from participation.mail import services as mail
from participation.mail.models import OutboxMessage
from participation.news.queries import newest_number
from participation.news.topics import is_topic
from participation.portal.models import Digest, Follow, Follower, Rhythm
from participation.portal.rhythms import next_letter_at
from participation.privacy.crypto import Keyring, keyring

CONFIRMATION = "portal.confirmation"
KEPT_UNCONFIRMED = timedelta(days=7)
# Letters that an address may get from people who are not its owner, in those seven days.
MOST_WAITING = 3
MOST_TOPICS = 200
_TABLES = (
    Follow.__tablename__,
    Digest.__tablename__,
    Follower.__tablename__,
    OutboxMessage.__tablename__,
)
_SWEPT_AT_ONCE = 500


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


def token_of(keys: Keyring, follower_id: uuid.UUID) -> str:
    """Return the token in the letters to a follower: 256 bits, hexadecimal.

    It follows from the keys, so that every letter can carry it although only its keyed hash is
    stored.
    """
    return keys.blind_index(str(follower_id), "follow.link")


def address_key(keys: Keyring, address: str) -> str:
    """Return the value by which an address is found again; upper and lower case are one."""
    return keys.blind_index(compare_key(address).casefold(), "follow.address")


def address_of(session: Session, follower: Follower) -> str:
    """Return the address of a follower in the clear."""
    return keyring(session).decrypt(
        follower.address, table=Follower.__tablename__, column="address", row=str(follower.id)
    )


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
        token_hash=_token_hash(keys, token),
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
        .where(Follower.token_hash == _token_hash(keyring(session), token))
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
    _erase(session, [follower.id])
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


def leave(session: Session, token: str) -> bool:
    """End a subscription: all that is held of its address goes; False if there is none.

    Letters that wait for the mail server go as well.
    """
    follower = session.scalar(
        select(Follower).where(Follower.token_hash == _token_hash(keyring(session), token))
    )
    if follower is None:
        return False
    _erase(session, _of_address(session, follower.address_key))
    return True


def erase_address(session: Session, address: str, *, actor: Actor, now: datetime) -> int:
    """Erase all that is held of an address, at its owner's request; return how many rows.

    Raises:
        NotFound: nothing is held.

    """
    ids = _of_address(session, address_key(keyring(session), address.strip()))
    if not ids:
        raise NotFound("このアドレスの登録はありません。")
    _erase(session, ids)
    audit.record(
        session,
        "portal.follower.erased",
        actor=actor,
        now=now,
        subject="follower:request",
        after={"count": len(ids)},
    )
    return len(ids)


def export_address(
    session: Session, address: str, *, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Return what is held of an address as JSON values; it is on record.

    Raises:
        NotFound: nothing is held.

    """
    ids = _of_address(session, address_key(keyring(session), address.strip()))
    if not ids:
        raise NotFound("このアドレスの登録はありません。")
    held = []
    for follower in session.scalars(
        select(Follower).where(Follower.id.in_(ids)).order_by(Follower.asked_at, Follower.id)
    ):
        letters = session.scalars(
            select(Digest).where(Digest.follower_id == follower.id).order_by(Digest.id)
        )
        held.append(
            {
                "メールアドレス": address_of(session, follower),
                "登録を求めた日時": _moment(follower.asked_at),
                "確認した日時": _moment(follower.confirmed_at),
                "頻度": follower.rhythm.value,
                "言語": follower.language,
                "知らせるもの": topics_of(session, follower),
                "送った手紙": [
                    {"日時": _moment(letter.at), "件数": letter.items}
                    for letter in letters
                    if letter.items
                ],
            }
        )
    audit.record(
        session,
        "portal.follower.exported",
        actor=actor,
        now=now,
        subject="follower:request",
        after={"count": len(held)},
    )
    return held


def topics_of(session: Session, follower: Follower) -> list[str]:
    """Return what somebody follows, in the order in which they chose it."""
    return list(
        session.scalars(
            select(Follow.topic).where(Follow.follower_id == follower.id).order_by(Follow.id)
        )
    )


def forget_unconfirmed(session: Session, now: datetime) -> int:
    """Erase whoever did not confirm in seven days; return how many. A sweep."""
    ids = session.scalars(
        select(Follower.id)
        .where(
            Follower.confirmed_at.is_(None),
            Follower.asked_at <= now - KEPT_UNCONFIRMED,
        )
        .order_by(Follower.asked_at)
        .limit(_SWEPT_AT_ONCE)
    ).all()
    if ids:
        _erase(session, ids)
    return len(ids)


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


def _of_address(session: Session, key: str) -> Sequence[uuid.UUID]:
    return session.scalars(
        select(Follower.id).where(Follower.address_key == key).with_for_update()
    ).all()


def _erase(session: Session, ids: Sequence[uuid.UUID]) -> None:
    letters = [
        *session.scalars(select(Follower.letter_id).where(Follower.id.in_(ids))),
        *session.scalars(select(Digest.letter_id).where(Digest.follower_id.in_(ids))),
    ]
    for start in range(0, len(letters), _SWEPT_AT_ONCE):
        some = [each for each in letters[start : start + _SWEPT_AT_ONCE] if each is not None]
        session.execute(
            delete(OutboxMessage)
            .where(OutboxMessage.id.in_(some))
            .execution_options(synchronize_session="fetch")
        )
    for column in (Follow.follower_id, Digest.follower_id, Follower.id):
        session.execute(
            delete(column.class_)
            .where(column.in_(ids))
            .execution_options(synchronize_session="fetch")
        )
    scrub_after_commit(session, *_TABLES)


def _token_hash(keys: Keyring, token: str) -> str:
    return keys.blind_index(token, "follow.link.stored")


def _moment(at: datetime | None) -> str | None:
    return None if at is None else clock.local(at).isoformat(timespec="seconds")
