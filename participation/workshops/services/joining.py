"""How to join a day online: kept encrypted, told to who has a seat online and to nobody else.

It stands on the page behind each one's own link and in the reminder. The letter that says that it
is there or has changed does not have it: a letter's words are read by more people, and stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.privacy.crypto import keyring
from participation.workshops.models import (
    Application,
    LetterKind,
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatPool,
    SignUp,
    Workshop,
    WorkshopDay,
    WorkshopState,
)
from participation.workshops.queries.letters import reach_of
from participation.workshops.services.letters import write_letter
from participation.workshops.services.telling import subject_of

_COLUMN = "online_access"
_TOLD = (RegistrationStatus.CONFIRMED,)


@dataclass(frozen=True)
class WayToJoin:
    """A day that somebody joins online, and how; the words are empty until they are known."""

    day: WorkshopDay
    words: str


def online_access(session: Session, day: WorkshopDay) -> str:
    """Return how to join a day online, for staff and for who holds a seat."""
    if not day.online_access:
        return ""
    return keyring(session).decrypt(
        day.online_access, table=WorkshopDay.__tablename__, column=_COLUMN, row=str(day.id)
    )


def put_online_access(session: Session, day: WorkshopDay, words: str) -> None:
    """Keep how to join a day; the ciphertext is bound to the row, which has its number by now."""
    day.online_access = (
        keyring(session).encrypt(
            words, table=WorkshopDay.__tablename__, column=_COLUMN, row=str(day.id)
        )
        if words
        else None
    )
    session.flush()


def ways_to_join(
    session: Session, workshop: Workshop, application: Application, now: datetime
) -> Sequence[WayToJoin]:
    """Return how an application joins each day for which it has a seat online, until it is over.

    Args:
        session: any session.
        workshop: of the application.
        application: whose; the caller knows it by its own link or secret.
        now: when.

    """
    if workshop.state in {WorkshopState.CANCELLED, WorkshopState.POSTPONED}:
        return ()
    seats = session.scalars(
        select(SeatPool.day_id)
        .join(Registration, Registration.pool_id == SeatPool.id)
        .where(
            Registration.application_id == application.id,
            Registration.status.in_(_TOLD),
            SeatPool.kind == SeatKind.ONLINE,
        )
    ).all()
    return [
        WayToJoin(day, online_access(session, day).strip())
        for day in workshop.days
        if (None in seats or day.id in seats)
        and day.online
        and not day.stop_reason
        and now < day.ends_at
    ]


def tell_how_to_join(
    session: Session, workshop: Workshop, day: WorkshopDay, *, actor: Actor, now: datetime
) -> None:
    """Write to who has a seat online on ``day`` that the way to join is there, or is another."""
    day_id = day.id if workshop.sign_up is SignUp.EACH_DAY else None
    reach = reach_of(session, workshop.id, day_id=day_id, statuses=_TOLD, online_only=True)
    if not (reach.applications and day.online) or day.ends_at <= now:
        return
    write_letter(
        session,
        workshop,
        LetterKind.CHANGED,
        subject=subject_of(workshop, "オンラインの参加方法のお知らせ"),
        body=(
            "オンラインの参加方法をお知らせします。\n\n"
            "このメールの終わりにあるページ（申込みの状態の確認）に載せました。"
            "前にお知らせした参加方法があるときは、新しいほうを使ってください。"
        ),
        day_id=day_id,
        statuses=_TOLD,
        online_only=True,
        actor=actor,
        now=now,
    )
