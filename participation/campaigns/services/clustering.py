"""Clusters of equal and nearly equal opinions: joined as they come in, made anew on demand.

The texts are read first, compared without any lock, and the outcome is written some hundreds of
texts at a time, each piece complete in itself. Killed at any point, the next run goes on with what
is left. Opinions are only ever moved between clusters; nothing is deleted, an emptied cluster keeps
its row.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.grouping import group_texts
from participation.campaigns.models import Campaign, Opinion, TextCluster
from participation.core.actors import Actor
from participation.core.errors import NotFound
from participation.db.engine import writing
from participation.jobs.models import Job
from participation.jobs.services import enqueue
from participation.policy import Permission, reaches

GROUP_JOB = "campaigns.group"
# A campaign with more clusters is looked through every ten minutes instead of every minute.
SMALL = 4_000
_PIECE = 400  # texts written in one transaction
_EQUAL_PIECE = 2_000  # opinions

Progress = Callable[[int, int, str], None]
Commit = Callable[[], None]


@dataclass(frozen=True)
class _Text:
    """A different text of a campaign."""

    key: str
    first_id: int  # of its opinions
    opinions: int
    cluster_id: int | None
    text: str


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
        if not _known(session, campaign_id, keys):
            continue  # nobody else need wait for that
        with writing(session):
            _lock(session, campaign_id)
            known = _known(session, campaign_id, keys)
            found = [
                {"id": row.id, "cluster_id": cluster_id, "similarity": similarity}
                for row in rows
                if row.text_key in known
                for cluster_id, similarity in [known[row.text_key]]
            ]
            if found:
                session.execute(update(Opinion), found)
                _recount(session, {each["cluster_id"] for each in found}, now=now)
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
    members: defaultdict[int, list[tuple[_Text, int]]] = defaultdict(list)
    for place, text in enumerate(new, start=len(clusters)):
        members[groups.representatives[place]].append((text, _mille(groups.similarities[place])))
    targets = [
        _Target(
            clusters[leader].id if leader < len(clusters) else None,
            # An opinion of the text that stands for the cluster.
            None if leader < len(clusters) else new[leader - len(clusters)].first_id,
            members[leader],
        )
        for leader in sorted(members)
    ]
    _write(session, campaign_id, targets, now=now, commit=commit, progress=progress, move=False)
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
    texts = _texts(session, campaign_id)
    session.rollback()
    groups = group_texts(
        [text.text for text in texts],
        copies=[text.opinions for text in texts],
        progress=progress,
    )
    members: defaultdict[int, list[tuple[_Text, int]]] = defaultdict(list)
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
        _Target(rows.get(leader), texts[leader].first_id, members[leader])
        for leader in sorted(members)
    ]
    _write(session, campaign_id, targets, now=now, commit=commit, progress=progress, move=True)


@dataclass(frozen=True)
class _Target:
    """What one cluster shall have; without an id it is a new one."""

    cluster_id: int | None
    representative_id: int | None  # None: as it is
    members: list[tuple[_Text, int]]  # with the similarity in thousandths


def _texts(session: Session, campaign_id: int, *conditions: Any) -> list[_Text]:
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
    return [_Text(*row) for row in rows]


def _mille(similarity: float) -> int:
    return round(similarity * 1000)


def _write(
    session: Session,
    campaign_id: int,
    targets: Sequence[_Target],
    *,
    now: datetime,
    commit: Commit,
    progress: Progress | None,
    move: bool,
) -> None:
    """Write clusters and their members, some at a time.

    Args:
        session: the session of the work; each piece is a transaction.
        campaign_id: the campaign.
        targets: what shall be.
        now: when.
        commit: ends a piece.
        progress: told how far it has come.
        move: whether opinions that are in a cluster already may be moved; else only those that are
            in none are placed.

    """
    total = sum(len(target.members) for target in targets)
    done = 0
    made: dict[int, int] = {}  # representative → the row that this run made for it
    for piece in _pieces(targets):
        with writing(session):
            _lock(session, campaign_id)
            _write_piece(session, campaign_id, piece, made, now=now, move=move)
        commit()
        done += sum(len(target.members) for target in piece)
        if progress is not None:
            progress(done, total, "まとまりを保存しています")


def _pieces(targets: Sequence[_Target]) -> Iterator[list[_Target]]:
    """Yield some targets at a time; one with many members comes in several pieces."""
    piece: list[_Target] = []
    size = 0
    for target in targets:
        for start in range(0, len(target.members), _PIECE):
            part = target.members[start : start + _PIECE]
            piece.append(_Target(target.cluster_id, target.representative_id, part))
            size += len(part)
            if size >= _PIECE:
                yield piece
                piece, size = [], 0
    if piece:
        yield piece


def _write_piece(
    session: Session,
    campaign_id: int,
    piece: Sequence[_Target],
    made: dict[int, int],
    *,
    now: datetime,
    move: bool,
) -> None:
    keys = sorted({text.key for target in piece for text, _similarity in target.members})
    standing = _known(session, campaign_id, keys)
    wanted: list[dict[str, Any]] = []
    touched: set[int] = set()
    for target in piece:
        # What another worker placed meanwhile stays; what equals it joins it with the next run.
        members = [each for each in target.members if move or each[0].key not in standing]
        if not members:
            continue
        leader = target.representative_id
        cluster_id = target.cluster_id or made.get(leader or 0)
        if cluster_id is None:
            if not move and len(members) < len(target.members):
                continue  # the text that would stand for it may be elsewhere: the next run
            cluster_id = made[leader or 0] = _new_cluster(session, campaign_id, leader, now=now)
        elif move and leader is not None:
            session.execute(
                update(TextCluster)
                .where(TextCluster.id == cluster_id)
                .values(representative_id=leader)
            )
        touched.add(cluster_id)
        touched.update(standing[text.key][0] for text, _ in members if text.key in standing)
        wanted += [{"k": text.key, "c": cluster_id, "s": similar} for text, similar in members]
    if not wanted:
        return
    statement = (
        update(Opinion)
        .where(
            Opinion.campaign_id == campaign_id,
            Opinion.text_key == bindparam("k"),
            ~Opinion.split,
        )
        .values(cluster_id=bindparam("c"), similarity=bindparam("s"))
    )
    if not move:
        statement = statement.where(Opinion.cluster_id.is_(None))
    session.connection().execute(statement, wanted)
    _recount(session, touched, now=now)


def _new_cluster(
    session: Session, campaign_id: int, representative_id: int | None, *, now: datetime
) -> int:
    made = session.execute(
        insert(TextCluster)
        .values(
            campaign_id=campaign_id,
            representative_id=representative_id,
            opinions=0,
            distinct_texts=0,
            updated_at=now,
        )
        .returning(TextCluster.id)
    ).scalar_one()
    return int(made)


def _known(session: Session, campaign_id: int, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the cluster and similarity of those texts that are in a cluster."""
    found: dict[str, tuple[int, int]] = {}
    for start in range(0, len(keys), 500):
        rows = session.execute(
            select(Opinion.text_key, func.min(Opinion.cluster_id), func.max(Opinion.similarity))
            .where(
                Opinion.campaign_id == campaign_id,
                Opinion.text_key.in_(keys[start : start + 500]),
                Opinion.cluster_id.is_not(None),
                ~Opinion.split,
            )
            .group_by(Opinion.text_key)
        )
        for key, cluster_id, similarity in rows:
            if cluster_id is not None:
                found[key] = (cluster_id, similarity or 0)
    return found


def _recount(session: Session, cluster_ids: set[int], *, now: datetime) -> None:
    """Write how many opinions and different texts some clusters have."""
    ids = sorted(cluster_ids)
    members = (Opinion.cluster_id == TextCluster.id, ~Opinion.split)
    for start in range(0, len(ids), 500):
        session.execute(
            update(TextCluster)
            .where(TextCluster.id.in_(ids[start : start + 500]))
            .values(
                opinions=select(func.count()).where(*members).scalar_subquery(),
                distinct_texts=select(func.count(func.distinct(Opinion.text_key)))
                .where(*members)
                .scalar_subquery(),
                updated_at=now,
            )
            .execution_options(synchronize_session=False)
        )


def _lock(session: Session, campaign_id: int) -> None:
    """Let one worker write a campaign's clusters at a time; intake goes on meanwhile.

    On SQLite the transaction itself is the lock.
    """
    session.execute(
        select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    ).one()
