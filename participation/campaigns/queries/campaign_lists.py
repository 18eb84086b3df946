"""Lists of campaigns, for staff and for residents: always ordered, always bounded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, CampaignState

# Not yet over for residents; few at any time.
RUNNING = (
    CampaignState.PLANNED,
    CampaignState.OPEN,
    CampaignState.CLOSED,
    CampaignState.REVIEWING,
)
OVER = (CampaignState.PUBLISHED, CampaignState.CANCELLED)
_MOST_RUNNING = 300


@dataclass(frozen=True)
class CampaignFilter:
    """What a list is narrowed to; None for everything."""

    fiscal_year: int | None = None
    department_id: int | None = None
    state: CampaignState | None = None


def for_staff(
    session: Session,
    wanted: CampaignFilter,
    *,
    reach: frozenset[int] | None,
    limit: int,
    before: int | None = None,
) -> list[Campaign]:
    """Return campaigns, the newest first.

    Args:
        session: any session.
        wanted: the filter.
        reach: the departments whose campaigns may be seen; None for all.
        limit: how many at most.
        before: only those with a smaller id: the next page.

    """
    statement = _narrowed(select(Campaign), wanted).order_by(Campaign.id.desc()).limit(limit)
    if reach is not None:
        statement = statement.where(Campaign.department_id.in_(sorted(reach)))
    if before is not None:
        statement = statement.where(Campaign.id < before)
    return list(session.scalars(statement))


def running(session: Session, wanted: CampaignFilter) -> list[Campaign]:
    """Return the announced campaigns that are not over, those that close first in front."""
    return _announced(session, wanted, RUNNING, Campaign.closes_on, limit=_MOST_RUNNING)


def over(
    session: Session, wanted: CampaignFilter, *, limit: int, before: int | None = None
) -> list[Campaign]:
    """Return what is published or was cancelled after its announcement, the newest first."""
    return _announced(session, wanted, OVER, Campaign.id.desc(), limit=limit, before=before)


def years(session: Session, *, announced_only: bool) -> list[int]:
    """Return the years that have campaigns, the newest first."""
    statement = select(Campaign.fiscal_year).distinct().order_by(Campaign.fiscal_year.desc())
    if announced_only:
        statement = statement.where(Campaign.announced_on.is_not(None))
    return list(session.scalars(statement))


def departments_with_campaigns(session: Session, *, announced_only: bool) -> list[int]:
    """Return the departments that have campaigns."""
    statement = select(Campaign.department_id).distinct().order_by(Campaign.department_id)
    if announced_only:
        statement = statement.where(Campaign.announced_on.is_not(None))
    return list(session.scalars(statement))


def in_states(
    session: Session,
    states: Collection[CampaignState],
    *,
    reach: frozenset[int] | None = None,
    limit: int = 200,
) -> Sequence[Campaign]:
    """Return campaigns in ``states`` of the departments within reach, oldest period first."""
    statement = (
        select(Campaign)
        .where(Campaign.state.in_(states))
        .order_by(Campaign.closes_on, Campaign.id)
        .limit(limit)
    )
    if reach is not None:
        statement = statement.where(Campaign.department_id.in_(sorted(reach)))
    return session.scalars(statement).all()


def _announced(
    session: Session,
    wanted: CampaignFilter,
    states: Collection[CampaignState],
    order: object,
    *,
    limit: int,
    before: int | None = None,
) -> list[Campaign]:
    statement = (
        _narrowed(select(Campaign), wanted)
        .where(Campaign.state.in_(states), Campaign.announced_on.is_not(None))
        .order_by(order, Campaign.id)  # type: ignore[arg-type]
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Campaign.id < before)
    return list(session.scalars(statement))


def _narrowed(
    statement: Select[tuple[Campaign]], wanted: CampaignFilter
) -> Select[tuple[Campaign]]:
    if wanted.fiscal_year is not None:
        statement = statement.where(Campaign.fiscal_year == wanted.fiscal_year)
    if wanted.department_id is not None:
        statement = statement.where(Campaign.department_id == wanted.department_id)
    if wanted.state is not None:
        statement = statement.where(Campaign.state == wanted.state)
    return statement
