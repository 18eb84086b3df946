"""Lists of workshops for staff: always ordered, always bounded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from participation.workshops.models import Workshop, WorkshopState


@dataclass(frozen=True)
class WorkshopFilter:
    """What a list is narrowed to; None for everything."""

    fiscal_year: int | None = None
    department_id: int | None = None
    state: WorkshopState | None = None
    kind: str | None = None


def for_staff(
    session: Session,
    wanted: WorkshopFilter,
    *,
    reach: frozenset[int] | None,
    limit: int,
    before: int | None = None,
) -> list[Workshop]:
    """Return workshops, the newest first.

    Args:
        session: any session.
        wanted: the filter.
        reach: the departments whose workshops may be seen; None for all.
        limit: how many at most.
        before: only those with a smaller id: the next page.

    """
    statement = select(Workshop).order_by(Workshop.id.desc()).limit(limit)
    for column, value in (
        (Workshop.fiscal_year, wanted.fiscal_year),
        (Workshop.department_id, wanted.department_id),
        (Workshop.state, wanted.state),
        (Workshop.kind, wanted.kind),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if reach is not None:
        statement = statement.where(Workshop.department_id.in_(sorted(reach)))
    if before is not None:
        statement = statement.where(Workshop.id < before)
    return list(session.scalars(statement))


def years(session: Session) -> list[int]:
    """Return the years that have workshops, the newest first."""
    return list(
        session.scalars(
            select(Workshop.fiscal_year).distinct().order_by(Workshop.fiscal_year.desc())
        )
    )


def kinds_in_use(session: Session) -> frozenset[str]:
    """Return the keys of the kinds that some workshop has."""
    return frozenset(session.scalars(select(Workshop.kind).distinct()))


def uses_kind(session: Session, key: str) -> bool:
    """Whether a workshop has this kind."""
    return bool(session.scalar(select(exists().where(Workshop.kind == key))))


def in_states(
    session: Session,
    states: Collection[WorkshopState],
    *,
    reach: frozenset[int] | None = None,
    limit: int = 200,
) -> Sequence[Workshop]:
    """Return workshops in ``states`` of the departments within reach, the first to end first."""
    statement = (
        select(Workshop)
        .where(Workshop.state.in_(states))
        .order_by(Workshop.last_day, Workshop.id)
        .limit(limit)
    )
    if reach is not None:
        statement = statement.where(Workshop.department_id.in_(sorted(reach)))
    return session.scalars(statement).all()
