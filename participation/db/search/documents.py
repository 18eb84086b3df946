"""What everybody may find: one row for each public page or part of a page."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    String,
    Text,
    delete,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.db.base import Base, BigId
from participation.db.search.excerpts import Piece, excerpt, marked
from participation.db.search.finding import Refine, count, find
from participation.db.search.index import Entry, index, remove
from participation.db.search.keys import Corpus, entry_key, row_of
from participation.db.search.words import LARGEST_FACET, words_of

FIELD_BREAK = "\n\n"  # between the fields of a text: no word is found across
_KINDS = 128  # facets below are kinds, those above departments
_EPOCH = date(1970, 1, 1)
_EXCERPT = 160
_BATCH = 500


class DocumentKind(enum.IntEnum):
    """What a public page is. A number never changes: rows and the index hold it. Below 128."""

    CAMPAIGN = 1  # an announced campaign
    RESULT = 2  # what a campaign's result says
    WORKSHOP = 3
    EDITION = 4  # of the yearly report
    OUTCOME = 5  # what came of a workshop


class PublicDocument(Base):
    """A public text with what a list of results shows of it; its feature knows the address."""

    __tablename__ = "public_document"
    __table_args__ = (Index("uq_public_document_place", "reference", "place", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(60))  # campaign:12
    place: Mapped[str] = mapped_column(String(60), default="")  # within it; "" is the whole
    source: Mapped[str] = mapped_column(String(60), default="")  # version that it was made from
    scope_id: Mapped[int] = mapped_column(BigInteger)  # the reference's number
    kind: Mapped[int]  # DocumentKind
    department_id: Mapped[int]  # no foreign key: this layer knows no departments
    day: Mapped[date]
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class DocumentFilter:
    """Which public documents are searched; an empty value narrows nothing."""

    query: str
    kinds: tuple[DocumentKind, ...] = ()  # one is asked of the index; several walk what is found
    department_id: int | None = None  # asked of the index
    reference: str | None = None  # walks what is found
    # Of their days, both counted; days are scopes, so these are one range of keys.
    first_day: date | None = None
    last_day: date | None = None

    def facets(self) -> list[int]:
        """Return what the index is asked for beside the words."""
        return _facets(self.kinds[0] if len(self.kinds) == 1 else None, self.department_id)


@dataclass(frozen=True)
class FoundDocument:
    """A public text that was found."""

    key: int
    reference: str
    place: str
    kind: DocumentKind
    department_id: int
    day: date
    title: str
    marked_title: tuple[Piece, ...]
    pieces: tuple[Piece, ...]


def publish(session: Session, documents: Sequence[PublicDocument]) -> int:
    """Add public documents and let everybody find them; return how many.

    Their texts consist of fields with ``FIELD_BREAK`` between; the title is found only if it is
    one of them. What stood at the same place before is taken away first (``withdraw``).
    """
    session.add_all(documents)
    session.flush()
    return index(
        session,
        Corpus.PUBLIC,
        (
            Entry(
                _days(one.day),
                one.id,
                one.text.split(FIELD_BREAK),
                facets=_facets(one.kind, one.department_id),
            )
            for one in documents
        ),
    )


def withdraw(session: Session, reference: str, *conditions: ColumnElement[bool]) -> None:
    """Let nobody find the documents of ``reference`` any more (those that fulfil conditions)."""
    rows = session.execute(
        select(PublicDocument.id, PublicDocument.day).where(
            PublicDocument.reference == reference, *conditions
        )
    ).all()
    remove(session, [entry_key(Corpus.PUBLIC, _days(day), row_id) for row_id, day in rows])
    for start in range(0, len(rows), _BATCH):
        ids = [row_id for row_id, _ in rows[start : start + _BATCH]]
        session.execute(
            delete(PublicDocument)
            .where(PublicDocument.id.in_(ids))
            .execution_options(synchronize_session=False)
        )


def title_of(session: Session, reference: str) -> str | None:
    """Return what the public page of a thing is called; None where nothing of it is public."""
    return session.scalar(
        select(PublicDocument.title)
        .where(PublicDocument.reference == reference)
        .order_by(PublicDocument.place)
        .limit(1)
    )


def first_and_last_day(session: Session) -> tuple[date, date] | None:
    """Return the days that public documents lie between; None without any."""
    first, last = session.execute(
        select(func.min(PublicDocument.day), func.max(PublicDocument.day))
    ).one()
    return None if first is None else (first, last)


def find_documents(
    session: Session, wanted: DocumentFilter, *, limit: int, after: int | None = None
) -> list[FoundDocument]:
    """Return the public documents in which all words stand, the newest day first.

    Args:
        session: any session.
        wanted: the query and its filters.
        limit: how many at most.
        after: the ``key`` of the last one of the page before.

    """
    hits = find(
        session,
        Corpus.PUBLIC,
        wanted.query,
        limit=limit,
        after=after,
        scopes=_scopes(wanted),
        facets=wanted.facets(),
        refine=_refine(wanted),
    )
    rows = {row.id: row for row in _rows(session, [hit.row_id for hit in hits])}
    words = words_of(wanted.query)
    return [
        FoundDocument(
            key=hit.key,
            reference=row.reference,
            place=row.place,
            kind=DocumentKind(row.kind),
            department_id=row.department_id,
            day=row.day,
            title=row.title,
            marked_title=tuple(marked(row.title, words)),
            pieces=tuple(excerpt(_beside_title(row), words, length=_EXCERPT)),
        )
        for hit in hits
        if (row := rows.get(hit.row_id)) is not None
    ]


def count_documents(session: Session, wanted: DocumentFilter) -> int:
    """Return exactly how many public documents match."""
    return count(
        session,
        Corpus.PUBLIC,
        wanted.query,
        scopes=_scopes(wanted),
        facets=wanted.facets(),
        refine=_refine(wanted),
    )


def _beside_title(row: PublicDocument) -> str:
    """Return the text without the field that the title above it already shows."""
    first, _, rest = row.text.partition(FIELD_BREAK)
    return rest if rest and first and row.title.endswith(first) else row.text


def _rows(session: Session, ids: list[int]) -> Iterable[PublicDocument]:
    return session.scalars(select(PublicDocument).where(PublicDocument.id.in_(ids)))


def _refine(wanted: DocumentFilter) -> Refine | None:
    conditions: list[ColumnElement[bool]] = []
    if len(wanted.kinds) > 1:
        conditions.append(PublicDocument.kind.in_(wanted.kinds))
    if wanted.reference is not None:
        conditions.append(PublicDocument.reference == wanted.reference)
    if not conditions:
        return None
    return lambda found, key: found.join(PublicDocument, PublicDocument.id == row_of(key)).where(
        *conditions
    )


def _scopes(wanted: DocumentFilter) -> range | None:
    if wanted.first_day is None and wanted.last_day is None:
        return None
    first, last = wanted.first_day or _EPOCH, wanted.last_day or date.max
    return range(_days(first), _days(last) + 1)


def _facets(kind: int | None, department_id: int | None) -> list[int]:
    facets = [] if kind is None else [kind]
    if department_id is not None:
        # No department has a number so large; one that is asked for is simply not there.
        facets.append(min(_KINDS + department_id, LARGEST_FACET))
    return facets


def _days(day: date) -> int:
    """The scope of a document: the order of keys, and so of the list, is that of days."""
    return max((day - _EPOCH).days, 0)
