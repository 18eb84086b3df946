"""SQLite's index is a set of segments, each sorted; this makes them one again, a little at a time.

Every transaction that writes entries adds a segment, and FTS5 leaves up to a dozen of them: each
word is looked up in all, and each list of hits is merged anew by every query. One segment answers
in about two thirds of the time.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from participation.db.search.tables import GRAM_TABLE

# Of 4 kB; what one transaction rewrites, below a tenth of a second of SQLite's write lock.
_PAGES = 300
# All are made one when what lies beside the largest segment is at least this part of it: so an
# entry is rewritten a handful of times in its life, however slowly entries come.
_PART = 4

# A row of the table of data is a page, its number the segment's and its own (31 bits) below. The
# numbers of the segments are walked by the other table's key, never its rows.
_SIZES = text(f"""
WITH RECURSIVE segment(number) AS (
SELECT min(segid) FROM {GRAM_TABLE}_idx
UNION ALL SELECT (SELECT min(segid) FROM {GRAM_TABLE}_idx WHERE segid > number)
FROM segment WHERE number IS NOT NULL)
SELECT coalesce((SELECT max(id) - (SELECT min(id) FROM {GRAM_TABLE}_data
WHERE id BETWEEN number << 37 AND (number << 37) + 2147483647) + 1 FROM {GRAM_TABLE}_data
WHERE id BETWEEN number << 37 AND (number << 37) + 2147483647), 0)
FROM segment WHERE number IS NOT NULL""")  # noqa: S608 -- a name of ours
_MERGE = text(f"INSERT INTO {GRAM_TABLE}({GRAM_TABLE}, rank) VALUES('merge', :pages)")
_CHANGES = text("SELECT total_changes()")


def is_sqlite(session: Session) -> bool:
    """Whether this is SQLite, with its FTS5 table, and not PostgreSQL."""
    return session.get_bind().dialect.name == "sqlite"


def merge_a_little(session: Session) -> bool:
    """Merge segments of SQLite's index; return whether there is more to merge."""
    sizes = segment_sizes(session)
    largest = max(sizes, default=0)
    # A number below zero begins to merge all of them; one above goes on with what was begun.
    pages = -_PAGES if (sum(sizes) - largest) * _PART >= largest else _PAGES
    before = session.scalar(_CHANGES) or 0
    session.execute(_MERGE, {"pages": pages})
    # The command itself is one change; FTS5 says by further ones that it did anything.
    return (session.scalar(_CHANGES) or 0) - before > 1


def segment_sizes(session: Session) -> list[int]:
    """Return how many pages each segment of SQLite's index has."""
    return [int(size) for size in session.scalars(_SIZES)]
