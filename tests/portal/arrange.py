"""Things of which the front door tells, at moments that the tests choose."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from participation.campaigns.models import CampaignResult, CampaignState, ResultState
from participation.city import services
from participation.city.models import SubjectArea
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.fiscal_year import fiscal_year_of
from participation.departments.models import Department
from participation.workshops.models import (
    SeatKind,
    SeatMethod,
    SeatPool,
    Workshop,
    WorkshopDay,
    WorkshopOutcome,
    WorkshopState,
)
from tests.campaigns.arrange import make_campaign
from tests.workshops.arrange import make_workshop

ACTOR = system_actor("tests")


def load_city(session: Session) -> None:
    """A city with a name and a code."""
    services.update_city(
        session,
        name="例市",
        prefecture="例県",
        code="131016",
        contact=[("電話", "00-0000-0001")],
        seen=None,
        actor=ACTOR,
        now=clock.now(),
    )
    session.commit()


def about(session: Session, reference: str, *areas: str) -> None:
    """Say what a thing is about."""
    session.add_all(SubjectArea(reference=reference, area=area) for area in areas)
    session.flush()


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """The moment of ``hour`` o'clock of ``day`` in Japan."""
    return datetime(day.year, day.month, day.day, tzinfo=clock.TOKYO).astimezone(UTC) + timedelta(
        hours=hour, minutes=minute
    )


def decided_campaign(
    session: Session, department: Department, published_at: datetime, **more: Any
) -> Any:
    """A campaign with a published result."""
    day = clock.local_date(published_at) - timedelta(days=60)
    campaign = make_campaign(
        session, department, state=CampaignState.PUBLISHED, opens_on=day, **more
    )
    session.flush()
    session.add(
        CampaignResult(
            campaign_id=campaign.id,
            number=1,
            state=ResultState.PUBLISHED,
            published_at=published_at,
            created_at=published_at,
        )
    )
    session.flush()
    return campaign


def reported_workshop(session: Session, department: Department, published_at: datetime) -> Workshop:
    """A workshop whose outcome is published."""
    workshop = make_workshop(
        session,
        department,
        state=WorkshopState.REPORTED,
        starts_at=published_at - timedelta(days=20),
    )
    session.add(
        WorkshopOutcome(workshop_id=workshop.id, published_at=published_at, updated_at=published_at)
    )
    session.flush()
    return workshop


def many_things(session: Session, department: Department, events: int, around: datetime) -> None:
    """So many workshops in the two years around a moment, and a hundredth of campaigns.

    Written in wide statements with numbers of their own; nothing else may be added afterwards
    that numbers itself.
    """
    begin = session.scalar(select(func.coalesce(func.max(Workshop.id), 0))) or 0
    numbers = range(begin + 1, begin + 1 + events)
    starts = {
        number: around + timedelta(days=(number * 37) % 730 - 365, hours=number % 8)
        for number in numbers
    }
    # Of everything there is one today, so that no list is empty.
    starts[numbers[0]], starts[numbers[1]] = around, around + timedelta(days=5)
    today = clock.local_date(around)
    rows: dict[Any, list[dict[str, Any]]] = {
        Workshop: [
            {
                "id": number,
                "department_id": department.id,
                "kind": ("town_meeting", "briefing", "workshop")[number % 3],
                "title": f"これからのまちを考える会（その{number}）",
                "summary": "地図を囲んで、公園や道の使い方を話し合います。",
                "state": WorkshopState.ANNOUNCED,
                "announced_on": clock.local_date(around - timedelta(days=400)),
                "fiscal_year": fiscal_year_of(clock.local_date(starts[number])),
                "first_day": clock.local_date(starts[number]),
                "last_day": clock.local_date(starts[number]),
                "created_at": around,
                "updated_at": around,
            }
            for number in numbers
        ],
        WorkshopDay: [
            {
                "id": number,
                "workshop_id": number,
                "starts_at": starts[number],
                "ends_at": starts[number] + timedelta(hours=2),
                "venue": "市役所 全員協議会室",
                "address": "例市中央1-1",
            }
            for number in numbers
        ],
        SeatPool: [
            {
                "id": number,
                "workshop_id": number,
                "kind": SeatKind.VENUE,
                "method": SeatMethod.FIRST_COME,
                "capacity": 30,
                "opens_at": starts[number] - timedelta(days=40),
                "closes_at": starts[number] - timedelta(days=5),
            }
            for number in numbers
        ],
        SubjectArea: [
            {"reference": f"workshop:{number}", "area": ("防災・防犯", "環境・ごみ")[number % 2]}
            for number in numbers
        ],
    }
    for table, values in rows.items():
        session.execute(insert(table), values)
    for number in numbers[::100]:
        make_campaign(session, department, opens_on=clock.local_date(starts[number]))
    make_campaign(session, department, closes_on=today)
    make_campaign(session, department, opens_on=today)
    session.commit()
