"""The little that residents' pages of campaigns depend on, asked before each of them.

Most pages come from memory then. What is not asked here (the name of a department, the title of a
document) is at most a minute old, since the minute is part of a page's key.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, bindparam, func, select

from participation.campaigns.models import (
    Campaign,
    CampaignNotice,
    CampaignResult,
    CampaignState,
    Document,
    DocumentVersion,
    Procedure,
    ResultState,
    YearlyListFile,
)
from participation.campaigns.phases import phase
from participation.core import clock
from participation.core.errors import NotFound

_KEPT_SECONDS = 60


@dataclass(frozen=True)
class PageFacts:
    """A campaign's own facts, where it stands by the clock, and the minute."""

    campaign_id: int
    version: int
    phase: CampaignState
    day: date
    minute: int
    notice_id: int | None  # the newest
    published_at: datetime | None  # the newest document
    documents: int  # versions that are published


@dataclass(frozen=True)
class ListFacts:
    """What the lists of campaigns depend on."""

    page: str
    campaigns: int
    versions: int
    newest: int | None
    results: int
    file_id: int | None
    day: date
    minute: int


@dataclass(frozen=True)
class _Row:
    state: CampaignState
    procedure: Procedure
    opens_on: date | None
    closes_on: date | None


_CAMPAIGN = select(
    Campaign.id,
    Campaign.version,
    Campaign.state,
    Campaign.procedure,
    Campaign.opens_on,
    Campaign.closes_on,
    Campaign.announced_on,
    select(func.max(CampaignNotice.id))
    .where(CampaignNotice.campaign_id == Campaign.id)
    .scalar_subquery(),
    select(func.max(DocumentVersion.published_at))
    .join(Document, Document.id == DocumentVersion.document_id)
    .where(Document.campaign_id == Campaign.id)
    .scalar_subquery(),
    select(func.count(DocumentVersion.published_at))
    .join(Document, Document.id == DocumentVersion.document_id)
    .where(Document.campaign_id == Campaign.id)
    .scalar_subquery(),
).where(Campaign.id == bindparam("campaign"))

_LIST = select(
    func.count(),
    func.coalesce(func.sum(Campaign.version), 0),
    func.max(Campaign.id),
    select(func.count())
    .select_from(CampaignResult)
    .where(CampaignResult.state == ResultState.PUBLISHED)
    .scalar_subquery(),
    select(func.max(YearlyListFile.id))
    .where(YearlyListFile.file_id.is_not(None))
    .scalar_subquery(),
).where(Campaign.announced_on.is_not(None))


def page_facts(engine: Engine, campaign_id: int, now: datetime) -> PageFacts:
    """Return what the page of a campaign depends on at ``now``.

    Raises:
        NotFound: there is none that residents may see.

    """
    with engine.connect() as connection:
        row = connection.execute(_CAMPAIGN, {"campaign": campaign_id}).one_or_none()
    if row is None or row.announced_on is None or row.state is CampaignState.PREPARING:
        raise NotFound("お探しの意見募集は見つかりませんでした。")
    stands = phase(_Row(row.state, row.procedure, row.opens_on, row.closes_on), now)
    return PageFacts(
        row.id, row.version, stands, clock.local_date(now), _minute(now), row[7], row[8], row[9]
    )


def list_facts(engine: Engine, page: str, now: datetime) -> ListFacts:
    """Return what a list of campaigns depends on at ``now``; ``page`` names the list."""
    with engine.connect() as connection:
        campaigns, versions, newest, results, file_id = connection.execute(_LIST).one()
    day = clock.local_date(now)
    return ListFacts(page, campaigns, int(versions), newest, results, file_id, day, _minute(now))


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // _KEPT_SECONDS
