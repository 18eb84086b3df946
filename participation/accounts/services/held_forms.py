"""Forms that arrived after their session had run out, kept for the person who typed them."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from participation.accounts.models import HeldForm
from participation.core.errors import NotFound
from participation.privacy.crypto import keyring

KEPT_FOR = timedelta(hours=24)
MOST_A_PERSON = 20
MOST_BYTES = 1024 * 1024

# Never kept, whatever form they come from; nor is the mark of a form that was held before.
_SECRET_NAMES = frozenset({"csrf_token", "current", "totp_code", "held_form"})


@dataclass(frozen=True)
class HeldContent:
    """One held form, readable."""

    id: int
    path: str
    fields: tuple[tuple[str, str], ...]
    nonce: str
    created_at: datetime


def hold_form(
    session: Session,
    user_id: int,
    *,
    path: str,
    fields: Sequence[tuple[str, str]],
    now: datetime,
) -> HeldForm | None:
    """Keep the fields of a form for ``user_id``; the oldest goes when there are too many.

    Args:
        session: the session of the act.
        user_id: whose session it was; nobody else will see it.
        path: where the form was going, with its query.
        fields: names and values; passwords, codes and tokens are left out.
        now: when.

    Returns:
        The row, or None when there is nothing to keep or more than fits.

    """
    kept = [
        [name, value]
        for name, value in fields
        if name not in _SECRET_NAMES and "password" not in name
    ]
    text = json.dumps(kept, ensure_ascii=False)
    if not any(value.strip() for _name, value in kept) or len(text.encode()) > MOST_BYTES:
        return None
    nonce = secrets.token_urlsafe(16)
    held = HeldForm(
        user_id=user_id,
        path=path,
        fields=keyring(session).encrypt(text, table="held_form", column="fields", row=nonce),
        nonce=nonce,
        created_at=now,
    )
    session.add(held)
    session.flush()
    older = session.scalars(
        select(HeldForm.id)
        .where(HeldForm.user_id == user_id)
        .order_by(HeldForm.id.desc())
        .offset(MOST_A_PERSON)
    ).all()
    if older:
        session.execute(delete(HeldForm).where(HeldForm.id.in_(older)))
    return held


def held_forms(session: Session, user_id: int, now: datetime) -> list[HeldContent]:
    """Return what is held for a person, the latest first."""
    rows = session.scalars(
        select(HeldForm)
        .where(HeldForm.user_id == user_id, HeldForm.created_at > now - KEPT_FOR)
        .order_by(HeldForm.id.desc())
        .limit(MOST_A_PERSON)
    )
    ring = keyring(session)
    return [
        HeldContent(
            id=row.id,
            path=row.path,
            fields=tuple(
                (name, value)
                for name, value in json.loads(
                    ring.decrypt(row.fields, table="held_form", column="fields", row=row.nonce)
                )
            ),
            nonce=row.nonce,
            created_at=row.created_at,
        )
        for row in rows
    ]


def count_held(session: Session, user_id: int, now: datetime) -> int:
    """Return how many forms are held for a person."""
    return (
        session.scalar(
            select(func.count())
            .select_from(HeldForm)
            .where(HeldForm.user_id == user_id, HeldForm.created_at > now - KEPT_FOR)
        )
        or 0
    )


def discard_held(session: Session, user_id: int, held_id: int) -> None:
    """Throw one held form away.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    held = session.get(HeldForm, held_id)
    if held is None or held.user_id != user_id:
        raise NotFound("お探しの入力は保管されていません。")
    session.delete(held)
    session.flush()


def forget_sent(session: Session, user_id: int, nonce: str) -> None:
    """Throw away the held form that has now been sent; nothing happens when there is none."""
    session.execute(delete(HeldForm).where(HeldForm.user_id == user_id, HeldForm.nonce == nonce))


def erase_old(session: Session, now: datetime) -> int:
    """Erase what was held for a day and return how many; a duty of the worker."""
    erased = session.scalars(
        delete(HeldForm).where(HeldForm.created_at <= now - KEPT_FOR).returning(HeldForm.id)
    )
    return len(erased.all())
