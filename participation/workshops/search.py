"""What everybody can find of workshops: the announced page, and what came of it."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.markdown import to_text
from participation.db import search
from participation.db.engine import writing
from participation.db.search import FIELD_BREAK, DocumentKind, PublicDocument
from participation.workshops.models import Workshop, WorkshopOutcome, WorkshopState

# Places among the public documents: a workshop's own page and its outcome.
ABOUT, OUTCOME = "", "outcome"
_FOUND = (WorkshopState.ANNOUNCED, WorkshopState.POSTPONED, WorkshopState.REPORTED)
_AT_ONCE = 100


def index_workshops(session: Session, now: datetime) -> int:
    """Let everybody find workshops as they are now; what was cancelled is found no more.

    A sweep: commits as it goes. What is missing or old is seen by comparing versions.

    Returns:
        How many things were indexed anew or taken away.

    """
    del now
    changed, gone = _differences(session)
    for start in range(0, len(changed), _AT_ONCE):
        with writing(session):
            for workshop_id in changed[start : start + _AT_ONCE]:
                _index(session, workshop_id)
        session.commit()
    if gone:
        with writing(session):
            for workshop_id in gone:
                search.withdraw(session, f"workshop:{workshop_id}")
        session.commit()
    if changed:
        search.settle(session)
        session.commit()
    return len(changed) + len(gone)


def _differences(session: Session) -> tuple[list[int], list[int]]:
    about = session.execute(
        select(PublicDocument.scope_id, PublicDocument.source).where(
            PublicDocument.place == ABOUT, PublicDocument.reference.like("workshop:%")
        )
    )
    known = {row.scope_id: row.source for row in about}
    rows = session.execute(
        select(Workshop.id, Workshop.version, WorkshopOutcome.version)
        .outerjoin(
            WorkshopOutcome,
            (WorkshopOutcome.workshop_id == Workshop.id)
            & WorkshopOutcome.published_at.is_not(None),
        )
        .where(Workshop.state.in_(_FOUND))
        .order_by(Workshop.id)
    ).all()
    changed = [
        workshop_id
        for workshop_id, version, outcome in rows
        if known.pop(workshop_id, None) != _source(version, outcome)
    ]
    return changed, sorted(known)


def _index(session: Session, workshop_id: int) -> None:
    workshop = session.get_one(Workshop, workshop_id, populate_existing=True)
    outcome = session.get(WorkshopOutcome, workshop_id, populate_existing=True)
    published = None if outcome is None else outcome.published
    if published is None:
        outcome = None
    search.withdraw(session, f"workshop:{workshop_id}")
    if workshop.state not in _FOUND:
        return
    source = _source(workshop.version, None if outcome is None else outcome.version)
    documents = [
        _document(
            workshop,
            DocumentKind.WORKSHOP,
            source,
            workshop.announced_on or clock.local_date(workshop.created_at),
            _page_texts(workshop),
        )
    ]
    if outcome is not None and published is not None and outcome.published_at is not None:
        # As it was published: what is being corrected is nobody's to find yet.
        texts = (workshop.title, to_text(published["said"]), to_text(published["became"]))
        day = clock.local_date(outcome.published_at)
        documents.append(_document(workshop, DocumentKind.OUTCOME, source, day, texts))
    search.publish(session, documents)


def _page_texts(workshop: Workshop) -> Iterable[str]:
    yield from (workshop.title, workshop.summary, to_text(workshop.description))
    yield from (workshop.plan_name, workshop.target, workshop.organiser, workshop.belongings)
    for day in workshop.days:
        yield from (day.heading, day.venue, day.address, day.note)


def _document(
    workshop: Workshop, kind: DocumentKind, source: str, day: date, texts: Iterable[str]
) -> PublicDocument:
    return PublicDocument(
        reference=f"workshop:{workshop.id}",
        place=OUTCOME if kind is DocumentKind.OUTCOME else ABOUT,
        source=source,
        scope_id=workshop.id,
        kind=kind,
        department_id=workshop.department_id,
        day=day,
        title=workshop.title,
        text=FIELD_BREAK.join(filter(None, texts)),
    )


def _source(version: int, outcome_version: int | None) -> str:
    return f"version:{version}:{outcome_version or 0}"
