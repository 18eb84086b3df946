"""The tables of the search, and the structures of each engine that SQLAlchemy has no words for.

SQLite: an FTS5 table without content; its positions make every answer exact. PostgreSQL: a GIN
index over the characters, bigrams and trigrams of the text's search form; the form stands beside,
for comparing longer words.
"""

from sqlalchemy import DDL, BigInteger, Column, MetaData, Table, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from participation.db.base import Base

GRAM_TABLE = "search_gram"
GRAM_INDEX = "ix_search_entry_grams"

CREATE_GRAM_TABLE = """CREATE VIRTUAL TABLE search_gram USING fts5(
grams, content='', contentless_delete=1, detail=full, tokenize='ascii')"""

# ascii() is the code point. The cost keeps the planner from asking row by row; starting parallel
# workers takes longer than most counts.
CREATE_GRAM_FUNCTION = """CREATE OR REPLACE FUNCTION search_grams(form text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL RESTRICTED COST 500 AS $$
SELECT array_agg(a) || array_agg((a << 21) | b) FILTER (WHERE b IS NOT NULL)
|| array_agg(((a << 42) | (b << 21)) | c) FILTER (WHERE c IS NOT NULL)
FROM (SELECT code AS a, lead(code, 1) OVER (ORDER BY place) AS b,
lead(code, 2) OVER (ORDER BY place) AS c
FROM (SELECT ascii(letter)::bigint AS code, place
FROM unnest(string_to_array(form, NULL)) WITH ORDINALITY AS letters(letter, place)) AS codes)
AS grams $$"""

CREATE_GRAM_INDEX = (
    "CREATE INDEX ix_search_entry_grams ON search_entry USING gin (search_grams(form))"
)

# Gathering statistics of hundreds of grams a row takes minutes and plans no better.
NO_STATISTICS = "ALTER INDEX ix_search_entry_grams ALTER COLUMN 1 SET STATISTICS 0"


class SearchEntry(Base):
    """That a row of a corpus is indexed, and in which state."""

    __tablename__ = "search_entry"

    # Corpus, scope and row in one number (index.py), which is also the FTS table's rowid: a scope
    # is a range of keys, and the order of keys is the order of the list.
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stamp: Mapped[int] = mapped_column(BigInteger, default=0)  # version of the row as indexed
    # The search form, on PostgreSQL alone: SQLite's index needs no second look.
    form: Mapped[str | None] = mapped_column(Text)


# As SQLAlchemy may speak of the FTS table; in no metadata, since it is not made like a table.
gram_table = Table(
    GRAM_TABLE,
    MetaData(),
    Column("rowid", BigInteger, primary_key=True),
    Column("grams", Text),
    Column(GRAM_TABLE, Text),  # FTS5 is asked through a column of the table's own name
)

for _dialect, _moment, _words in (
    ("sqlite", "after_create", CREATE_GRAM_TABLE),
    ("postgresql", "before_create", CREATE_GRAM_FUNCTION),
    ("postgresql", "after_create", CREATE_GRAM_INDEX),
    ("postgresql", "after_create", NO_STATISTICS),
):
    # Percent signs would be taken for parameters; there are none.
    _ddl = DDL(_words)  # type: ignore[no-untyped-call]
    event.listen(SearchEntry.__table__, _moment, _ddl.execute_if(dialect=_dialect))


def is_of_the_models(name: str | None, kind: str, _parents: object = None) -> bool:
    """Whether Alembic shall compare this thing of the database with the models.

    The FTS table, the shadow tables that SQLite makes for it and the index over an expression are
    made by the words above instead.
    """
    if name is None:
        return True
    if kind == "table":
        return not name.startswith(GRAM_TABLE)
    return not (kind == "index" and name == GRAM_INDEX)
