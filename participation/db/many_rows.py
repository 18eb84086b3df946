"""One INSERT for a handful of rows at once, as often as a flood needs it."""

import enum
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, CursorResult, Insert, Text, bindparam, cast, func, select
from sqlalchemy import column as new_column
from sqlalchemy.dialects.postgresql import JSON


def insert_many(
    connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]
) -> CursorResult[*tuple[Any, ...]]:
    """Execute ``statement`` for ``rows``, in their order.

    PostgreSQL gets them as one JSON text: its driver sends and awaits the rows of an
    ``executemany`` one by one, and a statement with all values in it is another one, parsed
    anew, for each number of rows. For very many rows see ``db.bulk``.

    Args:
        connection: of the act.
        statement: a constant of its module, so that it is compiled once.
        rows: one or more, all with the same keys.

    """
    if connection.dialect.name != "postgresql":
        return connection.execute(statement, rows)
    text = json.dumps(rows, ensure_ascii=False, default=_plain)
    return connection.execute(_from_json(statement, tuple(rows[0])), {"rows": text})


@cache
def _from_json(statement: Insert, names: tuple[str, ...]) -> Insert:
    columns: Any = statement.table.c
    given = (
        func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON))
        .table_valued(*(new_column(name, columns[name].type) for name in names))
        .render_derived(name="given", with_types=True)
    )
    return statement.from_select(names, select(*given.c))


def _plain(value: Any) -> str:
    match value:
        case enum.Enum():
            return str(value.value)
        case datetime() if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        case date():  # a datetime as well
            return value.isoformat()
        case UUID():
            return str(value)
    raise TypeError(f"{type(value).__name__} is no value of a column")
