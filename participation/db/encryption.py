"""Columns that hold encrypted text (privacy.crypto): declared where their table is."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, MetaData, Table

_ROW = "encrypted_row"


def encrypted(*, row: str) -> dict[str, Any]:
    """Return the ``info`` of a column whose text is encrypted.

    Args:
        row: the column of the same table whose value (as ``str``) stands in the associated data
            in place of the row: the primary key, or a random value where that is not known yet.

    """
    return {_ROW: row}


@dataclass(frozen=True)
class EncryptedColumn:
    """One column that the rotation of keys must visit."""

    table: Table
    column: Column[Any]
    row: Column[Any]


def encrypted_columns(metadata: MetaData) -> tuple[EncryptedColumn, ...]:
    """Return every column of ``metadata`` that is declared as encrypted, in a fixed order."""
    return tuple(
        EncryptedColumn(table, column, table.c[column.info[_ROW]])
        for table in sorted(metadata.tables.values(), key=lambda table: table.name)
        for column in table.columns
        if _ROW in column.info
    )
