"""Followers as rows: found by address and link, read in the clear, erased wholly."""

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from participation.core.text import compare_key
from participation.db.scrubbing import scrub_after_commit
from participation.mail.models import OutboxMessage
from participation.portal.models import Digest, Follow, Follower
from participation.privacy.crypto import Keyring, keyring

_TABLES = (
    Follow.__tablename__,
    Digest.__tablename__,
    Follower.__tablename__,
    OutboxMessage.__tablename__,
)
_AT_ONCE = 500


def token_of(keys: Keyring, follower_id: uuid.UUID) -> str:
    """Return the token in the letters to a follower: 256 bits, hexadecimal.

    It follows from the keys, so that every letter can carry it although only its keyed hash is
    stored.
    """
    return keys.blind_index(str(follower_id), "follow.link")


def token_hash(keys: Keyring, token: str) -> str:
    """Return what the database keeps of a token."""
    return keys.blind_index(token, "follow.link.stored")


def address_key(keys: Keyring, address: str) -> str:
    """Return the value by which an address is found again; upper and lower case are one."""
    return keys.blind_index(compare_key(address).casefold(), "follow.address")


def address_of(session: Session, follower: Follower) -> str:
    """Return the address of a follower in the clear."""
    return keyring(session).decrypt(
        follower.address, table=Follower.__tablename__, column="address", row=str(follower.id)
    )


def topics_of(session: Session, follower: Follower) -> list[str]:
    """Return what somebody follows, in the order in which they chose it."""
    return list(
        session.scalars(
            select(Follow.topic).where(Follow.follower_id == follower.id).order_by(Follow.id)
        )
    )


def of_address(session: Session, key: str) -> Sequence[uuid.UUID]:
    """Return all rows of an address, confirmed or not, locked until the commit."""
    return session.scalars(
        select(Follower.id).where(Follower.address_key == key).with_for_update()
    ).all()


def erase(session: Session, ids: Sequence[uuid.UUID]) -> None:
    """Erase followers with all that hangs on them, letters in the outbox too."""
    letters = [
        *session.scalars(select(Follower.letter_id).where(Follower.id.in_(ids))),
        *session.scalars(select(Digest.letter_id).where(Digest.follower_id.in_(ids))),
    ]
    for start in range(0, len(letters), _AT_ONCE):
        some = [each for each in letters[start : start + _AT_ONCE] if each is not None]
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
