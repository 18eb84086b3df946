"""Invented residents who register for the demo's events, by web and at the desk."""

import hashlib
import json
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from participation.core.actors import system_actor
from participation.core.errors import DomainError
from participation.submissions.models import Channel
from participation.workshops.demonstration.story import Days, Story
from participation.workshops.models import SeatKind
from participation.workshops.services.applying import NewApplication, Wish
from participation.workshops.services.registering import store_applications

# None of them exists; the addresses lead nowhere.
_FAMILY = (
    "青木",
    "石井",
    "上田",
    "大野",
    "加藤",
    "木村",
    "近藤",
    "斉藤",
    "清水",
    "高橋",
    "中村",
    "野口",
)
_GIVEN = ("一郎", "由美子", "健太", "さくら", "誠", "真理子", "ふみ", "大輔", "京子", "翔")
_CHILDREN = ("はると", "ひまり", "そうた", "ゆい")
_DESK_EVERY = 6  # one in so many telephones


def register_all(session: Session, days: Days, story: Story) -> None:
    """Register so many households as the file says, one after the other since it opened."""
    told, workshop = story.told.get("registered"), story.workshop
    if not told:
        return
    opened = min(pool.opens_at for pool in story.pools.values())
    closed = min(max(pool.closes_at for pool in story.pools.values()), days.now)
    count = int(told["households"])
    step = (closed - opened) / (count + 1)
    for number in range(count):
        at = opened + step * (number + 1)
        new = _application(story, number, at)
        stored = store_applications(
            session, [new], actor=system_actor("催しの受付"), now=at + timedelta(seconds=1)
        )[0]
        if isinstance(stored, DomainError):
            raise stored
        story.applications.append(stored.application_id)
    session.refresh(workshop)


def _application(story: Story, number: int, at: datetime) -> NewApplication:
    told, workshop = story.told["registered"], story.workshop
    party = told.get("parties", [1])[number % len(told.get("parties", [1]))]
    wishes = [
        Wish(pool.id, party)
        for position, day in enumerate([None, *story.days])
        for kind in _kinds(told, number)
        if (pool := story.pools.get((None if day is None else day.id, kind))) is not None
        # Who chooses days does not always choose all.
        and (day is None or (number + position) % 3 != 0 or len(story.days) == 1)
    ]
    sender = {
        "name": f"{_FAMILY[number % len(_FAMILY)]} {_GIVEN[(number * 7) % len(_GIVEN)]}",
        "phone": f"0463-00-{3000 + number}",
    }
    by_desk = number % _DESK_EVERY == _DESK_EVERY - 1
    if not by_desk:
        sender["email"] = f"demo{workshop.id}-{number}@example.jp"
    childcare = story.pools.get((None, SeatKind.CHILDCARE))
    if childcare is not None and number % told.get("child_every", 1000) == 1:
        wishes.append(Wish(childcare.id, 1))
        born = story.days[0].starts_at.date() - timedelta(days=365 * 2 + 11 * number)
        child = {"name": _CHILDREN[number % len(_CHILDREN)], "born": born.isoformat()}
        sender["children"] = json.dumps([child], ensure_ascii=False)
    if workshop.needs and number % 5 == 2:  # noqa: PLR2004
        sender["needs"] = str(workshop.needs[number % len(workshop.needs)])
    words = f"demo workshop {workshop.id} {number}"
    return NewApplication(
        workshop_id=workshop.id,
        channel=Channel.COUNTER if by_desk else Channel.WEB,
        received_at=at,
        wishes=tuple(wishes),
        party=party,
        sender=sender,
        idempotency_key=hashlib.sha256(words.encode()).hexdigest(),
        eligibility_id=workshop.eligibilities[number % len(workshop.eligibilities)].id
        if workshop.eligibilities
        else None,
        first_time=number % 2 == 0,
        typed_by=story.people.writer.staff_id if by_desk else None,
        mail_to=sender.get("email", ""),
        secret=None if by_desk else hashlib.sha256(f"{words} secret".encode()).hexdigest(),
    )


def _kinds(told: dict[str, int], number: int) -> tuple[SeatKind, ...]:
    every = told.get("online_every", 0)
    return (SeatKind.ONLINE,) if every and number % every == 0 else (SeatKind.VENUE,)
