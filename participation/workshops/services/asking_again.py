"""Who registers once more: the one registered before hears of it, with the link (decision 0017)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.audit.models import AuditEvent
from participation.core.actors import Actor
from participation.workshops.models import Application, Registration, Workshop
from participation.workshops.services.seat_letters import send_asked_again
from participation.workshops.services.seating import STANDING

# However often the form is sent, one mail in this time.
_ONCE_IN = timedelta(hours=24)
_TOLD = "workshops.application.asked_again"


def tell_the_known(
    session: Session,
    workshop_id: int,
    person_key: str,
    pool_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Write to whoever has registered as this person for these seats; return how many mails.

    Args:
        session: the session of the act; the caller commits.
        workshop_id: which event.
        person_key: of the form that was refused (``persons.person_key``).
        pool_ids: what it asked for.
        actor: who sent it.
        now: when.

    """
    workshop = session.get_one(Workshop, workshop_id)
    known = session.scalars(
        select(Application)
        .where(
            Application.id.in_(
                select(Registration.application_id).where(
                    Registration.pool_id.in_(pool_ids),
                    Registration.person_key == person_key,
                    Registration.status.in_(STANDING),
                )
            )
        )
        .order_by(Application.id)
        .with_for_update(key_share=True)
    ).all()
    sent = 0
    for one in known:
        subject = f"application:{one.id}"
        told = session.scalar(
            select(AuditEvent.id)
            .where(
                AuditEvent.subject == subject,
                AuditEvent.action == _TOLD,
                AuditEvent.occurred_at > now - _ONCE_IN,
            )
            .limit(1)
        )
        if told is not None or not send_asked_again(session, workshop, one, now=now):
            continue
        audit.record(
            session,
            "workshops.application.asked_again",
            actor=actor,
            now=now,
            subject=subject,
            department_id=workshop.department_id,
        )
        sent += 1
    return sent
