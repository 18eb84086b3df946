"""One campaign of the demo while it is told: its people, its days, what came of it so far."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, Opinion, OpinionGroup
from participation.core import clock
from participation.core.actors import Actor

OPENED_AT, HOUR = 9, timedelta(hours=1)


@dataclass(frozen=True)
class People:
    """Who acts for a department: its own people where it has some, else the system."""

    writer: Actor
    checker: Actor


@dataclass
class Story:
    """One campaign while it is told."""

    campaign: Campaign
    told: dict[str, Any]
    people: People
    opens_on: date
    submissions: list[int] = field(default_factory=list)  # ids, in the order of the file
    groups: dict[str, OpinionGroup] = field(default_factory=dict)
    sorted_into: dict[str, list[int]] = field(default_factory=dict)  # group key → opinion ids


class Days:
    """Days and hours as the file tells them: counted from today, in Japan."""

    def __init__(self, now: datetime) -> None:
        """Count from the day of ``now``."""
        self.now = now
        self.today = clock.local_date(now)

    def day(self, offset: int) -> date:
        """Return the day so many days from today."""
        return self.today + timedelta(days=offset)

    def at(self, offset: int, hour: int) -> datetime:
        """Return an hour of a day, never later than now."""
        midnight = datetime.combine(self.day(offset), datetime.min.time(), tzinfo=clock.TOKYO)
        return min(midnight + timedelta(hours=hour), self.now)

    @staticmethod
    def moment(story: Story, days: float) -> datetime:
        """Return the moment so many days after the campaign opened."""
        midnight = datetime.combine(story.opens_on, datetime.min.time(), tzinfo=clock.TOKYO)
        return midnight + timedelta(hours=OPENED_AT) + timedelta(days=days)


def opinions_of(session: Session, submission_id: int) -> list[Opinion]:
    """Return the opinions of a submission as they were sent, in their order."""
    return list(
        session.scalars(
            select(Opinion)
            .where(Opinion.submission_id == submission_id, Opinion.split_from_id.is_(None))
            .order_by(Opinion.number)
        )
    )
