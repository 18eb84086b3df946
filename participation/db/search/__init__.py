"""Full-text search in Japanese of any length: one scheme of bigrams on both engines.

See docs/decisions/0016-search-by-bigrams.md for how, why, and what it costs.
"""

from participation.db.search.documents import (
    FIELD_BREAK,
    DocumentFilter,
    DocumentKind,
    FoundDocument,
    PublicDocument,
    count_documents,
    find_documents,
    first_and_last_day,
    publish,
    title_of,
    withdraw,
)
from participation.db.search.excerpts import Piece, excerpt, marked
from participation.db.search.finding import Hit, count, find
from participation.db.search.index import Entry, index, remove, remove_corpus, settle
from participation.db.search.keys import (
    Corpus,
    entry_key,
    key_of,
    key_range,
    row_of,
    scope_of,
)
from participation.db.search.tables import SearchEntry, is_of_the_models
from participation.db.search.words import search_form, words_of

__all__ = [
    "FIELD_BREAK",
    "Corpus",
    "DocumentFilter",
    "DocumentKind",
    "Entry",
    "FoundDocument",
    "Hit",
    "Piece",
    "PublicDocument",
    "SearchEntry",
    "count",
    "count_documents",
    "entry_key",
    "excerpt",
    "find",
    "find_documents",
    "first_and_last_day",
    "index",
    "is_of_the_models",
    "key_of",
    "key_range",
    "marked",
    "publish",
    "remove",
    "remove_corpus",
    "row_of",
    "scope_of",
    "search_form",
    "settle",
    "title_of",
    "withdraw",
    "words_of",
]
