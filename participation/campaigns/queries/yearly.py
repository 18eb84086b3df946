"""What the year's lists are made of: a bounded number of statements for any number of campaigns."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    CampaignState,
    ResultPart,
    ResultState,
    YearlyList,
    YearlyListFile,
)
from participation.campaigns.result_snapshot import Frame
from participation.campaigns.yearly import YearlyCampaign, YearlyTable, yearly_table
from participation.city.queries import get_city
from participation.core import clock
from participation.departments.queries import all_departments

_MOST = 1_000


def table_of(session: Session, kind: YearlyList, year: int, *, now: datetime) -> YearlyTable:
    """Return a list of a fiscal year as it stands at ``now``."""
    return tables_of(session, year, now=now)[kind]


def tables_of(session: Session, year: int, *, now: datetime) -> dict[YearlyList, YearlyTable]:
    """Return both lists of a fiscal year as they stand at ``now``."""
    city = get_city(session)
    campaigns = year_campaigns(session, year)
    return {
        kind: yearly_table(
            kind,
            year,
            campaigns,
            municipality=city.name if city is not None else "",
            now=now,
            day=clock.local_date(now),
        )
        for kind in YearlyList
    }


def year_campaigns(session: Session, year: int) -> list[YearlyCampaign]:
    """Return the announced campaigns of a year in the order of their periods."""
    campaigns = session.scalars(
        select(Campaign)
        .where(Campaign.fiscal_year == year, Campaign.announced_on.is_not(None))
        .options(selectinload(Campaign.notices))
        .order_by(Campaign.opens_on.is_(None), Campaign.opens_on, Campaign.id)
        .limit(_MOST)
    ).all()
    departments = {one.id: one for one in all_departments(session)}
    published = {one.id for one in campaigns if one.state is CampaignState.PUBLISHED}
    first, frames = _results(session, published)
    return [
        YearlyCampaign(
            one,
            departments[one.department_id].name_on(
                one.opens_on or one.announced_on or clock.local_date(one.created_at)
            ),
            clock.local_date(first[one.id]) if one.id in first else None,
            frames.get(one.id),
        )
        for one in campaigns
    ]


def latest_file(session: Session, year: int, kind: YearlyList) -> YearlyListFile | None:
    """Return the newest printed list that is ready."""
    return session.scalars(
        select(YearlyListFile)
        .where(
            YearlyListFile.fiscal_year == year,
            YearlyListFile.kind == kind,
            YearlyListFile.file_id.is_not(None),
        )
        .order_by(YearlyListFile.id.desc())
        .limit(1)
    ).one_or_none()


def _results(
    session: Session, campaign_ids: set[int]
) -> tuple[dict[int, datetime], dict[int, Frame]]:
    """Return when each campaign's first result came out, and the frame of its latest one."""
    if not campaign_ids:
        return {}, {}
    is_published = (
        CampaignResult.campaign_id.in_(campaign_ids),
        CampaignResult.state == ResultState.PUBLISHED,
    )
    first: dict[int, datetime] = {}
    latest: dict[int, int] = {}
    for campaign_id, result_id, published_at in session.execute(
        select(CampaignResult.campaign_id, CampaignResult.id, CampaignResult.published_at)
        .where(*is_published)
        .order_by(CampaignResult.number)
    ):
        if published_at is not None:
            first.setdefault(campaign_id, published_at)
        latest[campaign_id] = result_id
    parts = session.execute(
        select(ResultPart.result_id, ResultPart.content).where(
            ResultPart.result_id.in_(latest.values()), ResultPart.position == 0
        )
    )
    by_result = {result_id: Frame.from_plain(content["frame"]) for result_id, content in parts}
    return first, {
        campaign_id: by_result[result_id]
        for campaign_id, result_id in latest.items()
        if result_id in by_result
    }
