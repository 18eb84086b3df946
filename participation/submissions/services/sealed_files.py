"""Files of residents: sealed under a key of their own, so that erasing the key erases the file."""

import base64
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.files.models import StoredFile
from participation.files.services import FileUnavailable, read, store
from participation.privacy.crypto import Keyring, keyring
from participation.submissions.models import Attachment

_NONCE_BYTES = 12  # NIST SP 800-38D; one file is sealed once under its key
_KEY_BITS = 256
_SEALED_NAME = "sealed"
_SEALED_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class SealedFile:
    """A file in the store with the key that opens it; the key stays out of ``repr`` and logs."""

    file_id: uuid.UUID
    data_key: str = field(repr=False)  # base64
    name: str = field(repr=False)
    media_type: str
    size: int  # bytes before sealing

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, to be kept in an encrypted column only."""
        return {
            "file_id": str(self.file_id),
            "data_key": self.data_key,
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Return what ``to_json`` wrote."""
        return cls(
            file_id=uuid.UUID(stored["file_id"]),
            data_key=stored["data_key"],
            name=stored["name"],
            media_type=stored["media_type"],
            size=stored["size"],
        )


def seal(
    session: Session, data: bytes, *, name: str, media_type: str, actor: Actor, now: datetime
) -> SealedFile:
    """Store ``data`` sealed; neither its content nor its name can be read without the key.

    Args:
        session: the session of the act.
        data: the content, already checked (``uploads.check_upload``).
        name: the sender's own name for it; kept beside the key and not in the file's row.
        media_type: by its content.
        actor: who stores it.
        now: when.

    """
    key = AESGCM.generate_key(_KEY_BITS)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    stored = store(
        session,
        nonce + AESGCM(key).encrypt(nonce, data, None),
        name=_SEALED_NAME,
        media_type=_SEALED_TYPE,
        actor=actor,
        now=now,
    )
    return SealedFile(stored.id, base64.b64encode(key).decode(), name, media_type, len(data))


def attach(session: Session, receipt_id: int, sealed: SealedFile) -> Attachment:
    """Make ``sealed`` an attachment of a receipt and flush it."""
    attachment = Attachment(**attachment_row(keyring(session), sealed), receipt_id=receipt_id)
    session.add(attachment)
    session.flush()
    return attachment


def attachment_row(keys: Keyring, sealed: SealedFile) -> dict[str, Any]:
    """Return the row of an attachment, all but its receipt."""
    row_id = uuid.uuid4()
    place = {"table": Attachment.__tablename__, "row": str(row_id)}
    return {
        "id": row_id,
        "file_id": sealed.file_id,
        "data_key": keys.encrypt(sealed.data_key, column="data_key", **place),
        "name": keys.encrypt(sealed.name, column="name", **place),
        "media_type": sealed.media_type,
        "size": sealed.size,
    }


def attachment_name(session: Session, attachment: Attachment) -> str:
    """Return the name that the sender's file had; empty once it is erased."""
    if attachment.name is None:
        return ""
    return keyring(session).decrypt(
        attachment.name, table=Attachment.__tablename__, column="name", row=str(attachment.id)
    )


def open_sealed(session: Session, attachment: Attachment) -> bytes:
    """Return the content of an attachment. The caller's act records the audit event.

    Raises:
        FileUnavailable: it was erased, is missing, or is not what was sealed.

    """
    if attachment.data_key is None:
        raise FileUnavailable("この添付ファイルは、保存期間が終わったため消去されています。")
    key = keyring(session).decrypt(
        attachment.data_key,
        table=Attachment.__tablename__,
        column="data_key",
        row=str(attachment.id),
    )
    return unseal(session, attachment.file_id, key)


def unseal(session: Session, file_id: uuid.UUID, data_key: str) -> bytes:
    """Return the content of a sealed file.

    Raises:
        FileUnavailable: it is missing or is not what was sealed.

    """
    stored = session.get(StoredFile, file_id)
    if stored is None:
        raise FileUnavailable("ファイルの中身が見つかりません。システム管理者にご連絡ください。")
    sealed = read(session, stored)
    try:
        return AESGCM(base64.b64decode(data_key)).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None
        )
    except (InvalidTag, ValueError):
        raise FileUnavailable(
            "ファイルの中身が保存したときと違います。システム管理者にご連絡ください。"
        ) from None
