"""Clusters of equal and nearly equal opinions: joined as they come in, made anew on demand.

The texts are read first, compared without any lock, and the outcome is written in pieces
(cluster_storage.py). Killed at any point, the next run goes on with what is left. Opinions are only
ever moved between clusters; nothing is deleted, an emptied cluster keeps its row.
"""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import Campaign, Opinion, TextCluster
from participation.campaigns.services.cluster_storage import (
    ClusterTarget,
    ClusterText,
    Commit,
    Progress,
    known_texts,
    lock_clusters,
    recount,
    write_clusters,
)
from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.db.engine import writing
from participation.jobs.models import Job
from participation.jobs.services import enqueue
from participation.policy import Permission, reaches

GROUP_JOB = "campaigns.group"
# A campaign with more clusters is looked through every ten minutes instead of every minute.
SMALL = 4_000
_EQUAL_PIECE = 2_000  # opinions


def ask_for_clusters(session: Session, campaign: Campaign, *, actor: Actor, now: datetime) -> Job:
    """Have the worker group all opinions of a campaign anew.

    Raises:
        NotFound: the campaign is out of the actor's reach.

    """
    if not reaches(actor, Permission.SUBMISSION_WRITE, campaign.department_id):
        raise NotFound("お探しのものは見つかりませんでした。")
    job = enqueue(
        session,
        GROUP_JOB,
        {"campaign": campaign.id},
        actor=actor,
        now=now,
        label="似た意見をまとめています",
    )
    audit.record(
        session,
        "campaigns.cluster.regrouped",
        actor=actor,
        now=now,
        subject=f"campaign:{campaign.id}",
        department_id=campaign.department_id,
    )
    return job


def waiting_campaigns(session: Session) -> list[int]:
    """Return the campaigns with opinions that are in no cluster yet."""
    return list(
        session.scalars(
            select(Opinion.campaign_id)
            .where(Opinion.cluster_id.is_(None), ~Opinion.split)
            .distinct()
            .order_by(Opinion.campaign_id)
        )
    )


def cluster_number(session: Session, campaign_id: int) -> int:
    """Return how many clusters a campaign has, those of one text too."""
    return (
        session.scalar(
            select(func.count())
            .select_from(TextCluster)
            .where(TextCluster.campaign_id == campaign_id)
        )
        or 0
    )


def join_equal(session: Session, campaign_id: int, *, now: datetime, commit: Commit) -> int:
    """Put what is equal to a text in a cluster into that cluster; return how many opinions."""
    joined, after = 0, 0
    while True:
        rows = session.execute(
            select(Opinion.id, Opinion.text_key)
            .where(
                Opinion.cluster_id.is_(None),
                Opinion.campaign_id == campaign_id,
                ~Opinion.split,
                Opinion.id > after,
            )
            .order_by(Opinion.id)
            .limit(_EQUAL_PIECE)
        ).all()
        if not rows:
            return joined
        after = rows[-1].id
        keys = sorted({row.text_key for row in rows})
        if not known_texts(session, campaign_id, keys):
            continue  # nobody else need wait for that
        with writing(session):
            lock_clusters(session, campaign_id)
            known = known_texts(session, campaign_id, keys)
            found = [
                {"id": row.id, "cluster_id": cluster_id, "similarity": similarity}
                for row in rows
                if row.text_key in known
                for cluster_id, similarity in [known[row.text_key]]
            ]
            if found:
                session.execute(update(Opinion), found)
                recount(session, {each["cluster_id"] for each in found}, now=now)
        commit()
        joined += len(found)


def group_waiting(
    session: Session,
    campaign_id: int,
    *,
    now: datetime,
    commit: Commit,
    progress: Progress | None = None,
) -> int:
    """Put every opinion without a cluster into one: an existing one that it is like, or a new one.

    The clusters that exist stay as they are; return how many different texts were placed.
    """
    from participation.campaigns.grouping.groups import group_texts

    join_equal(session, campaign_id, now=now, commit=commit)
    new = _texts(session, campaign_id, Opinion.cluster_id.is_(None))
    if not new:
        session.rollback()
        return 0
    clusters = session.execute(
        select(TextCluster.id, Opinion.text)
        .join(Opinion, Opinion.id == TextCluster.representative_id)
        .where(TextCluster.campaign_id == campaign_id, TextCluster.opinions > 0)
        .order_by(TextCluster.id)
    ).all()
    session.rollback()  # nothing is held while it computes
    groups = group_texts(
        [*(row.text for row in clusters), *(text.text for text in new)],
        fixed=len(clusters),
        copies=[*(1 for _ in clusters), *(text.opinions for text in new)],
        progress=progress,
    )
    members: defaultdict[int, list[tuple[ClusterText, int]]] = defaultdict(list)
    for place, text in enumerate(new, start=len(clusters)):
        members[groups.representatives[place]].append((text, _mille(groups.similarities[place])))
    targets = [
        ClusterTarget(
            clusters[leader].id if leader < len(clusters) else None,
            # An opinion of the text that stands for the cluster.
            None if leader < len(clusters) else new[leader - len(clusters)].first_id,
            members[leader],
        )
        for leader in sorted(members)
    ]
    write_clusters(
        session, campaign_id, targets, now=now, commit=commit, progress=progress, move=False
    )
    return len(new)


def group_anew(
    session: Session,
    campaign_id: int,
    *,
    now: datetime,
    commit: Commit,
    progress: Progress | None = None,
) -> None:
    """Group all opinions of a campaign from the beginning.

    A new cluster keeps the row of the old one that most of its opinions come from.
    """
    from participation.campaigns.grouping.groups import group_texts

    texts = _texts(session, campaign_id)
    session.rollback()
    groups = group_texts(
        [text.text for text in texts],
        copies=[text.opinions for text in texts],
        progress=progress,
    )
    members: defaultdict[int, list[tuple[ClusterText, int]]] = defaultdict(list)
    for place, text in enumerate(texts):
        members[groups.representatives[place]].append((text, _mille(groups.similarities[place])))
    # Who brings most to whom chooses first, so that a large cluster keeps its row.
    claims: list[tuple[int, int, int]] = []
    for leader, found in members.items():
        shares: Counter[int] = Counter()
        for text, _similarity in found:
            if text.cluster_id is not None:
                shares[text.cluster_id] += text.opinions
        claims += [(-number, leader, cluster_id) for cluster_id, number in shares.items()]
    rows: dict[int, int] = {}
    used: set[int] = set()
    for _number, leader, cluster_id in sorted(claims):
        if leader not in rows and cluster_id not in used:
            rows[leader] = cluster_id
            used.add(cluster_id)
    targets = [
        ClusterTarget(rows.get(leader), texts[leader].first_id, members[leader])
        for leader in sorted(members)
    ]
    write_clusters(
        session, campaign_id, targets, now=now, commit=commit, progress=progress, move=True
    )


def _texts(session: Session, campaign_id: int, *conditions: Any) -> list[ClusterText]:
    """Return the different texts of a campaign, in the order in which they came."""
    first = (
        select(
            func.min(Opinion.id).label("id"),
            func.count().label("opinions"),
        )
        .where(Opinion.campaign_id == campaign_id, ~Opinion.split, *conditions)
        .group_by(Opinion.text_key)
        .subquery()
    )
    rows = session.execute(
        select(Opinion.text_key, Opinion.id, first.c.opinions, Opinion.cluster_id, Opinion.text)
        .join(first, first.c.id == Opinion.id)
        .order_by(Opinion.id)
    )
    return [ClusterText(*row) for row in rows]


def _mille(similarity: float) -> int:
    return round(similarity * 1000)
