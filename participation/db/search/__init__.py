"""Full-text search in Japanese of any length: one scheme of bigrams on both engines.

See docs/decisions/0016-search-by-bigrams.md for how, why, and what it costs.
"""

from participation.db.search.documents import PublicDocument
from participation.db.search.excerpts import Piece, excerpt, marked
from participation.db.search.index import (
    Corpus,
    Entry,
    Hit,
    count,
    entry_key,
    find,
    index,
    key_of,
    key_range,
    remove,
    remove_corpus,
    row_of,
    scope_of,
    settle,
)
from participation.db.search.tables import SearchEntry, is_of_the_models
from participation.db.search.words import search_form, words_of

__all__ = [
    "Corpus",
    "Entry",
    "Hit",
    "Piece",
    "PublicDocument",
    "SearchEntry",
    "count",
    "entry_key",
    "excerpt",
    "find",
    "index",
    "is_of_the_models",
    "key_of",
    "key_range",
    "marked",
    "remove",
    "remove_corpus",
    "row_of",
    "scope_of",
    "search_form",
    "settle",
    "words_of",
]
