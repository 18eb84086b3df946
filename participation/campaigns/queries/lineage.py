"""Following passages from version to version, and the opinions on them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from participation.campaigns.models import (
    DocumentVersion,
    Lineage,
    Opinion,
    Passage,
    PassageLineage,
)
from participation.campaigns.queries.documents import passages

_BATCH = 500


@dataclass(frozen=True)
class Succession:
    """What became of one passage, for the page on which people look at it."""

    passage: Passage
    relation: Lineage
    targets: tuple[Passage, ...]
    confirmed: bool


@dataclass(frozen=True)
class Changes:
    """How a version differs from the one before."""

    changed: frozenset[int]  # passages of the new version
    added: frozenset[int]
    removed: int  # passages of the version before that are gone


def previous_with_passages(session: Session, version: DocumentVersion) -> DocumentVersion | None:
    """Return the published version with a text that ``version`` follows, or None."""
    return session.scalar(
        select(DocumentVersion)
        .where(
            DocumentVersion.document_id == version.document_id,
            DocumentVersion.number < version.number,
            DocumentVersion.published_at.is_not(None),
            DocumentVersion.source != "",
        )
        .order_by(DocumentVersion.number.desc())
        .limit(1)
    )


def current_passage(
    session: Session, passage_ids: Collection[int], version: DocumentVersion
) -> dict[int, tuple[Passage, ...]]:
    """Return what stands in ``version`` for each of some passages of it or of earlier versions.

    An opinion stays with the passage that it was written on; this says where that passage is now.

    Returns:
        For each id the passages in reading order: one as a rule, several after a split, none when
        it was removed on the way or is not of this document.

    """
    found = _followed(session, version, set(passage_ids))
    shown = passages(session, {target for targets in found.values() for target in targets})
    return {
        passage_id: tuple(
            sorted(
                (shown[target] for target in found.get(passage_id, ()) if target in shown),
                key=lambda passage: passage.position,
            )
        )
        for passage_id in passage_ids
    }


def opinion_counts(session: Session, version: DocumentVersion) -> dict[int, int]:
    """Return how many opinions each passage of ``version`` has, those on earlier versions too.

    For staff. An opinion that was split counts by its parts; one on a passage that was split
    counts for each of the passages that came of it.
    """
    rows = session.execute(
        select(Opinion.passage_id, func.count())
        .join(Passage, Passage.id == Opinion.passage_id)
        .join(DocumentVersion, DocumentVersion.id == Passage.version_id)
        .where(
            DocumentVersion.document_id == version.document_id,
            DocumentVersion.number <= version.number,
            Opinion.split.is_(False),
        )
        .group_by(Opinion.passage_id)
    ).all()
    on_each = {passage_id: count for passage_id, count in rows if passage_id is not None}
    counts: dict[int, int] = defaultdict(int)
    for passage_id, targets in _followed(session, version, set(on_each)).items():
        for target in targets:
            counts[target] += on_each[passage_id]
    return dict(counts)


def successions(session: Session, version: DocumentVersion) -> list[Succession]:
    """Return what became in ``version`` of each passage of the version before, in its order."""
    previous = previous_with_passages(session, version)
    if previous is None:
        return []
    old, new = aliased(Passage), aliased(Passage)
    rows = session.execute(
        select(old, PassageLineage.relation, PassageLineage.confirmed, new)
        .join(PassageLineage, PassageLineage.from_id == old.id)
        .outerjoin(new, new.id == PassageLineage.to_id)
        .where(old.version_id == previous.id)
        .order_by(old.position, new.position)
    ).all()
    grouped: dict[int, list[tuple[Passage, Lineage, bool, Passage | None]]] = defaultdict(list)
    for passage, relation, confirmed, target in rows:
        grouped[passage.id].append((passage, relation, confirmed, target))
    return [
        Succession(
            lines[0][0],
            lines[0][1],
            tuple(target for *_line, target in lines if target is not None),
            all(confirmed for _p, _r, confirmed, _t in lines),
        )
        for lines in grouped.values()
    ]


def changes_in(session: Session, version: DocumentVersion) -> Changes | None:
    """Return how ``version`` differs from the version before; None when there is none."""
    previous = previous_with_passages(session, version)
    if previous is None:
        return None
    rows = session.execute(
        select(PassageLineage.to_id, PassageLineage.relation)
        .join(Passage, Passage.id == PassageLineage.from_id)
        .where(Passage.version_id == previous.id)
    ).all()
    reached = {target for target, _relation in rows if target is not None}
    kept = {target for target, relation in rows if relation is Lineage.KEPT}
    own = set(session.scalars(select(Passage.id).where(Passage.version_id == version.id)))
    return Changes(
        changed=frozenset((reached & own) - kept),
        added=frozenset(own - reached),
        removed=sum(1 for _target, relation in rows if relation is Lineage.REMOVED),
    )


def _followed(
    session: Session, version: DocumentVersion, wanted: set[int]
) -> dict[int, frozenset[int]]:
    """Return the ids of the passages in ``version`` that those of ``wanted`` became."""
    own = set(session.scalars(select(Passage.id).where(Passage.version_id == version.id)))
    found = {one: frozenset({one}) for one in wanted & own}
    # From each passage that is still on its way to those of ``wanted`` that it came of.
    on_the_way: dict[int, set[int]] = {one: {one} for one in wanted - own}
    reached: dict[int, set[int]] = defaultdict(set)
    while on_the_way:  # ends: each step leads to a later version
        after: dict[int, set[int]] = defaultdict(set)
        for source, target in _edges(session, version, sorted(on_the_way)):
            if target in own:
                for origin in on_the_way[source]:
                    reached[origin].add(target)
            else:
                after[target] |= on_the_way[source]
        on_the_way = after
    return found | {origin: frozenset(targets) for origin, targets in reached.items()}


def _edges(
    session: Session, version: DocumentVersion, sources: Sequence[int]
) -> list[tuple[int, int]]:
    edges: list[tuple[int, int]] = []
    for start in range(0, len(sources), _BATCH):
        rows = session.execute(
            select(PassageLineage.from_id, PassageLineage.to_id)
            .join(Passage, Passage.id == PassageLineage.to_id)
            .join(DocumentVersion, DocumentVersion.id == Passage.version_id)
            .where(
                PassageLineage.from_id.in_(sources[start : start + _BATCH]),
                DocumentVersion.document_id == version.document_id,
                DocumentVersion.number <= version.number,
            )
        )
        edges += [(source, target) for source, target in rows if target is not None]
    return edges
