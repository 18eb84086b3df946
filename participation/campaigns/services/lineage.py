"""What a person says about the lineage of passages: confirmed as found, or put right."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.documents.anchors import assign_anchors
from participation.campaigns.documents.successors import Fate
from participation.campaigns.models import (
    Campaign,
    DocumentVersion,
    Lineage,
    Passage,
    PassageLineage,
)
from participation.campaigns.queries.documents import passages_of
from participation.campaigns.queries.lineage import previous_with_passages
from participation.campaigns.services.passages import (
    forget_lines,
    inherited_anchors,
    relation_of,
)
from participation.campaigns.texts import comparable
from participation.core.actors import Actor
from participation.core.errors import StateConflict

_MOST_AT_ONCE = 3_000


def confirm_lineage(
    session: Session,
    campaign: Campaign,
    version: DocumentVersion,
    passage_ids: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Note that a person has looked at what became of some passages; return of how many."""
    previous = previous_with_passages(session, version)
    if previous is None or not passage_ids:
        return 0
    own = select(Passage.id).where(
        Passage.version_id == previous.id, Passage.id.in_(list(passage_ids)[:_MOST_AT_ONCE])
    )
    fresh = set(
        session.scalars(
            select(PassageLineage.from_id).where(
                PassageLineage.from_id.in_(own), PassageLineage.confirmed.is_(False)
            )
        )
    )
    if not fresh:
        return 0
    session.execute(
        update(PassageLineage).where(PassageLineage.from_id.in_(fresh)).values(confirmed=True)
    )
    _hand_on_anchors(session, version, previous)
    audit.record(
        session,
        "campaigns.lineage.confirmed",
        actor=actor,
        now=now,
        subject=f"document_version:{version.id}",
        department_id=campaign.department_id,
        after={"passages": len(fresh)},
    )
    return len(fresh)


def correct_lineage(
    session: Session,
    campaign: Campaign,
    version: DocumentVersion,
    passage: Passage,
    targets: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Say what became of a passage, in place of what the comparison found.

    Args:
        session: the session of the act.
        campaign: whose document it is.
        version: the version in which the passage is followed.
        passage: of the published version before.
        targets: ids of passages of ``version``; none: it was removed; several: it was split.
        actor: who says so.
        now: when.

    Raises:
        StateConflict: the passage or a target is not (or no longer) of these versions.

    """
    previous = previous_with_passages(session, version)
    new = {one.id: one for one in passages_of(session, version.id)}
    chosen = sorted(set(targets))
    if previous is None or passage.version_id != previous.id or not new.keys() >= set(chosen):
        raise StateConflict(
            "表示した後に本文が変わりました。今の本文を見て、もう一度選んでください。"
        )
    before = _anchors_of(session, passage)
    same = len(chosen) == 1 and comparable(new[chosen[0]].text) == comparable(passage.text)
    kept_already = same and session.scalar(
        select(PassageLineage.id).where(
            PassageLineage.to_id == chosen[0],
            PassageLineage.relation == Lineage.KEPT,
            PassageLineage.from_id != passage.id,
        )
    )
    relation = Lineage.KEPT if same and kept_already is None else relation_of(chosen)
    successors: list[int | None] = [*chosen] or [None]
    forget_lines(session, [passage])
    session.execute(
        insert(PassageLineage),
        [
            {"from_id": passage.id, "to_id": target, "relation": relation, "confirmed": True}
            for target in successors
        ],
    )
    _hand_on_anchors(session, version, previous)
    audit.record(
        session,
        "campaigns.lineage.corrected",
        actor=actor,
        now=now,
        subject=f"passage:{passage.id}",
        department_id=campaign.department_id,
        before={"successors": before},
        after={"successors": _anchors_of(session, passage), "relation": relation.value},
    )


def _hand_on_anchors(session: Session, version: DocumentVersion, previous: DocumentVersion) -> None:
    """Give the anchors of an unpublished version anew; those of a published one stay."""
    if version.published_at is not None:
        return
    old, new = passages_of(session, previous.id), passages_of(session, version.id)
    positions = {passage.id: position for position, passage in enumerate(new)}
    lines: dict[int, list[PassageLineage]] = {}
    for line in session.scalars(
        select(PassageLineage).where(PassageLineage.from_id.in_([one.id for one in old]))
    ):
        lines.setdefault(line.from_id, []).append(line)
    fates = [
        Fate(
            lines[one.id][0].relation,
            tuple(positions[line.to_id] for line in lines[one.id] if line.to_id in positions),
        )
        for one in old
    ]
    looked_at = frozenset(
        position for position, one in enumerate(old) if lines[one.id][0].confirmed
    )
    anchors = assign_anchors([one.text for one in new], inherited_anchors(old, fates, looked_at))
    moved = [
        (one, anchor) for one, anchor in zip(new, anchors, strict=True) if one.anchor != anchor
    ]
    # Two passages may change anchors with each other: first out of the way, then into place.
    for one, _anchor in moved:
        one.anchor = f"p--{one.id}"
    session.flush()
    for one, anchor in moved:
        one.anchor = anchor
    session.flush()


def _anchors_of(session: Session, passage: Passage) -> list[str]:
    return list(
        session.scalars(
            select(Passage.anchor)
            .join(PassageLineage, PassageLineage.to_id == Passage.id)
            .where(PassageLineage.from_id == passage.id)
            .order_by(Passage.position)
        )
    )
