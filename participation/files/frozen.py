"""The files of something frozen (a result, a report's edition) by format: made, kept, offered."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.files.models import StoredFile
from participation.files.services import store

FORMATS = ("pdf", "xlsx", "csv", "csv-cp932")


@dataclass(frozen=True)
class MadeFile:
    """A file of a frozen thing before it is stored."""

    data: bytes
    name: str
    media_type: str
    replaced: str = ""  # characters that its encoding or typeface lacks


@dataclass(frozen=True)
class BuiltFile:
    """Such a file once it is stored."""

    file_id: uuid.UUID
    sha256: str
    replaced: str = ""


@dataclass(frozen=True)
class Download:
    """A file of a frozen thing as it is offered."""

    format: str  # pdf, xlsx, csv, csv-cp932
    file_id: uuid.UUID
    size: int
    sha256: str
    replaced: str  # characters that the encoding or the typeface lacks


def store_files(
    session: Session, made: Mapping[str, MadeFile], *, actor: Actor, now: datetime
) -> dict[str, BuiltFile]:
    """Store the files of a frozen thing; return them by format."""
    built = {}
    for name, one in made.items():
        stored = store(
            session, one.data, name=one.name, media_type=one.media_type, actor=actor, now=now
        )
        built[name] = BuiltFile(stored.id, stored.sha256, one.replaced)
    return built


def file_names(stem: str) -> dict[str, str]:
    """Return the formats by the last part of a file's address, such as ``result.pdf``."""
    endings = (".pdf", ".xlsx", ".csv", "-shift-jis.csv")
    return {f"{stem}{ending}": name for ending, name in zip(endings, FORMATS, strict=True)}


def downloads(
    session: Session, owner: InstrumentedAttribute[int], owner_id: int
) -> dict[str, Download]:
    """Return the files of a thing by format, in the order of ``FORMATS``.

    Args:
        session: reads them.
        owner: the column of a table of files (``format``, ``file_id``, ``replaced``) that says
            whose each is.
        owner_id: whose are wanted.

    """
    table: Any = owner.class_
    rows = session.execute(
        select(table, StoredFile)
        .join(StoredFile, StoredFile.id == table.file_id)
        .where(owner == owner_id)
    )
    found = {
        file.format: Download(file.format, stored.id, stored.size, stored.sha256, file.replaced)
        for file, stored in rows
    }
    return {name: found[name] for name in FORMATS if name in found}


def stored_file(
    session: Session, owner: InstrumentedAttribute[int], owner_id: int, name: str
) -> StoredFile:
    """Return the file of one format; the arguments are those of ``downloads``.

    Raises:
        NotFound: it has none.

    """
    table: Any = owner.class_
    stored = session.scalars(
        select(StoredFile)
        .join(table, StoredFile.id == table.file_id)
        .where(owner == owner_id, table.format == name)
    ).first()
    if stored is None:
        raise NotFound("このファイルはありません。前のページからお選びください。")
    return stored
