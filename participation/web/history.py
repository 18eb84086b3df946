"""What happened to a thing, in the reader's words, from the audit log."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.audit.changes import Change, changes_of
from participation.audit.labels import action_words
from participation.audit.queries import AuditFilter, find_events

_MOST = 100


@dataclass(frozen=True)
class Happening:
    """One event of a history."""

    when: datetime
    who: str
    what: str
    reason: str
    changes: list[Change]


def history_of(session: Session, *subjects: str, with_changes: bool = False) -> list[Happening]:
    """Return what happened to a thing and to what belongs to it, newest first.

    Args:
        session: reads the log.
        subjects: each as the log names it, ``submission:12``.
        with_changes: whether old and new values are told too.

    """
    events = [
        event
        for subject in subjects
        for event in find_events(session, AuditFilter(subject=subject), limit=_MOST)
    ]
    events.sort(key=lambda event: event.id, reverse=True)
    return [
        Happening(
            event.occurred_at,
            event.actor_name,
            _("：").join(_(word) for word in action_words(event.action)),
            event.reason,
            changes_of(event, _) if with_changes else [],
        )
        for event in events[:_MOST]
    ]
