"""A workshop that is ready to be announced, and what was told and written down of it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.audit.models import AuditEvent
from participation.core.actors import system_actor
from participation.departments.models import Department
from participation.news.models import NewsEvent, NewsItem
from participation.workshops.models import (
    SeatKind,
    SeatMethod,
    SignUp,
    Workshop,
)
from participation.workshops.services.days import DayTerms, add_days
from participation.workshops.services.pools import PoolTerms, add_pools
from participation.workshops.services.workshops import create_workshop

ACTOR = system_actor("tests")


NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


FIRST = datetime(2026, 12, 5, 5, 0, tzinfo=UTC)


HOURS = timedelta(hours=2)


def new(session: Session, department: Department, *, sign_up: SignUp = SignUp.WHOLE) -> Workshop:
    """A workshop of two days that is ready to be announced."""
    workshop = create_workshop(
        session,
        department=department,
        title="公園を考えるワークショップ",
        kind="workshop",
        sign_up=sign_up,
        year=2026,
        actor=ACTOR,
        now=NOW,
    )
    workshop.summary, workshop.phone = "公園のこれからを話し合います。", "00-0000-0000"
    session.flush()
    days = add_days(
        session,
        workshop,
        [
            DayTerms(
                FIRST + timedelta(days=7 * number),
                FIRST + timedelta(days=7 * number) + HOURS,
                venue="市役所",
            )
            for number in range(2)
        ],
        version=workshop.version,
        actor=ACTOR,
        now=NOW,
    )
    places = [None] if sign_up is SignUp.WHOLE else days if sign_up is SignUp.EACH_DAY else []
    if places:
        terms = PoolTerms(SeatMethod.FIRST_COME, 20, NOW, FIRST - timedelta(days=1))
        add_pools(
            session,
            workshop,
            SeatKind.VENUE,
            [(day, terms) for day in places],
            version=workshop.version,
            actor=ACTOR,
            now=NOW,
        )
    return workshop


def news_of(session: Session, workshop: Workshop) -> list[NewsEvent]:
    return list(
        session.scalars(
            select(NewsItem.event)
            .where(NewsItem.reference == f"workshop:{workshop.id}")
            .order_by(NewsItem.id)
        )
    )


def verbs_of(session: Session, workshop: Workshop) -> list[str]:
    events = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.subject == f"workshop:{workshop.id}")
        .order_by(AuditEvent.id)
    )
    return [action.rpartition(".")[2] for action in events]
