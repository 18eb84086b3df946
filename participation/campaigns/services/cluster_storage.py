"""How clusters and their members are written: some hundreds of texts in one transaction.

Each piece is complete in itself, so that a run killed at any point leaves counts that are true, and
the next run goes on with what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, Opinion, TextCluster
from participation.db.engine import writing

_PIECE = 400  # texts written in one transaction

Progress = Callable[[int, int, str], None]
Commit = Callable[[], None]


@dataclass(frozen=True)
class ClusterText:
    """A different text of a campaign."""

    key: str
    first_id: int  # of its opinions
    opinions: int
    cluster_id: int | None
    text: str


@dataclass(frozen=True)
class ClusterTarget:
    """What one cluster shall have; without an id it is a new one."""

    cluster_id: int | None
    representative_id: int | None  # None: as it is
    members: list[tuple[ClusterText, int]]  # with the similarity in thousandths


def write_clusters(
    session: Session,
    campaign_id: int,
    targets: Sequence[ClusterTarget],
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
            lock_clusters(session, campaign_id)
            _write_piece(session, campaign_id, piece, made, now=now, move=move)
        commit()
        done += sum(len(target.members) for target in piece)
        if progress is not None:
            progress(done, total, "まとまりを保存しています")


def _pieces(targets: Sequence[ClusterTarget]) -> Iterator[list[ClusterTarget]]:
    """Yield some targets at a time; one with many members comes in several pieces."""
    piece: list[ClusterTarget] = []
    size = 0
    for target in targets:
        for start in range(0, len(target.members), _PIECE):
            part = target.members[start : start + _PIECE]
            piece.append(ClusterTarget(target.cluster_id, target.representative_id, part))
            size += len(part)
            if size >= _PIECE:
                yield piece
                piece, size = [], 0
    if piece:
        yield piece


def _write_piece(
    session: Session,
    campaign_id: int,
    piece: Sequence[ClusterTarget],
    made: dict[int, int],
    *,
    now: datetime,
    move: bool,
) -> None:
    keys = sorted({text.key for target in piece for text, _similarity in target.members})
    standing = known_texts(session, campaign_id, keys)
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
    recount(session, touched, now=now)


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


def known_texts(
    session: Session, campaign_id: int, keys: Sequence[str]
) -> dict[str, tuple[int, int]]:
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


def recount(session: Session, cluster_ids: set[int], *, now: datetime) -> None:
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


def lock_clusters(session: Session, campaign_id: int) -> None:
    """Let one worker write a campaign's clusters at a time; intake goes on meanwhile.

    On SQLite the transaction itself is the lock.
    """
    session.execute(
        select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    ).one()
