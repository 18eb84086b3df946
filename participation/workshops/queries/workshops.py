"""One workshop, for staff and for residents."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.core.errors import NotFound
from participation.workshops.models import SeatPool, Workshop, WorkshopDay, WorkshopState

_MISSING = "お探しの催しは見つかりませんでした。"


def get_workshop(session: Session, workshop_id: int) -> Workshop:
    """Return a workshop.

    Raises:
        NotFound: there is none of this number.

    """
    found = session.get(Workshop, workshop_id)
    if found is None:
        raise NotFound(_MISSING)
    return found


def get_announced(session: Session, workshop_id: int) -> Workshop:
    """Return a workshop that residents may see.

    Raises:
        NotFound: there is none of this number, or it is not announced yet.

    """
    found = get_workshop(session, workshop_id)
    if found.state is WorkshopState.PREPARING:
        raise NotFound(_MISSING)
    return found


def pools_of(session: Session, workshop_id: int) -> Sequence[SeatPool]:
    """Return the seat pools of a workshop: those of the whole event first, then by day."""
    return session.scalars(
        select(SeatPool)
        .where(SeatPool.workshop_id == workshop_id)
        .order_by(SeatPool.day_id.is_not(None), SeatPool.day_id, SeatPool.id)
    ).all()


def get_day(session: Session, workshop: Workshop, day_id: int) -> WorkshopDay:
    """Return a day of ``workshop``.

    Raises:
        NotFound: it has none of this number.

    """
    found = session.get(WorkshopDay, day_id)
    if found is None or found.workshop_id != workshop.id:
        raise NotFound("お探しの日程は見つかりませんでした。")
    return found


def get_pool(session: Session, workshop: Workshop, pool_id: int) -> SeatPool:
    """Return a seat pool of ``workshop``.

    Raises:
        NotFound: it has none of this number.

    """
    found = session.get(SeatPool, pool_id)
    if found is None or found.workshop_id != workshop.id:
        raise NotFound("お探しの定員は見つかりませんでした。")
    return found
