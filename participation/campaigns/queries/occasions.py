"""Campaigns as the residents' front door lists them: few columns, one query a list."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, cast, func, literal, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    CampaignState,
    Procedure,
    ResultState,
)
from participation.city.areas import about
from participation.core.occasions import OccasionFilter

# Far more than a city has at a time.
MOST = 1_000

_published_at = (
    select(func.max(CampaignResult.published_at))
    .where(CampaignResult.campaign_id == Campaign.id, CampaignResult.state == ResultState.PUBLISHED)
    .scalar_subquery()
)
_COLUMNS = (
    Campaign.id,
    Campaign.department_id,
    Campaign.procedure,
    Campaign.state,
    Campaign.title,
    Campaign.purpose,
    Campaign.planned_period,
    Campaign.opens_on,
    Campaign.closes_on,
    Campaign.updated_at,
    Campaign.version,
    _published_at.label("published_at"),
)
Line = Row[Any]
_NOT_OVER = (CampaignState.PLANNED, CampaignState.OPEN)


def on_days(session: Session, first: date, last: date, wanted: OccasionFilter) -> Sequence[Line]:
    """Return the campaigns whose period has any of these days, by its first day."""
    return _lines(
        session,
        _announced(wanted)
        .where(Campaign.opens_on <= last, Campaign.closes_on >= first)
        .order_by(Campaign.opens_on, Campaign.id),
    )


def closing(session: Session, first: date, last: date, wanted: OccasionFilter) -> Sequence[Line]:
    """Return the campaigns whose last day is one of these, by that day."""
    return _lines(
        session,
        _announced(wanted)
        .where(
            Campaign.closes_on >= first,
            Campaign.closes_on <= last,
            Campaign.state != CampaignState.CANCELLED,
        )
        .order_by(Campaign.closes_on, Campaign.id),
    )


def open_on(session: Session, day: date, wanted: OccasionFilter, limit: int) -> Sequence[Line]:
    """Return the campaigns that are open on ``day``, those that close first in front."""
    return _lines(
        session,
        _announced(wanted)
        .where(Campaign.state.in_(_NOT_OVER), Campaign.opens_on <= day, Campaign.closes_on >= day)
        .order_by(Campaign.closes_on, Campaign.id),
        limit,
    )


def coming(session: Session, day: date, wanted: OccasionFilter, limit: int) -> Sequence[Line]:
    """Return what opens after ``day``; what has no period yet comes last."""
    return _lines(
        session,
        _announced(wanted)
        .where(
            Campaign.state == CampaignState.PLANNED,
            (Campaign.opens_on > day) | Campaign.opens_on.is_(None),
        )
        .order_by(Campaign.opens_on.is_(None), Campaign.opens_on, Campaign.id),
        limit,
    )


def decided(session: Session, wanted: OccasionFilter, limit: int) -> Sequence[Line]:
    """Return the campaigns with a published result, the latest publication first."""
    return _lines(
        session,
        _announced(wanted)
        .where(Campaign.state == CampaignState.PUBLISHED, _published_at.is_not(None))
        .order_by(_published_at.desc(), Campaign.id.desc()),
        limit,
    )


def one(session: Session, campaign_id: int) -> Sequence[Line]:
    """Return one campaign if residents may see it."""
    return _lines(session, _announced(OccasionFilter()).where(Campaign.id == campaign_id))


def reference() -> ColumnElement[str]:
    """Return the expression of ``campaign:12``."""
    return literal("campaign:").concat(cast(Campaign.id, String))


def _lines(session: Session, statement: Select[Any], limit: int = MOST) -> Sequence[Line]:
    return session.execute(statement.limit(limit)).all()


def _announced(wanted: OccasionFilter) -> Select[Any]:
    statement: Select[Any] = select(*_COLUMNS)  # type: ignore[assignment]
    statement = statement.where(
        Campaign.announced_on.is_not(None), Campaign.state != CampaignState.PREPARING
    )
    own = wanted.kind_of("campaign")
    if own is not None:
        found = [procedure for procedure in Procedure if procedure.value == own]
        statement = statement.where(Campaign.procedure.in_(found))
    if wanted.department_id is not None:
        statement = statement.where(Campaign.department_id == wanted.department_id)
    if wanted.area is not None:
        statement = statement.where(about(reference(), wanted.area))
    return statement
