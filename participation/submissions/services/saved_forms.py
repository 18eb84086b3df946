"""Forms put aside: behind a link with a secret, encrypted, gone when their time is over."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from participation.core.errors import InvalidInput
from participation.files.models import StoredFile
from participation.privacy.crypto import keyring
from participation.submissions.models import SavedForm
from participation.submissions.services.sealed_files import SealedFile

MOST_BYTES = 512 * 1024
# A form that nobody asked to keep, only its files wait over the confirmation page.
KEPT_UNASKED = timedelta(days=1)
_SWEPT_AT_ONCE = 200


@dataclass(frozen=True)
class SavedContent:
    """A saved form, readable."""

    id: uuid.UUID
    subject: str
    fields: dict[str, Any] = field(repr=False)
    files: tuple[SealedFile, ...] = ()
    asked: bool = False  # somebody asked to keep it; else only its files wait
    expires_at: datetime | None = None


def save_form(
    session: Session,
    *,
    token: str,
    subject: str,
    fields: dict[str, Any],
    files: Sequence[SealedFile],
    asked: bool,
    now: datetime,
    expires_at: datetime,
) -> str:
    """Save a form under the token it had, or under a new one, and return the token.

    Args:
        session: the session of the act.
        token: of the form as it was saved before; empty for a new one. One that is unknown or
            another thing's gets a new one.
        subject: what the form is for, ``campaign:12``.
        fields: what was typed, as JSON.
        files: what was attached.
        asked: whether the person asked to keep it.
        now: when.
        expires_at: when it is erased.

    Raises:
        InvalidInput: more than is kept.

    """
    text = json.dumps(
        {"fields": fields, "files": [one.to_json() for one in files], "asked": asked},
        ensure_ascii=False,
    )
    if len(text.encode()) > MOST_BYTES:
        raise InvalidInput("入力が長すぎて保存できません。分けて提出してください。")
    row = _row(session, token, subject)
    if row is None:
        token = secrets.token_urlsafe(32)
        row = SavedForm(id=uuid.uuid4(), token_hash=_hash(token), subject=subject)
        session.add(row)
    row.contents = keyring(session).encrypt(
        text, table=SavedForm.__tablename__, column="contents", row=str(row.id)
    )
    row.saved_at = now
    row.expires_at = expires_at
    session.flush()
    return token


def saved_form(session: Session, token: str, subject: str, now: datetime) -> SavedContent | None:
    """Return the form behind ``token``; None when there is none (any more) for ``subject``."""
    row = _row(session, token, subject)
    if row is None or row.expires_at <= now:
        return None
    text = keyring(session).decrypt(
        row.contents, table=SavedForm.__tablename__, column="contents", row=str(row.id)
    )
    stored = json.loads(text)
    return SavedContent(
        id=row.id,
        subject=row.subject,
        fields=stored["fields"],
        files=tuple(SealedFile.from_json(one) for one in stored["files"]),
        asked=stored["asked"],
        expires_at=row.expires_at,
    )


def forget_forms(session: Session, form_ids: Sequence[uuid.UUID]) -> None:
    """Erase forms that have been sent; their files belong to the submissions now."""
    if form_ids:
        session.execute(delete(SavedForm).where(SavedForm.id.in_(form_ids)))


def erase_expired(session: Session, now: datetime) -> int:
    """Erase what nobody came back for, its files too, and return how many forms; for the worker.

    The files' rows go with the form and with them the only copies of their keys; the sealed bytes
    are swept as orphans.
    """
    rows = session.scalars(
        select(SavedForm).where(SavedForm.expires_at <= now).limit(_SWEPT_AT_ONCE)
    ).all()
    keys = keyring(session)
    for row in rows:
        text = keys.decrypt(
            row.contents, table=SavedForm.__tablename__, column="contents", row=str(row.id)
        )
        files = [uuid.UUID(one["file_id"]) for one in json.loads(text)["files"]]
        if files:
            session.execute(delete(StoredFile).where(StoredFile.id.in_(files)))
        session.delete(row)
    session.flush()
    return len(rows)


def _row(session: Session, token: str, subject: str) -> SavedForm | None:
    if not token:
        return None
    return session.scalar(
        select(SavedForm).where(SavedForm.token_hash == _hash(token), SavedForm.subject == subject)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
