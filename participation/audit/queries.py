"""Reading the audit log, newest first."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core.clock import TOKYO


@dataclass(frozen=True)
class AuditFilter:
    """What the viewer asks for; an empty value asks for everything."""

    actor: str = ""  # a part of the name, or the number of the person
    action: str = ""  # the beginning of the tag: reports.entry
    subject: str = ""  # entry:12, or entry for all of them
    department_id: int | None = None
    first_day: date | None = None  # in Japan, both included
    last_day: date | None = None


def find_events(
    session: Session, wanted: AuditFilter, *, limit: int, before: int | None = None
) -> list[AuditEvent]:
    """Return events, newest first.

    Args:
        session: any session.
        wanted: the filter.
        limit: how many at most.
        before: only events with a smaller id: the next page.

    """
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEvent.id < before)
    if wanted.actor:
        by_name = AuditEvent.actor_name.contains(wanted.actor, autoescape=True)
        number = _number(wanted.actor)
        query = query.where(
            by_name if number is None else or_(by_name, AuditEvent.actor_id == number)
        )
    if wanted.action:
        query = query.where(AuditEvent.action.startswith(wanted.action, autoescape=True))
    if wanted.subject:
        exact = ":" in wanted.subject
        query = query.where(
            AuditEvent.subject == wanted.subject
            if exact
            else AuditEvent.subject.startswith(f"{wanted.subject}:", autoescape=True)
        )
    if wanted.department_id is not None:
        query = query.where(AuditEvent.department_id == wanted.department_id)
    # The first and the last day that a date can name have no midnight before or after them.
    if wanted.first_day is not None and wanted.first_day > date.min:
        query = query.where(AuditEvent.occurred_at >= _midnight(wanted.first_day))
    if wanted.last_day is not None and wanted.last_day < date.max:
        query = query.where(AuditEvent.occurred_at < _midnight(wanted.last_day + timedelta(days=1)))
    return list(session.scalars(query))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, TOKYO)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004
