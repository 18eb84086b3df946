"""What everybody can find of the yearly reports: the latest edition of each year, item by item."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import String, cast, exists, literal, select
from sqlalchemy.orm import Session, aliased

from participation.core import clock, fiscal_year
from participation.db import search
from participation.db.engine import writing
from participation.db.search import FIELD_BREAK, DocumentKind, PublicDocument
from participation.departments.queries import all_departments
from participation.reports.contents import Contents, ContentsLine
from participation.reports.models import Edition, EditionState
from participation.reports.queries import editions as queries
from participation.reports.snapshot import ItemRow

# Place of an item: this, its code, and which department's statements, by turns.
ITEM, TURN = "item ", " "
_LONGEST_PLACE = 60
_WHOLE_CITY = 0


def index_editions(session: Session, now: datetime) -> int:
    """Let everybody find what the latest edition of each year says; return how many documents.

    A sweep: one edition in each transaction, each found by what is missing.
    """
    del now
    done = 0
    while (edition := _unindexed(session)) is not None:
        edition_id = edition.id
        with writing(session):
            done += _index(session, session.get_one(Edition, edition_id))
        session.commit()
    if done:
        search.settle(session)
        session.commit()
    return done


def _unindexed(session: Session) -> Edition | None:
    later = aliased(Edition)
    source = literal("edition:").concat(cast(Edition.id, String))
    return session.scalars(
        select(Edition)
        .where(
            Edition.state == EditionState.PUBLISHED,
            ~exists().where(
                later.fiscal_year == Edition.fiscal_year,
                later.state == EditionState.PUBLISHED,
                later.number > Edition.number,
            ),
            ~exists().where(
                PublicDocument.reference
                == literal("edition:").concat(cast(Edition.fiscal_year, String)),
                PublicDocument.place == "",
                PublicDocument.source == source,
            ),
        )
        .order_by(Edition.id)
        .limit(1)
    ).first()


def _index(session: Session, edition: Edition) -> int:
    reference = f"edition:{edition.fiscal_year}"
    search.withdraw(session, reference)
    _frame, contents = queries.frozen_frame(session, edition.id)
    title = f"市民参加の進捗状況（{fiscal_year.label(edition.fiscal_year)}版）"
    day = clock.local_date(edition.published_at or edition.created_at)
    # By the names that departments had when their statements were written.
    departments = {
        period.name: one.id for one in all_departments(session) for period in one.periods
    }
    documents = [
        PublicDocument(
            reference=reference,
            place=place,
            source=f"edition:{edition.id}",
            scope_id=edition.fiscal_year,
            kind=DocumentKind.EDITION,
            department_id=departments.get(department, _WHOLE_CITY),
            day=day,
            title=f"{title}：{name}" if name else title,
            text=FIELD_BREAK.join(filter(None, texts)),
        )
        for place, name, department, texts in _places(session, edition, contents, title)
    ]
    return search.publish(session, documents)


def _places(
    session: Session, edition: Edition, contents: Contents, title: str
) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield each place with its name, the department that speaks there, and its words."""
    yield "", "", "", [title, *(line.heading for line in contents.lines)]
    seen: dict[str, int] = {}
    for line in contents.lines:
        for row in _rows(session, edition, line):
            for department, texts in _by_department(row).items():
                turn = seen[row.code] = seen.get(row.code, 0) + 1
                place = f"{ITEM}{row.code}{TURN}{turn}"
                if len(place) <= _LONGEST_PLACE:
                    yield place, row.name, department, texts


def _rows(session: Session, edition: Edition, line: ContentsLine) -> Iterator[ItemRow]:
    if line.parts:
        for piece in queries.frozen_rows(session, edition.id, line.first_part, line.parts):
            yield from piece


def _by_department(row: ItemRow) -> dict[str, list[str]]:
    """Return the words of an item for each department; of the city, where nobody reports."""
    found: dict[str, list[str]] = {}
    for cell in row.cells:
        for statement in cell:
            found.setdefault(statement.department, []).append(statement.text)
    if not found:
        found[""] = []
    first = next(iter(found))
    found[first] = [row.name, row.guideline_text, *found[first]]
    return found
