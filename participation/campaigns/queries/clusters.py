"""Clusters of like opinions and the times at which submissions came, for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import Session

from participation.campaigns.bursts import Burst, Slot, find_bursts
from participation.campaigns.models import Campaign, Opinion, OpinionGroup, Submission, TextCluster
from participation.campaigns.queries.counts import person
from participation.core import clock
from participation.core.errors import NotFound
from participation.submissions.models import Channel

_SMALLEST = 2  # opinions of a cluster that is shown
_SHOWN_BURSTS = 50


@dataclass(frozen=True)
class ClusterCount:
    """How much is in a cluster, counted each way."""

    opinions: int = 0
    submissions: int = 0  # 通
    persons: int = 0
    texts: int = 0  # different ones
    ungrouped: int = 0  # opinions that are in no group of answers


@dataclass(frozen=True)
class ClusterLine:
    """One cluster in the list."""

    cluster: TextCluster
    text: str  # the representative
    count: ClusterCount


@dataclass(frozen=True)
class MemberText:
    """One of the different texts of a cluster."""

    first_id: int
    text: str
    opinions: int
    similarity: int  # to the representative, in thousandths
    submission_id: int  # of the first opinion with it


@dataclass(frozen=True)
class Overview:
    """What the grouping found in a campaign."""

    opinions: int  # not split
    waiting: int  # in no cluster yet
    clusters: int  # of two opinions or more
    alike: int  # opinions in these


@dataclass(frozen=True)
class BurstLine:
    """A time that stands out, and how much of what came then was the same."""

    burst: Burst
    opinions: int
    most_equal: int  # opinions with the text that came most often

    @property
    def share(self) -> int:
        """Percent of the opinions with the text that came most often."""
        return self.most_equal * 100 // self.opinions if self.opinions else 0


def overview(session: Session, campaign_id: int) -> Overview:
    """Return how many opinions are like others."""
    clusters, alike = session.execute(
        select(func.count(), func.coalesce(func.sum(TextCluster.opinions), 0)).where(
            TextCluster.campaign_id == campaign_id, TextCluster.opinions >= _SMALLEST
        )
    ).one()
    whole = (Opinion.campaign_id == campaign_id, ~Opinion.split)
    opinions = session.scalar(select(func.count()).select_from(Opinion).where(*whole)) or 0
    waiting = session.scalar(
        select(func.count()).select_from(Opinion).where(*whole, Opinion.cluster_id.is_(None))
    )
    return Overview(opinions, waiting or 0, clusters, int(alike))


def largest_clusters(
    session: Session, campaign_id: int, *, limit: int, after: tuple[int, int] | None = None
) -> list[ClusterLine]:
    """Return the clusters of two opinions or more, the largest first.

    Args:
        session: any session.
        campaign_id: whose.
        limit: how many at most.
        after: opinions and id of the last one of the page before.

    """
    query = (
        select(TextCluster, Opinion.text)
        .join(Opinion, Opinion.id == TextCluster.representative_id)
        .where(TextCluster.campaign_id == campaign_id, TextCluster.opinions >= _SMALLEST)
        .order_by(TextCluster.opinions.desc(), TextCluster.id.desc())
        .limit(limit)
    )
    if after is not None:
        opinions, cluster_id = after
        query = query.where(
            or_(
                TextCluster.opinions < opinions,
                and_(TextCluster.opinions == opinions, TextCluster.id < cluster_id),
            )
        )
    rows = session.execute(query).all()
    found = cluster_counts(session, [cluster.id for cluster, _text in rows])
    return [
        ClusterLine(cluster, text, found.get(cluster.id, ClusterCount())) for cluster, text in rows
    ]


def get_cluster(session: Session, campaign: Campaign, cluster_id: int) -> TextCluster:
    """Return a cluster of ``campaign``.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    cluster = session.get(TextCluster, cluster_id)
    if cluster is None or cluster.campaign_id != campaign.id:
        raise NotFound("そのまとまりは見つかりませんでした。「似た意見」の一覧からお選びください。")
    return cluster


def cluster_counts(session: Session, cluster_ids: Sequence[int]) -> dict[int, ClusterCount]:
    """Return the numbers of some clusters, counted now."""
    rows = session.execute(
        select(
            Opinion.cluster_id,
            func.count(),
            func.count(func.distinct(Opinion.submission_id)),
            func.count(func.distinct(person())),
            func.count(func.distinct(Opinion.text_key)),
            func.sum(case((Opinion.group_id.is_(None), 1), else_=0)),
        )
        .join(Submission, Submission.id == Opinion.submission_id)
        .where(Opinion.cluster_id.in_(cluster_ids), ~Opinion.split)
        .group_by(Opinion.cluster_id)
    )
    return {cluster_id: ClusterCount(*numbers) for cluster_id, *numbers in rows}


def representative_text(session: Session, cluster: TextCluster) -> str:
    """Return the text that stands for a cluster."""
    text = session.scalar(select(Opinion.text).where(Opinion.id == cluster.representative_id))
    return text or ""


def member_texts(
    session: Session, cluster: TextCluster, *, limit: int, after: int | None = None
) -> list[MemberText]:
    """Return the different texts of a cluster in the order in which they came.

    Args:
        session: any session.
        cluster: the cluster.
        limit: how many at most.
        after: the first opinion of the last text of the page before.

    """
    first = func.min(Opinion.id)
    texts = (
        select(first.label("id"), func.count().label("opinions"))
        .where(Opinion.cluster_id == cluster.id, ~Opinion.split)
        .group_by(Opinion.text_key)
        .order_by(first)
        .limit(limit)
    )
    if after is not None:
        texts = texts.having(first > after)
    found = texts.subquery()
    rows = session.execute(
        select(
            Opinion.id,
            Opinion.text,
            found.c.opinions,
            func.coalesce(Opinion.similarity, 0),
            Opinion.submission_id,
        )
        .join(found, found.c.id == Opinion.id)
        .order_by(Opinion.id)
    )
    return [MemberText(*row) for row in rows]


def days_of(session: Session, cluster: TextCluster) -> list[tuple[date, Channel, int]]:
    """Return on which day and by which channel the submissions of a cluster arrived."""
    rows = session.execute(
        select(
            Submission.arrived_on,
            Submission.channel,
            func.count(func.distinct(Submission.id)),
        )
        .join(Opinion, Opinion.submission_id == Submission.id)
        .where(Opinion.cluster_id == cluster.id, ~Opinion.split)
        .group_by(Submission.arrived_on, Submission.channel)
        .order_by(Submission.arrived_on, Submission.channel)
    )
    return [(day, channel, number) for day, channel, number in rows]


def groups_of(session: Session, cluster: TextCluster) -> list[tuple[OpinionGroup, int]]:
    """Return the groups of answers that opinions of a cluster are in, and how many of them."""
    rows = session.execute(
        select(OpinionGroup, func.count())
        .join(Opinion, Opinion.group_id == OpinionGroup.id)
        .where(Opinion.cluster_id == cluster.id, ~Opinion.split)
        .group_by(OpinionGroup.id)
        .order_by(OpinionGroup.position, OpinionGroup.id)
    )
    return [(group, number) for group, number in rows]


def by_day(session: Session, campaign_id: int) -> list[Slot]:
    """Return what arrived on each day by each channel."""
    rows = session.execute(
        select(Submission.arrived_on, Submission.channel, func.count())
        .where(Submission.campaign_id == campaign_id)
        .group_by(Submission.arrived_on, Submission.channel)
        .order_by(Submission.arrived_on, Submission.channel)
    )
    return [
        Slot(datetime(day.year, day.month, day.day, tzinfo=clock.TOKYO), channel, number)
        for day, channel, number in rows
    ]


def by_hour(session: Session, campaign_id: int) -> list[Slot]:
    """Return what came from this site in each hour, by the clock in Japan.

    Of the other channels only the day is known: their hour would be that of the entry.
    """
    hour = _hour(session)
    rows = session.execute(
        select(hour, func.count())
        .where(Submission.campaign_id == campaign_id, Submission.channel == Channel.WEB)
        .group_by(hour)
        .order_by(hour)
    )
    return [
        Slot(
            datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=clock.TOKYO), Channel.WEB, number
        )
        for text, number in rows
    ]


def bursts(
    session: Session, campaign_id: int, hours: Sequence[Slot], days: Sequence[Slot]
) -> tuple[list[BurstLine], list[BurstLine]]:
    """Return the hours, and the days of the other channels, that stand out."""
    other = [slot for slot in days if slot.channel is not Channel.WEB]
    return (
        [
            _line(
                session,
                campaign_id,
                burst,
                Submission.received_at >= burst.slot.begins,
                Submission.received_at < burst.slot.begins + timedelta(hours=1),
            )
            for burst in find_bursts(hours)[:_SHOWN_BURSTS]
        ],
        [
            _line(session, campaign_id, burst, Submission.arrived_on == burst.slot.begins.date())
            for burst in find_bursts(other)[:_SHOWN_BURSTS]
        ],
    )


def _line(
    session: Session, campaign_id: int, burst: Burst, *when: ColumnElement[bool]
) -> BurstLine:
    numbers = session.scalars(
        select(func.count())
        .select_from(Opinion)
        .join(Submission, Submission.id == Opinion.submission_id)
        .where(
            Submission.campaign_id == campaign_id,
            Submission.channel == burst.slot.channel,
            ~Opinion.split,
            *when,
        )
        .group_by(Opinion.text_key)
    ).all()
    return BurstLine(burst, sum(numbers), max(numbers, default=0))


def _hour(session: Session) -> ColumnElement[str]:
    """Return the hour of the receipt in Japan (always nine hours ahead) as text."""
    if session.get_bind().dialect.name == "sqlite":
        return literal_column("strftime('%Y-%m-%d %H', submission.received_at, '+9 hours')", String)
    return literal_column(
        "to_char(submission.received_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD HH24')", String
    )
