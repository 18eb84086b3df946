"""Reading editions: the lists, the frozen words of one, and the little that every page asks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from participation.city.models import City
from participation.core.errors import NotFound
from participation.db.first_row import first_row
from participation.files import frozen
from participation.files.models import StoredFile
from participation.reports.contents import Contents, Filter, narrowed
from participation.reports.models import Edition, EditionFile, EditionPart, EditionState, EntryKind
from participation.reports.queries.entries import Column
from participation.reports.snapshot import ItemRow, SectionNode, Snapshot

_MISSING = "お探しの版は見つかりませんでした。報告書の一覧からお選びください。"


@dataclass(frozen=True)
class PublishedFacts:
    """What a page of a published edition depends on besides the reader's own choices."""

    edition_id: int
    fiscal_year: int
    number: int
    snapshot_sha256: str
    latest_number: int
    city_updated_at: object  # as the driver gives it; only ever compared


_latest = aliased(Edition)
_FACTS = (
    select(
        Edition.id,
        Edition.fiscal_year,
        Edition.number,
        Edition.snapshot_sha256,
        select(func.max(_latest.number))
        .where(_latest.fiscal_year == Edition.fiscal_year, _latest.state == EditionState.PUBLISHED)
        .scalar_subquery(),
        select(City.updated_at).limit(1).scalar_subquery(),
    )
    .where(
        Edition.state == EditionState.PUBLISHED,
        Edition.fiscal_year == bindparam("year", 0),
        # Of all of them the latest is taken.
        or_(bindparam("every", 0) == 1, Edition.number == bindparam("number", 0)),
    )
    .order_by(Edition.number.desc())
    .limit(1)
)


def published_facts(engine: Engine, fiscal_year: int, number: int | None) -> PublishedFacts:
    """Return what a page of this edition (the latest if ``number`` is None) depends on.

    Asked before every page of a report, most of which come from memory then.

    Raises:
        NotFound: nothing of that year and number has been published.

    """
    wanted = {"year": fiscal_year, "number": number or 0, "every": int(number is None)}
    row = first_row(engine, _FACTS, wanted)
    if row is None:
        raise NotFound(_MISSING)
    return PublishedFacts(*row)


def published_editions(session: Session) -> list[Edition]:
    """Return all published editions, the newest year first, in a year the latest edition first."""
    return list(
        session.scalars(
            select(Edition)
            .where(Edition.state == EditionState.PUBLISHED)
            .order_by(Edition.fiscal_year.desc(), Edition.number.desc())
        )
    )


def latest_published(session: Session, fiscal_year: int | None = None) -> Edition | None:
    """Return the latest published edition of a year, or of the newest year there is."""
    return session.scalars(
        select(Edition)
        .where(
            Edition.state == EditionState.PUBLISHED,
            true() if fiscal_year is None else Edition.fiscal_year == fiscal_year,
        )
        .order_by(Edition.fiscal_year.desc(), Edition.number.desc())
        .limit(1)
    ).first()


def latest_publications(session: Session, limit: int) -> list[Edition]:
    """Return the latest published edition of each year, what was published last in front."""
    later = aliased(Edition)
    corrected = exists().where(
        later.fiscal_year == Edition.fiscal_year,
        later.state == EditionState.PUBLISHED,
        later.number > Edition.number,
    )
    return list(
        session.scalars(
            select(Edition)
            .where(Edition.state == EditionState.PUBLISHED, ~corrected)
            .order_by(Edition.published_at.desc(), Edition.fiscal_year.desc())
            .limit(limit)
        )
    )


def all_editions(session: Session) -> list[Edition]:
    """Return every edition but those given up, newest year first."""
    return list(
        session.scalars(
            select(Edition)
            .where(Edition.state != EditionState.DISCARDED)
            .order_by(Edition.fiscal_year.desc(), Edition.number.desc())
        )
    )


def get_edition(session: Session, edition_id: int) -> Edition:
    """Return one edition in whatever state.

    Raises:
        NotFound: there is none of this id.

    """
    edition = session.get(Edition, edition_id)
    if edition is None:
        raise NotFound(_MISSING)
    return edition


def editions_of(session: Session, fiscal_year: int) -> list[Edition]:
    """Return all editions of a year, those given up too, by number."""
    return list(
        session.scalars(
            select(Edition).where(Edition.fiscal_year == fiscal_year).order_by(Edition.number)
        )
    )


def columns_of(edition: Edition) -> list[Column]:
    """Return the edition's columns as pairs of kind and year."""
    return [(EntryKind(kind), int(year)) for kind, year in edition.columns]


def frozen_frame(session: Session, edition_id: int) -> tuple[Snapshot, Contents]:
    """Return a built edition with its headings but without their items, and its contents.

    Raises:
        NotFound: nothing of this edition has been frozen.

    """
    plain = _part(session, edition_id, 0)
    return Snapshot.from_plain(plain["frame"]), Contents.from_plain(plain["contents"])


def frozen_rows(
    session: Session, edition_id: int, first: int, count: int = 1
) -> Iterator[tuple[ItemRow, ...]]:
    """Yield the rows of so many parts of a built edition; never more than one part is held."""
    for position in range(first, first + count):
        yield tuple(map(ItemRow.from_plain, _part(session, edition_id, position)))


def frozen_snapshot(session: Session, edition_id: int) -> Snapshot:
    """Return the whole of a built edition.

    Raises:
        NotFound: nothing of this edition has been frozen.

    """
    frame, contents = frozen_frame(session, edition_id)
    lines = iter(contents.lines)

    def filled(node: SectionNode) -> SectionNode:
        line = next(lines)  # they stand in the same order as the headings
        pieces = frozen_rows(session, edition_id, line.first_part, line.parts)
        return replace(
            node,
            items=narrowed(pieces, Filter()) if line.parts else (),
            children=tuple(map(filled, node.children)),
        )

    return replace(frame, sections=tuple(map(filled, frame.sections)))


def _part(session: Session, edition_id: int, position: int) -> Any:
    text = session.scalar(
        select(EditionPart.content).where(
            EditionPart.edition_id == edition_id, EditionPart.position == position
        )
    )
    if text is None:
        raise NotFound(_MISSING)
    return json.loads(text)


def downloads(session: Session, edition_id: int) -> dict[str, frozen.Download]:
    """Return the edition's files by format, in the order in which they are offered."""
    return frozen.downloads(session, EditionFile.edition_id, edition_id)


def stored_file(session: Session, edition_id: int, name: str) -> StoredFile:
    """Return the edition's file of one format.

    Raises:
        NotFound: it has none.

    """
    return frozen.stored_file(session, EditionFile.edition_id, edition_id, name)
