"""Leaving: by the link in a letter, at the owner's request, or by never confirming."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.portal.models import Digest, Follower
from participation.portal.services.followers import (
    address_key,
    address_of,
    erase,
    of_address,
    token_hash,
    topics_of,
)
from participation.portal.services.following import KEPT_UNCONFIRMED
from participation.privacy.crypto import keyring

_SWEPT_AT_ONCE = 500


def leave(session: Session, token: str) -> bool:
    """End a subscription: all that is held of its address goes; False if there is none.

    Letters that wait for the mail server go as well.
    """
    follower = session.scalar(
        select(Follower).where(Follower.token_hash == token_hash(keyring(session), token))
    )
    if follower is None:
        return False
    erase(session, of_address(session, follower.address_key))
    return True


def erase_address(session: Session, address: str, *, actor: Actor, now: datetime) -> int:
    """Erase all that is held of an address, at its owner's request; return how many rows.

    Raises:
        NotFound: nothing is held.

    """
    ids = of_address(session, address_key(keyring(session), address.strip()))
    if not ids:
        raise NotFound("このアドレスの登録はありません。")
    erase(session, ids)
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
    ids = of_address(session, address_key(keyring(session), address.strip()))
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
        erase(session, ids)
    return len(ids)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else clock.local(at).isoformat(timespec="seconds")
