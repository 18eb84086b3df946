"""The files of something frozen (a result, a report's edition) as they are offered, by format."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from participation.core.errors import NotFound
from participation.files.models import StoredFile

FORMATS = ("pdf", "xlsx", "csv", "csv-cp932")


@dataclass(frozen=True)
class Download:
    """A file of a frozen thing as it is offered."""

    format: str  # pdf, xlsx, csv, csv-cp932
    file_id: uuid.UUID
    size: int
    sha256: str
    replaced: str  # characters that the encoding or the typeface lacks


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
