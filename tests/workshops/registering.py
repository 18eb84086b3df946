"""Applications as the tests send them, and what must hold after every act."""

import secrets
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core import clock
from participation.submissions.models import Channel
from participation.workshops.models import Registration, SeatPool, Workshop
from participation.workshops.services.applying import NewApplication, Wish
from participation.workshops.services.seating import HOLDING


def new_application(
    workshop: Workshop, wishes: dict[SeatPool, int] | SeatPool, **more: Any
) -> NewApplication:
    """Return a form of somebody new, unless told."""
    if isinstance(wishes, SeatPool):
        wishes = {wishes: more.get("party", 1)}
    name = secrets.token_hex(4)
    values: dict[str, Any] = {
        "party": 1,
        "channel": Channel.WEB,
        "received_at": clock.now(),
        "sender": {"name": f"相模 {name}", "email": f"{name}@example.jp"},
        "idempotency_key": secrets.token_urlsafe(24),
        "eligibility_id": workshop.eligibilities[0].id if workshop.eligibilities else None,
        "secret": secrets.token_hex(16),
        **more,
    }
    return NewApplication(
        workshop_id=workshop.id,
        wishes=tuple(Wish(pool.id, seats) for pool, seats in wishes.items()),
        **values,
    )


def assert_seats_add_up(session: Session) -> None:
    """Every pool counts what is held in it, and never more than there is."""
    session.expire_all()
    held = dict(
        session.execute(
            select(Registration.pool_id, func.sum(Registration.seats))
            .where(Registration.status.in_(HOLDING))
            .group_by(Registration.pool_id)
        ).all()
    )
    for pool in session.scalars(select(SeatPool)):
        assert pool.taken == held.get(pool.id, 0)
        assert pool.capacity is None or pool.taken <= pool.capacity
