"""Storing, reading and sweeping files."""

import hashlib
import logging
import unicodedata
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.core.errors import DomainError
from participation.files.models import StoredFile
from participation.files.objects import ObjectMissingError, ObjectStore

_NAME_LENGTH = 255
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# An upload whose row is not there after a day was rolled back or killed.
ORPHAN_AGE = timedelta(days=1)
_MOST_SWEPT = 500
_TO_ERASE = "files_to_erase"
_logger = logging.getLogger(__name__)


class FileUnavailable(DomainError):  # noqa: N818 -- in line with core.errors
    """The bytes of a stored file are missing or not what they were."""

    status = 503


def store(
    session: Session,
    data: bytes | Path,
    *,
    name: str,
    media_type: str,
    actor: Actor,
    now: datetime,
) -> StoredFile:
    """Store bytes for good, then add their row.

    The bytes are on disk before the row exists: a row never points to nothing, and bytes whose
    row was never committed are swept up later. The caller's act records the audit event.

    Args:
        session: the session of the act.
        data: the content, or the path of a file with it.
        name: the name that people see; any path in front of it is dropped.
        media_type: what the content is, by its content, not by what a browser said.
        actor: who stores it.
        now: when.

    """
    size, sha256 = _measure(data)
    stored = StoredFile(
        id=uuid.uuid4(),
        name=_display_name(name),
        media_type=media_type,
        size=size,
        sha256=sha256,
        created_at=now,
        created_by=actor.staff_id,
    )
    object_store(session).put(object_key(stored.id), data)
    session.add(stored)
    session.flush()
    return stored


def read(session: Session, stored: StoredFile) -> bytes:
    """Return the whole content.

    Raises:
        FileUnavailable: it is missing or was changed.

    """
    return b"".join(stream(session, stored))


def stream(session: Session, stored: StoredFile) -> Iterator[bytes]:
    """Return the content piece by piece, without the session being needed any longer.

    Raises:
        FileUnavailable: it is missing (at once), or was changed (after the last piece).

    """
    try:
        chunks = object_store(session).chunks(object_key(stored.id))
    except ObjectMissingError:
        _logger.error("object of stored file %s is missing", stored.id)  # noqa: TRY400
        raise FileUnavailable(
            "ファイルの中身が見つかりません。システム管理者にご連絡ください。"
        ) from None
    return _checked(chunks, stored.id, stored.sha256)


def erase(session: Session, file_id: uuid.UUID) -> None:
    """Remove a file: its row with the caller's commit, its bytes right after that.

    Bytes that could not be removed then are swept up like any that no row speaks of.
    """
    session.execute(
        delete(StoredFile)
        .where(StoredFile.id == file_id)
        .execution_options(synchronize_session="fetch")
    )
    erase_bytes(session, file_id)


def erase_bytes(session: Session, file_id: uuid.UUID) -> None:
    """Remove a file's bytes after the caller's commit and keep its row, to say what was there."""
    waiting: list[uuid.UUID] | None = session.info.get(_TO_ERASE)
    if waiting is None:
        waiting = session.info[_TO_ERASE] = []
        event.listen(session, "after_commit", _erase_waiting)
        event.listen(session, "after_rollback", _keep_waiting)
    waiting.append(file_id)


def sweep_orphans(session: Session, *, now: datetime) -> int:
    """Delete objects older than a day that no row speaks of; return how many."""
    objects = object_store(session)
    swept = 0
    for keys in objects.keys_before(now - ORPHAN_AGE):
        ids = {key: file_id for key in keys if (file_id := _file_id(key)) is not None}
        known = set(session.scalars(select(StoredFile.id).where(StoredFile.id.in_(ids.values()))))
        for key, file_id in ids.items():
            if file_id not in known:
                objects.delete(key)
                swept += 1
    return swept


def sweep_abandoned(session: Session, *, now: datetime) -> int:
    """Erase files that staff uploaded for a form that was never stored; return how many.

    Such a file is kept from try to try, so that what is wrong with another field costs nobody an
    upload. Once no form can bring it any more, no row of any table points to it. An export that a
    job made for somebody goes the same way. What residents put aside is named only within their
    sealed forms, so theirs are not looked at.
    """
    abandoned = select(StoredFile.id).where(
        StoredFile.created_by.is_not(None), StoredFile.created_at < now - ORPHAN_AGE
    )
    for table in StoredFile.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column is StoredFile.__table__.c.id:
                abandoned = abandoned.where(
                    ~select(key.parent).where(key.parent == StoredFile.id).exists()
                )
    found = session.scalars(abandoned.order_by(StoredFile.id).limit(_MOST_SWEPT)).all()
    for file_id in found:
        erase(session, file_id)
    return len(found)


def object_store(session: Session) -> ObjectStore:
    """Return the object store that the app gave to its sessions."""
    found: ObjectStore = session.info["object_store"]
    return found


def object_key(file_id: uuid.UUID) -> str:
    """Return the key of a file's object; two levels keep directories small."""
    text = str(file_id)
    return f"{text[:2]}/{text[2:4]}/{text}"


def _erase_waiting(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint; the commit is still to come
    waiting: list[uuid.UUID] = session.info[_TO_ERASE]
    ids, waiting[:] = tuple(waiting), []
    for file_id in ids:
        try:
            object_store(session).delete(object_key(file_id))
        except Exception:
            _logger.exception("object of erased file %s could not be removed", file_id)


def _keep_waiting(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_TO_ERASE].clear()


def _file_id(key: str) -> uuid.UUID | None:
    # What does not look like ours is left alone: a bucket may be shared.
    try:
        file_id = uuid.UUID(key.rpartition("/")[2])
    except ValueError:
        return None
    return file_id if object_key(file_id) == key else None


def _measure(data: bytes | Path) -> tuple[int, str]:
    if isinstance(data, bytes):
        return len(data), hashlib.sha256(data).hexdigest()
    with data.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _checked(chunks: Iterator[bytes], file_id: uuid.UUID, sha256: str) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != sha256:
        _logger.error("object of stored file %s was changed", file_id)
        raise FileUnavailable(
            "ファイルの中身が保存したときと違います。システム管理者にご連絡ください。"
        )


def _display_name(name: str) -> str:
    last = PurePosixPath(name.replace("\\", "/")).name
    # Control, format (bidirectional overrides) and surrogate characters go; 全角空白 stays.
    visible = "".join(c for c in last if unicodedata.category(c) not in _INVISIBLE).strip()
    if len(visible) > _NAME_LENGTH:
        stem, dot, ending = visible.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""  # noqa: PLR2004
        visible = visible[: _NAME_LENGTH - len(ending)] + ending
    return visible if visible.strip(".") else "file"
