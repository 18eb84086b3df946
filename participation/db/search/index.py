"""Indexing and finding: keys that hold corpus, scope and row, and pages by keyset."""

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from participation.db.search.tables import GRAM_INDEX, GRAM_TABLE, SearchEntry, gram_table
from participation.db.search.words import (
    FIELD_END,
    facet_word,
    grams,
    is_exact,
    match,
    search_form,
    tokens,
    words_of,
)

_ROW_BITS, _SCOPE_BITS = 32, 27
_LARGEST_ROW, _LARGEST_SCOPE = 2**_ROW_BITS - 1, 2**_SCOPE_BITS - 1
_BATCH = 500
# PostgreSQL: a page of a frequent word is full long before so many entries are looked at.
_WINDOW = 1_500

# Adds joins and conditions of the caller to a query of keys; gets the query and its key column.
Refine: TypeAlias = Callable[[Select[int], ColumnElement[int]], Select[int]]


class Corpus(enum.IntEnum):
    """What is searched together. A number never changes: keys in the database hold it."""

    OPINION = 1  # opinions as sent; scope: the campaign
    ANSWER = 2  # groups with their 要旨 and 市の考え方; scope: the campaign
    PUBLIC = 3  # PublicDocument; scope: the number of what it belongs to


@dataclass(frozen=True)
class Entry:
    """A row to be found by its texts."""

    scope_id: int
    row_id: int
    fields: Sequence[str]  # a word is found within one of them, not across
    stamp: int = 0
    facets: Sequence[int] = ()  # what it is, to be asked for beside words; below LARGEST_FACET


@dataclass(frozen=True)
class Hit:
    """A row that was found."""

    key: int  # where the next page goes on (``after``)

    @property
    def row_id(self) -> int:
        """The row in the corpus."""
        return int(self.key & _LARGEST_ROW)

    @property
    def scope_id(self) -> int:
        """The scope that it lies in."""
        return int(self.key >> _ROW_BITS & _LARGEST_SCOPE)


def entry_key(corpus: Corpus, scope_id: int, row_id: int) -> int:
    """Return the key of a row."""
    return _first_key(corpus) + (scope_id << _ROW_BITS) + row_id


def key_of(
    corpus: Corpus, scope_id: SQLCoreOperations[int], row_id: SQLCoreOperations[int]
) -> ColumnElement[int]:
    """Return the keys of rows from their columns."""
    above = literal(1 << _ROW_BITS, BigInteger) * scope_id
    return literal(_first_key(corpus), BigInteger) + above + row_id


def key_range(corpus: Corpus) -> tuple[int, int]:
    """Return the smallest and the largest key of a corpus."""
    first = _first_key(corpus)
    return first, first + (1 << (_SCOPE_BITS + _ROW_BITS)) - 1


def row_of(key: ColumnElement[int]) -> ColumnElement[int]:
    """Return the row within a column of keys."""
    return key.bitwise_and(literal(_LARGEST_ROW, BigInteger))


def scope_of(key: ColumnElement[int]) -> ColumnElement[int]:
    """Return the scope within a column of keys."""
    return key.bitwise_rshift(_ROW_BITS).bitwise_and(literal(_LARGEST_SCOPE, BigInteger))


def index(session: Session, corpus: Corpus, entries: Iterable[Entry]) -> int:
    """Make rows findable by their texts, also those that were findable by older ones.

    Args:
        session: any session; on SQLite this writes about 5,000 entries a second.
        corpus: which.
        entries: each row once.

    Returns:
        How many.

    Raises:
        ValueError: a scope or row beyond 2^27 or 2^32, or a facet beyond 2^14.

    """
    rest, done = iter(entries), 0
    while batch := list(islice(rest, _BATCH)):
        _index_batch(session, corpus, batch)
        done += len(batch)
    return done


def _index_batch(session: Session, corpus: Corpus, batch: list[Entry]) -> None:
    on_sqlite = _is_sqlite(session)
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for entry in batch:
        if not (0 <= entry.scope_id <= _LARGEST_SCOPE and 0 <= entry.row_id <= _LARGEST_ROW):
            raise ValueError(f"no key for {entry.scope_id}, {entry.row_id}")
        key = entry_key(corpus, entry.scope_id, entry.row_id)
        form = FIELD_END.join([*map(search_form, entry.fields), *map(facet_word, entry.facets)])
        rows.append({"key": key, "stamp": entry.stamp, "form": None if on_sqlite else form})
        if on_sqlite:
            lines.append({"rowid": key, "grams": tokens(form)})
    upsert = (sqlite.insert if on_sqlite else postgresql.insert)(SearchEntry)
    session.execute(
        upsert.on_conflict_do_update(
            index_elements=["key"],
            set_={"stamp": upsert.excluded.stamp, "form": upsert.excluded.form},
        ),
        rows,
    )
    if lines:
        session.execute(insert(gram_table).prefix_with("OR REPLACE"), lines)


def remove(session: Session, keys: Sequence[int]) -> None:
    """Make rows no longer findable; keys that are not there are left alone."""
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        session.execute(
            delete(SearchEntry)
            .where(SearchEntry.key.in_(some))
            .execution_options(synchronize_session=False)
        )
        if _is_sqlite(session):
            session.execute(
                delete(gram_table).where(gram_table.c.rowid == bindparam("gone")),
                [{"gone": key} for key in some],
            )


def remove_corpus(session: Session, corpus: Corpus) -> None:
    """Make nothing of a corpus findable, for building it anew."""
    low, high = key_range(corpus)
    session.execute(
        delete(SearchEntry)
        .where(SearchEntry.key.between(low, high))
        .execution_options(synchronize_session=False)
    )
    if _is_sqlite(session):
        session.execute(delete(gram_table).where(gram_table.c.rowid.between(low, high)))


def settle(session: Session) -> None:
    """Put the index in order after much was written; PostgreSQL gathers new entries unsorted."""
    if _is_sqlite(session):
        session.execute(text(f"INSERT INTO {GRAM_TABLE}({GRAM_TABLE}, rank) VALUES('merge', 500)"))
    else:
        session.execute(select(func.gin_clean_pending_list(cast(GRAM_INDEX, postgresql.REGCLASS))))


def find(
    session: Session,
    corpus: Corpus,
    query: str,
    *,
    limit: int,
    scope_id: int | None = None,
    after: int | None = None,
    facets: Sequence[int] = (),
    refine: Refine | None = None,
) -> list[Hit]:
    """Return the rows in which every word of ``query`` stands, the newest scope and row first.

    Args:
        session: any session.
        corpus: which.
        query: what was typed, whatever it is (``words_of``); none without a word.
        limit: how many at most.
        scope_id: only this scope.
        after: the ``key`` of the last hit of the page before.
        facets: only rows that have all of these.
        refine: further conditions.

    """
    words = _asked(query, facets)
    if not words:
        return []
    if not _is_sqlite(session):
        recent = (
            select(SearchEntry.key, SearchEntry.form)
            .where(_within(SearchEntry.key, corpus, scope_id, after))
            .order_by(SearchEntry.key.desc())
            .limit(_WINDOW)
            .subquery()
        )
        first = select(recent.c.key).where(*_holds(recent.c.form, words))
        page = _page(session, first, recent.c.key, refine, limit)
        if len(page) == limit:
            return page
    found, key = _apart(session, *_matching(session, corpus, words, scope_id, after))
    return _page(session, found, key, refine, limit)


def count(
    session: Session,
    corpus: Corpus,
    query: str,
    *,
    scope_id: int | None = None,
    facets: Sequence[int] = (),
    refine: Refine | None = None,
    at_most: int | None = None,
) -> int:
    """Return how many rows hold every word of ``query``.

    Args:
        session: any session.
        corpus: which.
        query: as for ``find``.
        scope_id: only this scope.
        facets: only rows that have all of these.
        refine: further conditions.
        at_most: stop there; a refined count looks at every row that it counts.

    """
    words = _asked(query, facets)
    if not words:
        return 0
    found, key = _matching(session, corpus, words, scope_id, None)
    if refine is None and at_most is None:
        return session.scalar(found.with_only_columns(func.count())) or 0
    found, key = _apart(session, found, key)
    if refine is not None:
        found = refine(found, key)
    if at_most is not None:
        found = found.limit(at_most)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _asked(query: str, facets: Sequence[int]) -> tuple[str, ...]:
    """Return all that must stand in an entry; nothing where no word was typed."""
    words = words_of(query)
    return (*words, *map(facet_word, facets)) if words else ()


def _page(
    session: Session,
    found: Select[int],
    key: ColumnElement[int],
    refine: Refine | None,
    limit: int,
) -> list[Hit]:
    if refine is not None:
        found = refine(found, key)
    return [Hit(each) for each in session.scalars(found.order_by(key.desc()).limit(limit))]


def _matching(
    session: Session,
    corpus: Corpus,
    words: tuple[str, ...],
    scope_id: int | None,
    after: int | None,
) -> tuple[Select[int], ColumnElement[int]]:
    """Return the query of all keys that match, exactly, and its key column."""
    if _is_sqlite(session):
        key: ColumnElement[int] = gram_table.c.rowid
        matched = gram_table.c[GRAM_TABLE].op("MATCH")(match(words))
        found = select(key).where(matched, _within(key, corpus, scope_id, after))
        return found, key
    wanted = literal(grams(words), postgresql.ARRAY(BigInteger))
    held = type_coerce(func.search_grams(SearchEntry.form), postgresql.ARRAY(BigInteger))
    column = SearchEntry.__table__.c.key
    found = select(column).where(held.contains(wanted), _within(column, corpus, scope_id, after))
    if not is_exact(words):
        found = found.where(*_holds(SearchEntry.form, words))
    return found, column


def _apart(
    session: Session, found: Select[int], key: ColumnElement[int]
) -> tuple[Select[int], ColumnElement[int]]:
    """Keep PostgreSQL's planner from walking rows in order and asking each for its grams."""
    if _is_sqlite(session):
        return found, key
    hits = found.cte("hits").prefix_with("MATERIALIZED")
    return select(hits.c.key), hits.c.key


def _holds(form: Any, words: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [func.strpos(form, word) > 0 for word in words]


def _within(
    key: Any, corpus: Corpus, scope_id: int | None, after: int | None
) -> ColumnElement[bool]:
    """The keys of a corpus (or of one scope of it) below ``after``."""
    if scope_id is None:
        low, high = key_range(corpus)
    else:
        scope_id = min(max(scope_id, 0), _LARGEST_SCOPE)
        low = entry_key(corpus, scope_id, 0)
        high = entry_key(corpus, scope_id, _LARGEST_ROW)
    if after is not None:
        high = max(min(high, after - 1), low - 1)
    return and_(key >= _written(low), key <= _written(high))


def _written(key: int) -> ColumnElement[int]:
    """A key written into the statement; words stay parameters, for errors name statements.

    As a parameter it would be unknown to the plan that PostgreSQL keeps after some calls, and
    that plan walks every key of the range to count three rows.
    """
    return bindparam(None, key, BigInteger, unique=True, literal_execute=True)


def _first_key(corpus: Corpus) -> int:
    return corpus.value << (_SCOPE_BITS + _ROW_BITS)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
