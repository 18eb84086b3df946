"""Storing the passages of a version, and what became of those of the version before."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from participation.campaigns.documents.anchors import assign_anchors
from participation.campaigns.documents.passages import read_passages
from participation.campaigns.documents.successors import Fate, trace
from participation.campaigns.models import (
    Amendment,
    DocumentVersion,
    Lineage,
    Opinion,
    Passage,
    PassageLineage,
)
from participation.campaigns.queries.documents import passages_of
from participation.campaigns.queries.lineage import previous_with_passages
from participation.campaigns.texts import comparable
from participation.core.errors import InvalidInput, StateConflict


def store_passages(session: Session, version: DocumentVersion) -> None:
    """Cut the text of an unpublished version in passages and say what became of the old ones.

    What a person has confirmed of the lineage stays, as long as the passage that it leads to has
    the same words.

    Raises:
        InvalidInput: the text is too long, or has nothing in it to read.
        StateConflict: an opinion or an amendment points to a passage of this version.

    """
    read = read_passages(version.source) if version.source.strip() else []
    if version.source.strip() and not read:
        raise InvalidInput("本文に読める文章がありません。", field="source")
    previous = previous_with_passages(session, version)
    old = passages_of(session, previous.id) if previous is not None else []
    confirmed = _confirmed(session, version)
    _clear(session, version, old)
    fates = trace(
        [(passage.kind, passage.text) for passage in old],
        [(passage.kind, passage.text) for passage in read],
    )
    fates, looked_at = _with_confirmed(old, fates, confirmed, [passage.text for passage in read])
    anchors = assign_anchors(
        [passage.text for passage in read], inherited_anchors(old, fates, looked_at)
    )
    if read:
        session.execute(
            insert(Passage),
            [
                {
                    "version_id": version.id,
                    "position": position,
                    "anchor": anchor,
                    "kind": passage.kind,
                    "level": passage.level,
                    "label": passage.label,
                    "text": passage.text,
                    "html": passage.html,
                }
                for position, (passage, anchor) in enumerate(zip(read, anchors, strict=True))
            ],
        )
    if previous is not None and read:
        carry_over(session, previous, version, fates=fates, confirmed=looked_at)


def carry_over(
    session: Session,
    from_version: DocumentVersion,
    to_version: DocumentVersion,
    *,
    fates: Sequence[Fate] | None = None,
    confirmed: frozenset[int] = frozenset(),
) -> None:
    """Store what became in ``to_version`` of each passage of ``from_version``.

    Opinions stay with the passages that they were written on; queries follow these lines
    (``queries.lineage.current_passage``).

    Args:
        session: the session of the act.
        from_version: the published version before.
        to_version: its successor, with its passages stored.
        fates: of the passages in their order, when they are known; else they are found now.
        confirmed: positions in ``from_version`` that a person has looked at.

    """
    old, new = passages_of(session, from_version.id), passages_of(session, to_version.id)
    if fates is None:
        fates = trace(
            [(passage.kind, passage.text) for passage in old],
            [(passage.kind, passage.text) for passage in new],
        )
    forget_lines(session, old)
    rows = [
        {
            "from_id": passage.id,
            "to_id": new[target].id if target is not None else None,
            "relation": fate.relation,
            "confirmed": position in confirmed,
        }
        for position, (passage, fate) in enumerate(zip(old, fates, strict=True))
        for target in (fate.targets or (None,))
    ]
    if rows:
        session.execute(insert(PassageLineage), rows)


def _confirmed(session: Session, version: DocumentVersion) -> dict[int, tuple[str, ...]]:
    """Return what a person confirmed: by passage the compared words of its successors."""
    rows = session.execute(
        select(PassageLineage.from_id, Passage.text)
        .join(Passage, Passage.id == PassageLineage.to_id)
        .where(Passage.version_id == version.id, PassageLineage.confirmed)
    ).all()
    found: dict[int, tuple[str, ...]] = {}
    for from_id, text in rows:
        found[from_id] = (*found.get(from_id, ()), comparable(text))
    previous = previous_with_passages(session, version)
    if previous is not None:
        gone = session.scalars(
            select(PassageLineage.from_id)
            .join(Passage, Passage.id == PassageLineage.from_id)
            .where(
                Passage.version_id == previous.id,
                PassageLineage.confirmed,
                PassageLineage.to_id.is_(None),
            )
        )
        found |= dict.fromkeys(gone, ())
    return found


def _with_confirmed(
    old: Sequence[Passage],
    fates: Sequence[Fate],
    confirmed: Mapping[int, tuple[str, ...]],
    texts: Sequence[str],
) -> tuple[list[Fate], frozenset[int]]:
    """Put what a person confirmed in place of what the comparison found, where it still holds."""
    where: dict[str, list[int]] = {}
    for position, text in enumerate(texts):
        where.setdefault(comparable(text), []).append(position)
    settled = list(fates)
    looked_at = set()
    for position, passage in enumerate(old):
        if passage.id not in confirmed:
            continue
        words = confirmed[passage.id]
        if any(len(where.get(one, ())) != 1 for one in words):
            continue
        targets = tuple(sorted({where[one][0] for one in words}))
        looked_at.add(position)
        if targets == fates[position].targets:
            continue
        settled[position] = Fate(relation_of(targets), targets)
    return settled, frozenset(looked_at)


def relation_of(targets: Sequence[int]) -> Lineage:
    """Return what it is called when a passage became ``targets`` and was not kept."""
    if not targets:
        return Lineage.REMOVED
    return Lineage.SPLIT if len(targets) > 1 else Lineage.CHANGED


def inherited_anchors(
    old: Sequence[Passage], fates: Sequence[Fate], confirmed: frozenset[int]
) -> dict[int, str]:
    """Return the anchors that new passages take over: of the same one, or a confirmed successor."""
    inherited = {
        fate.targets[0]: passage.anchor
        for passage, fate in zip(old, fates, strict=True)
        if fate.relation is Lineage.KEPT
    }
    for position, (passage, fate) in enumerate(zip(old, fates, strict=True)):
        if fate.relation is Lineage.CHANGED and position in confirmed:
            inherited.setdefault(fate.targets[0], passage.anchor)
    return inherited


def _clear(session: Session, version: DocumentVersion, old: Sequence[Passage]) -> None:
    own = select(Passage.id).where(Passage.version_id == version.id)
    pointing = sum(
        session.scalar(select(func.count()).where(column.in_(own))) or 0
        for column in (Opinion.passage_id, Amendment.passage_id)
    )
    if pointing:
        raise StateConflict(
            "この版の段落を指している意見か修正があるため、本文を変えられません。"
            "修正の「段落」を外してから、もう一度保存してください。"
        )
    forget_lines(session, old)
    session.execute(delete(PassageLineage).where(PassageLineage.to_id.in_(own)))
    session.execute(delete(Passage).where(Passage.version_id == version.id))


def remove_passages(session: Session, version: DocumentVersion) -> None:
    """Remove the passages of a version that is given up, and what leads to them.

    Raises:
        StateConflict: an opinion or an amendment points to one of them.

    """
    previous = previous_with_passages(session, version)
    _clear(session, version, passages_of(session, previous.id) if previous is not None else [])


def forget_lines(session: Session, old: Sequence[Passage]) -> None:
    """Remove the lines that go out from some passages; there is one version after them at most."""
    ids = [passage.id for passage in old]
    for start in range(0, len(ids), 500):
        session.execute(
            delete(PassageLineage).where(PassageLineage.from_id.in_(ids[start : start + 500]))
        )
