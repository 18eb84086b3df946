"""Letters to the registered: whom one is for, who has it already, and the list of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.workshops.models import (
    Application,
    LetterDelivery,
    Registration,
    RegistrationStatus,
    SeatKind,
    SeatPool,
    Workshop,
    WorkshopLetter,
)

_MOST = 200


@dataclass(frozen=True)
class LetterLine:
    """A letter with how many it reached so far."""

    letter: WorkshopLetter
    mailed: int
    unmailed: int  # to be called


@dataclass(frozen=True)
class Reach:
    """Whom a letter would go to: applications, and how many of them have an e-mail address."""

    applications: int
    with_mail: int


def for_whom(
    workshop_id: int,
    *,
    day_id: int | None,
    statuses: Collection[RegistrationStatus],
    online_only: bool = False,
) -> Select[int]:
    """Return the ids of the applications that a letter is for.

    Who has a registration of one of the statuses for that day, or for all days; childcare counts
    for nothing, since it never stands alone.

    Args:
        workshop_id: whose applications.
        day_id: only who wants to come on this day; None for everybody.
        statuses: what the registration is worth.
        online_only: only who has a seat online.

    """
    kind = SeatPool.kind
    registered = and_(
        Registration.application_id == Application.id,
        SeatPool.id == Registration.pool_id,
        kind == SeatKind.ONLINE if online_only else kind != SeatKind.CHILDCARE,
        Registration.status.in_(list(statuses)),
    )
    if day_id is not None:
        registered = and_(registered, (SeatPool.day_id.is_(None)) | (SeatPool.day_id == day_id))
    return select(Application.id).where(
        Application.workshop_id == workshop_id, exists().where(registered)
    )


def letter_applications(letter: WorkshopLetter) -> Select[int]:
    """Return the ids of the applications that a stored letter is for, as of now."""
    return for_whom(
        letter.workshop_id,
        day_id=letter.day_id,
        statuses=[RegistrationStatus(value) for value in letter.statuses],
        online_only=letter.online_only,
    )


def still_without(
    session: Session, letter: WorkshopLetter, *, until: int, limit: int
) -> Sequence[Application]:
    """Return applications that a letter has yet to be sent to, the oldest first.

    Args:
        session: any session.
        letter: which.
        until: the newest application when the letter was written; who came later knows already.
        limit: how many at most.

    """
    has_it = exists().where(
        LetterDelivery.letter_id == letter.id, LetterDelivery.application_id == Application.id
    )
    return session.scalars(
        select(Application)
        .where(Application.id.in_(letter_applications(letter)), Application.id <= until, ~has_it)
        .order_by(Application.id)
        .limit(limit)
    ).all()


def reach_of(
    session: Session,
    workshop_id: int,
    *,
    day_id: int | None,
    statuses: Collection[RegistrationStatus],
    online_only: bool = False,
) -> Reach:
    """Return how many a letter would go to."""
    wanted = for_whom(workshop_id, day_id=day_id, statuses=statuses, online_only=online_only)
    counts: dict[bool, int] = dict(
        session.execute(
            select(Application.has_mail, func.count())
            .where(Application.id.in_(wanted))
            .group_by(Application.has_mail)
        ).all()
    )
    return Reach(sum(counts.values()), counts.get(True, 0))


def newest_application(session: Session, workshop_id: int) -> int:
    """Return the largest id of a workshop's applications; 0 without any."""
    return (
        session.scalar(
            select(func.max(Application.id)).where(Application.workshop_id == workshop_id)
        )
        or 0
    )


def letters_of(session: Session, workshop_id: int) -> list[LetterLine]:
    """Return a workshop's letters with their counts, the newest first."""
    letters = session.scalars(
        select(WorkshopLetter)
        .where(WorkshopLetter.workshop_id == workshop_id)
        .order_by(WorkshopLetter.id.desc())
        .limit(_MOST)
    ).all()
    return _counted(session, letters)


def line_of(session: Session, letter: WorkshopLetter) -> LetterLine:
    """Return one letter with its counts."""
    return _counted(session, [letter])[0]


def _counted(session: Session, letters: Sequence[WorkshopLetter]) -> list[LetterLine]:
    counts: dict[tuple[int, bool], int] = {}
    for letter_id, mailed, count in session.execute(
        select(LetterDelivery.letter_id, LetterDelivery.mailed, func.count())
        .where(LetterDelivery.letter_id.in_([letter.id for letter in letters]))
        .group_by(LetterDelivery.letter_id, LetterDelivery.mailed)
    ):
        counts[letter_id, mailed] = count
    return [
        LetterLine(one, counts.get((one.id, True), 0), counts.get((one.id, False), 0))
        for one in letters
    ]


def get_letter(session: Session, workshop: Workshop, letter_id: int) -> WorkshopLetter:
    """Return a letter of ``workshop``.

    Raises:
        NotFound: it has none of this number.

    """
    found = session.get(WorkshopLetter, letter_id)
    if found is None or found.workshop_id != workshop.id:
        raise NotFound("お探しの連絡は見つかりませんでした。")
    return found


def to_be_called(session: Session, letter: WorkshopLetter) -> Sequence[Application]:
    """Return the applications that a letter could not be mailed to, the oldest first."""
    return session.scalars(
        select(Application)
        .join(LetterDelivery, LetterDelivery.application_id == Application.id)
        .where(LetterDelivery.letter_id == letter.id, LetterDelivery.mailed.is_(False))
        .order_by(Application.id)
    ).all()
