"""Writing entries: rows become findable by their texts, and are forgotten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, cast, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from participation.db.search.keys import (
    LARGEST_ROW,
    LARGEST_SCOPE,
    Corpus,
    entry_key,
    key_range,
)
from participation.db.search.segments import is_sqlite, merge_a_little
from participation.db.search.tables import GRAM_INDEX, SearchEntry, gram_table
from participation.db.search.words import FIELD_END, facet_word, search_form, tokens

_BATCH = 500


@dataclass(frozen=True)
class Entry:
    """A row to be found by its texts."""

    scope_id: int
    row_id: int
    fields: Sequence[str]  # a word is found within one of them, not across
    stamp: int = 0
    facets: Sequence[int] = ()  # what it is, to be asked for beside words; below LARGEST_FACET


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
    on_sqlite = is_sqlite(session)
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for entry in batch:
        if not (0 <= entry.scope_id <= LARGEST_SCOPE and 0 <= entry.row_id <= LARGEST_ROW):
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
        if is_sqlite(session):
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
    if is_sqlite(session):
        session.execute(delete(gram_table).where(gram_table.c.rowid.between(low, high)))


def settle(session: Session) -> bool:
    """Put the index in order after much was written, one short step; return whether more is to do.

    Whoever wrote much commits and calls again until there is nothing more; what is left waits for
    the next one. PostgreSQL gathers new entries unsorted, and sorts them in in one step.
    """
    if is_sqlite(session):
        return merge_a_little(session)
    session.execute(select(func.gin_clean_pending_list(cast(GRAM_INDEX, postgresql.REGCLASS))))
    return False
