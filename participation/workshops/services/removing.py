"""Taking an event away that only staff have ever seen; the audit log keeps that it was there."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from participation.city.areas import set_areas
from participation.core.actors import Actor
from participation.core.errors import NotFound, StateConflict
from participation.files.services import erase
from participation.submissions.services.kept_prints import is_printing
from participation.workshops.models import (
    Attendance,
    Questionnaire,
    QuestionnaireAnswer,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopInvitation,
    WorkshopLetter,
    WorkshopOutcome,
    WorkshopPoster,
    WorkshopState,
)
from participation.workshops.services.attendee_sheets import erase_of
from participation.workshops.services.freezing import has_applications, hold_pools
from participation.workshops.services.state_machine import IS_GONE, check_version, record


def why_not(session: Session, workshop: Workshop) -> str:
    """Return why an event cannot be deleted, in words; empty when it can."""
    if workshop.state is not WorkshopState.PREPARING or workshop.announced_on is not None:
        return "公表した催しは消せません。開催しないときは、中止してください。"
    days = select(WorkshopDay.id).where(WorkshopDay.workshop_id == workshop.id)
    kept = (
        exists().where(WorkshopLetter.workshop_id == workshop.id),
        exists().where(QuestionnaireAnswer.workshop_id == workshop.id),
        exists().where(WorkshopOutcome.workshop_id == workshop.id),
        exists().where(Attendance.day_id.in_(days)),
    )
    if has_applications(session, workshop.id) or any(session.scalar(select(one)) for one in kept):
        return "申込みや連絡などの記録があるため、消せません。"
    poster = session.get(WorkshopPoster, workshop.id)
    if poster is not None and is_printing(session, poster):
        return "チラシを作成しています。少し待ってから、もう一度消してください。"
    return ""


def remove_workshop(
    session: Session, workshop: Workshop, *, version: int, actor: Actor, now: datetime
) -> None:
    """Delete an event in preparation with its days, seats and whatever else was prepared for it.

    Args:
        session: the session of the act.
        workshop: one that was never announced and that nobody has registered for.
        version: the version that was looked at.
        actor: who deletes it.
        now: when.

    Raises:
        NotFound: somebody else has just deleted it.
        StateConflict: it cannot be deleted, or was edited since it was looked at.

    """
    workshop_id = workshop.id
    hold_pools(session, workshop)
    # For itself, not shared as ``hold`` does: nobody may insert what refers to it.
    if session.get(Workshop, workshop_id, with_for_update=True, populate_existing=True) is None:
        raise NotFound(IS_GONE)
    session.expire(workshop, ["days"])
    check_version(workshop, version)
    if refusal := why_not(session, workshop):
        raise StateConflict(refusal)
    set_areas(
        session,
        f"workshop:{workshop_id}",
        (),
        department_id=workshop.department_id,
        actor=actor,
        now=now,
    )
    codes = session.execute(
        delete(WorkshopInvitation).where(WorkshopInvitation.workshop_id == workshop_id)
    )
    record(
        session,
        workshop,
        "deleted",
        actor=actor,
        now=now,
        before=_what_it_was(workshop, codes.rowcount),  # type: ignore[attr-defined]
    )
    erase_of(session, [workshop_id])
    _remove(session, session.scalars(select(SeatPool).where(SeatPool.workshop_id == workshop_id)))
    poster = session.get(WorkshopPoster, workshop_id)
    printed = None if poster is None else poster.file_id
    for one in (poster, session.get(Questionnaire, workshop_id)):
        if one is not None:
            session.delete(one)
    session.flush()
    if printed is not None:
        erase(session, printed)
    session.delete(workshop)
    session.flush()


def _remove(session: Session, rows: Iterable[SeatPool]) -> None:
    for row in rows:
        session.delete(row)
    session.flush()


def _what_it_was(workshop: Workshop, codes: int) -> dict[str, Any]:
    return {
        "title": workshop.title,
        "kind": workshop.kind,
        "fiscal_year": workshop.fiscal_year,
        "days": [day.starts_at for day in workshop.days],
        "codes": codes,
    }
