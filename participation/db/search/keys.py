"""The number that an entry is known by: corpus, scope and row, in the order of the list."""

import enum

from sqlalchemy import BigInteger, ColumnElement, literal
from sqlalchemy.sql.elements import SQLCoreOperations

_ROW_BITS, _SCOPE_BITS = 32, 27
LARGEST_ROW, LARGEST_SCOPE = (1 << _ROW_BITS) - 1, (1 << _SCOPE_BITS) - 1


class Corpus(enum.IntEnum):
    """What is searched together. A number never changes: keys in the database hold it."""

    OPINION = 1  # opinions as sent; scope: the campaign
    ANSWER = 2  # groups with their 要旨 and 市の考え方; scope: the campaign
    PUBLIC = 3  # PublicDocument; scope: its day


def entry_key(corpus: Corpus, scope_id: int, row_id: int) -> int:
    """Return the key of a row."""
    return _first_key(corpus) + (scope_id << _ROW_BITS) + row_id


def key_of(
    corpus: Corpus, scope_id: SQLCoreOperations[int], row_id: SQLCoreOperations[int]
) -> ColumnElement[int]:
    """Return the keys of rows from their columns."""
    above = literal(1 << _ROW_BITS, BigInteger) * scope_id
    return literal(_first_key(corpus), BigInteger) + above + row_id


def key_range(corpus: Corpus, scopes: range | None = None) -> tuple[int, int]:
    """Return the smallest and the largest key of a corpus, or of some scopes of it.

    Without any scope the largest is below the smallest, and nothing lies between.
    """
    if scopes is None:
        scopes = range(LARGEST_SCOPE + 1)
    first = max(scopes.start, 0)
    last = min(scopes.stop - 1, LARGEST_SCOPE)
    if last < first:
        return _first_key(corpus), _first_key(corpus) - 1
    return entry_key(corpus, first, 0), entry_key(corpus, last, LARGEST_ROW)


def one_scope(scope_id: int | None) -> range | None:
    """Return one scope as ``key_range`` takes it; None is every scope."""
    return None if scope_id is None else range(scope_id, scope_id + 1)


def row_of(key: ColumnElement[int]) -> ColumnElement[int]:
    """Return the row within a column of keys."""
    return key.bitwise_and(literal(LARGEST_ROW, BigInteger))


def scope_of(key: ColumnElement[int]) -> ColumnElement[int]:
    """Return the scope within a column of keys."""
    return key.bitwise_rshift(_ROW_BITS).bitwise_and(literal(LARGEST_SCOPE, BigInteger))


def row_in(key: int) -> int:
    """Return the row within a key."""
    return key & LARGEST_ROW


def scope_in(key: int) -> int:
    """Return the scope within a key."""
    return key >> _ROW_BITS & LARGEST_SCOPE


def _first_key(corpus: Corpus) -> int:
    return corpus.value << (_SCOPE_BITS + _ROW_BITS)
