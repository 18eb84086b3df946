"""Finding: pages by keyset and exact counts, on each engine in its own way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    func,
    literal,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from participation.db.search.keys import Corpus, key_range, one_scope, row_in, scope_in
from participation.db.search.segments import is_sqlite
from participation.db.search.tables import GRAM_TABLE, SearchEntry, gram_table
from participation.db.search.words import facet_word, grams, is_exact, match, words_of

# PostgreSQL: a page of a frequent word is full long before so many entries are looked at.
_WINDOW = 1_500

# Adds joins and conditions of the caller to a query of keys; gets the query and its key column.
Refine: TypeAlias = Callable[[Select[int], ColumnElement[int]], Select[int]]

# The plain counts, in so many words: to put a query together takes longer than most counts do.
# BETWEEN, since each row that FTS5 hands over is compared once more, and a range of two conditions
# asks it for its rowid twice.
_COUNT_SQLITE = text(
    f"SELECT count(*) FROM {GRAM_TABLE}"  # noqa: S608 -- a name of ours
    f" WHERE {GRAM_TABLE} MATCH :words AND rowid BETWEEN :low AND :high"
)
_COUNT_POSTGRESQL = (
    f"SELECT count(*) FROM {SearchEntry.__tablename__}"  # noqa: S608 -- a name of ours
    " WHERE search_grams(form) @> %(grams)s::bigint[] AND key BETWEEN {low} AND {high}"
)


@dataclass(frozen=True)
class Hit:
    """A row that was found."""

    key: int  # where the next page goes on (``after``)

    @property
    def row_id(self) -> int:
        """The row in the corpus."""
        return row_in(self.key)

    @property
    def scope_id(self) -> int:
        """The scope that it lies in."""
        return scope_in(self.key)


def find(
    session: Session,
    corpus: Corpus,
    query: str,
    *,
    limit: int,
    scope_id: int | None = None,
    scopes: range | None = None,
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
        scopes: only these, where no single one is asked for.
        after: the ``key`` of the last hit of the page before.
        facets: only rows that have all of these.
        refine: further conditions.

    """
    words = _asked(query, facets)
    if not words:
        return []
    low, high = key_range(corpus, scopes if scope_id is None else one_scope(scope_id))
    if after is not None:
        high = max(min(high, after - 1), low - 1)
    if not is_sqlite(session):
        recent = (
            select(SearchEntry.key, SearchEntry.form)
            .where(_between(SearchEntry.key, low, high))
            .order_by(SearchEntry.key.desc())
            .limit(_WINDOW)
            .subquery()
        )
        first = select(recent.c.key).where(*_holds(recent.c.form, words))
        page = _page(session, first, recent.c.key, refine, limit)
        if len(page) == limit:
            return page
    found, key = _apart(session, *_matching(session, words, low, high))
    return _page(session, found, key, refine, limit)


def count(
    session: Session,
    corpus: Corpus,
    query: str,
    *,
    scope_id: int | None = None,
    scopes: range | None = None,
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
        scopes: only these, where no single one is asked for.
        facets: only rows that have all of these.
        refine: further conditions.
        at_most: stop there; a refined count looks at every row that it counts.

    """
    words = _asked(query, facets)
    if not words:
        return 0
    low, high = key_range(corpus, scopes if scope_id is None else one_scope(scope_id))
    if refine is None and at_most is None:
        return _count_all(session, words, low, high)
    found, key = _apart(session, *_matching(session, words, low, high))
    if refine is not None:
        found = refine(found, key)
    if at_most is not None:
        found = found.limit(at_most)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _count_all(session: Session, words: tuple[str, ...], low: int, high: int) -> int:
    """Count what ``_matching`` finds."""
    if is_sqlite(session):
        asked = {"words": match(words), "low": low, "high": high}
        return session.scalar(_COUNT_SQLITE, asked) or 0
    given: dict[str, Any] = {"grams": grams(words)}
    # Keys are written in, for the reason of ``_written``; words never are.
    statement = _COUNT_POSTGRESQL.format(low=low, high=high)
    if not is_exact(words):
        for number, word in enumerate(words):
            statement += f" AND strpos(form, %(word{number})s) > 0"
            given[f"word{number}"] = word
    return int(session.connection().exec_driver_sql(statement, given).scalar_one())


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
    session: Session, words: tuple[str, ...], low: int, high: int
) -> tuple[Select[int], ColumnElement[int]]:
    """Return the query of all keys that match, exactly, and its key column."""
    if is_sqlite(session):
        key: ColumnElement[int] = gram_table.c.rowid
        matched = gram_table.c[GRAM_TABLE].op("MATCH")(match(words))
        found = select(key).where(matched, _between(key, low, high))
        return found, key
    wanted = literal(grams(words), postgresql.ARRAY(BigInteger))
    held = type_coerce(func.search_grams(SearchEntry.form), postgresql.ARRAY(BigInteger))
    column = SearchEntry.__table__.c.key
    found = select(column).where(held.contains(wanted), _between(column, low, high))
    if not is_exact(words):
        found = found.where(*_holds(SearchEntry.form, words))
    return found, column


def _apart(
    session: Session, found: Select[int], key: ColumnElement[int]
) -> tuple[Select[int], ColumnElement[int]]:
    """Keep PostgreSQL's planner from walking rows in order and asking each for its grams."""
    if is_sqlite(session):
        return found, key
    hits = found.cte("hits").prefix_with("MATERIALIZED")
    return select(hits.c.key), hits.c.key


def _holds(form: Any, words: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [func.strpos(form, word) > 0 for word in words]


def _between(key: Any, low: int, high: int) -> ColumnElement[bool]:
    return key.between(_written(low), _written(high))  # type: ignore[no-any-return]


def _written(key: int) -> ColumnElement[int]:
    """A key written into the statement; words stay parameters, for errors name statements.

    As a parameter it would be unknown to the plan that PostgreSQL keeps after some calls, and
    that plan walks every key of the range to count three rows.
    """
    return bindparam(None, key, BigInteger, unique=True, literal_execute=True)
