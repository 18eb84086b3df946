"""What the pages of answers share: whether they may be written now, and their history."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.audit.changes import Change, changes_of
from participation.audit.labels import action_words
from participation.audit.queries import AuditFilter, find_events
from participation.campaigns.models import Campaign
from participation.campaigns.services.answer_rules import refusal
from participation.core.actors import Actor
from participation.policy import Permission, reaches

_HISTORY = 100


@dataclass(frozen=True)
class Writing:
    """Whether the actor may write answers now, and why not where only the time is wrong."""

    allowed: bool
    closed_reason: str


@dataclass(frozen=True)
class Step:
    """One event of a history, in words."""

    when: datetime
    who: str
    what: str
    reason: str
    changes: list[Change]


def writing(session: Session, campaign: Campaign, actor: Actor) -> Writing:
    """Return whether ``actor`` may change the answers of ``campaign`` now."""
    if not reaches(actor, Permission.ANSWER_WRITE, campaign.department_id):
        return Writing(allowed=False, closed_reason="")
    reason = refusal(campaign, session)
    return Writing(allowed=reason is None, closed_reason=reason or "")


def history_of(session: Session, subject: str) -> list[Step]:
    """Return what happened to ``subject``, newest first, from the audit log."""
    return [
        Step(
            event.occurred_at,
            event.actor_name,
            "：".join(_(word) for word in action_words(event.action)),
            event.reason,
            changes_of(event, _),
        )
        for event in find_events(session, AuditFilter(subject=subject), limit=_HISTORY)
    ]
