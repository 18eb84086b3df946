"""Draws for pages: which lotteries an event has, the record of one, its list line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.submissions.codes import typed
from participation.workshops.lottery import Entry
from participation.workshops.models import (
    DrawEntry,
    LotteryDraw,
    Registration,
    RegistrationStatus,
    SeatMethod,
    SeatPool,
    Workshop,
)

_AT_ONCE = 2_000


@dataclass(frozen=True)
class Lottery:
    """Seats that are drawn, and their draw once it was held."""

    pool: SeatPool
    draw: LotteryDraw | None
    applied: int  # registrations that stand before the draw
    seats: int  # that these ask for


@dataclass(frozen=True)
class DrawnLine:
    """One line of a draw's result."""

    entry: DrawEntry
    waiting: int  # place on the waitlist of those who did not win, from 1; 0 for who won


def lotteries_of(session: Session, workshop_id: int) -> Sequence[Lottery]:
    """Return the lotteries of an event, by day."""
    counted = (
        select(
            Registration.pool_id,
            func.count().label("applied"),
            func.sum(Registration.seats).label("seats"),
        )
        .where(Registration.status == RegistrationStatus.APPLIED)
        .group_by(Registration.pool_id)
        .subquery()
    )
    rows = session.execute(
        select(SeatPool, LotteryDraw, counted.c.applied, counted.c.seats)
        .outerjoin(LotteryDraw, LotteryDraw.pool_id == SeatPool.id)
        .outerjoin(counted, counted.c.pool_id == SeatPool.id)
        .where(SeatPool.workshop_id == workshop_id, SeatPool.method == SeatMethod.LOTTERY)
        .order_by(SeatPool.day_id.is_not(None), SeatPool.day_id, SeatPool.id)
    )
    return [
        Lottery(pool, draw, applied or 0, int(seats or 0)) for pool, draw, applied, seats in rows
    ]


def get_draw(session: Session, workshop: Workshop, draw_id: int) -> tuple[LotteryDraw, SeatPool]:
    """Return a draw of ``workshop`` and its pool.

    Raises:
        NotFound: it has none of this number.

    """
    found = session.get(LotteryDraw, draw_id)
    pool = None if found is None else session.get(SeatPool, found.pool_id)
    if found is None or pool is None or pool.workshop_id != workshop.id:
        raise NotFound("お探しの抽選は見つかりませんでした。")
    return found, pool


def seats_won(session: Session, draw_id: int) -> tuple[int, int]:
    """Return how many entries won, and how many seats."""
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(DrawEntry.seats), 0)).where(
            DrawEntry.draw_id == draw_id, DrawEntry.won.is_(True)
        )
    ).one()
    return row[0], int(row[1])


def drawn_lines(
    session: Session, draw_id: int, *, after: int = 0, limit: int
) -> Sequence[DrawnLine]:
    """Return lines of a draw in its order, those after a rank; a page costs the same anywhere."""
    entries = session.scalars(
        select(DrawEntry)
        .where(DrawEntry.draw_id == draw_id, DrawEntry.rank > after)
        .order_by(DrawEntry.rank)
        .limit(limit)
    ).all()
    waiting = _waiting_before(session, draw_id, entries[0].rank) if entries else 0
    lines = []
    for entry in entries:
        waiting += not entry.won
        lines.append(DrawnLine(entry, 0 if entry.won else waiting))
    return lines


def find_line(session: Session, draw_id: int, number: str) -> DrawnLine | None:
    """Return the line of a receipt number, however it was typed."""
    entry = session.scalar(
        select(DrawEntry).where(
            DrawEntry.draw_id == draw_id, DrawEntry.number.in_({number.strip(), typed(number)})
        )
    )
    if entry is None:
        return None
    if entry.won:
        return DrawnLine(entry, 0)
    return DrawnLine(entry, _waiting_before(session, draw_id, entry.rank) + 1)


def all_lines(session: Session, draw_id: int) -> Iterator[DrawnLine]:
    """Yield every line of a draw in its order."""
    last = 0
    while lines := drawn_lines(session, draw_id, after=last, limit=_AT_ONCE):
        yield from lines
        last = lines[-1].entry.rank


def entries_of(session: Session, draw_id: int) -> list[Entry]:
    """Return the list as it was drawn from."""
    rows = session.execute(
        select(DrawEntry.number, DrawEntry.seats, DrawEntry.tier).where(
            DrawEntry.draw_id == draw_id
        )
    )
    return [Entry(number, seats, tier) for number, seats, tier in rows]


def entry_of(session: Session, registration_id: int) -> DrawEntry | None:
    """Return the line that a registration had in a draw."""
    return session.scalar(select(DrawEntry).where(DrawEntry.registration_id == registration_id))


def _waiting_before(session: Session, draw_id: int, rank: int) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                DrawEntry.draw_id == draw_id, DrawEntry.won.is_(False), DrawEntry.rank < rank
            )
        )
        or 0
    )
