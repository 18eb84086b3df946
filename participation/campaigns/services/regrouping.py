"""Groups of opinions as a whole: put in order, merged, dissolved."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import AmendmentSource, Campaign, Opinion, OpinionGroup
from participation.campaigns.services.answer_rules import hold_answers
from participation.campaigns.services.groups import told, words_of, write_words
from participation.core.actors import Actor
from participation.core.errors import InvalidInput


def place_group(
    session: Session,
    campaign: Campaign,
    group: OpinionGroup,
    place: int,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Move a group to a place of the printed order, counted from 1; False: it stood there already.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        StateConflict: the answers may not be changed now.

    """
    hold_answers(session, campaign, actor=actor)
    rows = session.execute(
        select(OpinionGroup.id, OpinionGroup.position)
        .where(OpinionGroup.campaign_id == campaign.id)
        .order_by(OpinionGroup.position, OpinionGroup.id)
    ).all()
    positions = {row.id: row.position for row in rows}
    order = list(positions)
    old = order.index(group.id)
    new = min(max(place, 1), len(order)) - 1
    order.insert(new, order.pop(old))
    moved = [
        {"id": group_id, "position": position}
        for position, group_id in enumerate(order, start=1)
        if positions[group_id] != position
    ]
    if moved:
        session.execute(update(OpinionGroup), moved)
        session.expire(group, ["position"])
    if old == new:
        return False
    audit.record(
        session,
        "campaigns.group.moved",
        department_id=campaign.department_id,
        subject=f"opinion_group:{group.id}",
        actor=actor,
        now=now,
        before={"position": old + 1},
        after={"position": new + 1},
    )
    return True


def merge_groups(
    session: Session,
    campaign: Campaign,
    into: OpinionGroup,
    others: Sequence[OpinionGroup],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Put the opinions and amendments of ``others`` into one group and remove the others.

    The words of ``into`` stay; where it has none, the first of the others gives them. All words
    that go are kept in the audit log.

    Returns:
        How many opinions moved.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        InvalidInput: there is nothing to merge.
        StateConflict: the answers may not be changed now.

    """
    others = [group for group in others if group.id != into.id]
    if not others:
        raise InvalidInput("まとめるグループを2つ以上選んでください。")
    hold_answers(session, campaign, actor=actor)
    for group in (into, *others):
        session.refresh(group)
    ids = [group.id for group in others]
    moved = _move_opinions(session, ids, into.id)
    _move_amendments(session, ids, into.id)
    taken: dict[str, Any] = {}
    for name in ("heading", "summary", "view", "category_id", "assigned_to"):
        if not getattr(into, name):
            value = next((getattr(g, name) for g in others if getattr(g, name)), None)
            if value is not None:
                taken[name] = value
    gone = [told(session, {"number": group.number, **asdict(words_of(group))}) for group in others]
    # What a ready answer says of its opinions has not been read against the new ones.
    ready = into.ready
    if ready:
        taken["ready"] = False
    session.execute(delete(OpinionGroup).where(OpinionGroup.id.in_(ids)))
    if taken:
        write_words(session, into, taken, actor=actor, now=now)
    audit.record(
        session,
        "campaigns.group.merged",
        department_id=campaign.department_id,
        subject=f"opinion_group:{into.id}",
        actor=actor,
        now=now,
        before={"groups": gone, "ready": ready},
        after=told(session, {"number": into.number, "opinions": moved, **taken}),
    )
    return moved


def dissolve_group(
    session: Session, campaign: Campaign, group: OpinionGroup, *, actor: Actor, now: datetime
) -> int:
    """Remove a group; its opinions are without a group again, its words are in the audit log.

    Returns:
        How many opinions it had.

    Raises:
        NotFound: the campaign is out of the actor's reach.
        StateConflict: the answers may not be changed now.

    """
    hold_answers(session, campaign, actor=actor)
    session.refresh(group)
    number = _move_opinions(session, [group.id], None)
    session.execute(delete(AmendmentSource).where(AmendmentSource.group_id == group.id))
    before = told(session, {"number": group.number, **asdict(words_of(group)), "opinions": number})
    session.execute(delete(OpinionGroup).where(OpinionGroup.id == group.id))
    session.expunge(group)
    audit.record(
        session,
        "campaigns.group.dissolved",
        department_id=campaign.department_id,
        subject=f"opinion_group:{group.id}",
        actor=actor,
        now=now,
        before=before,
    )
    return number


def _move_opinions(session: Session, from_ids: Sequence[int], to_id: int | None) -> int:
    """Give the opinions of some groups to another; return how many can be seen in it."""
    session.flush()
    shown = session.scalar(
        select(func.count())
        .select_from(Opinion)
        .where(Opinion.group_id.in_(from_ids), ~Opinion.split)
    )
    session.execute(
        update(Opinion)
        .where(Opinion.group_id.in_(from_ids))
        .values(group_id=to_id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return shown or 0


def _move_amendments(session: Session, from_ids: Sequence[int], to_id: int) -> None:
    there = set(
        session.scalars(
            select(AmendmentSource.amendment_id).where(AmendmentSource.group_id == to_id)
        )
    )
    wanted = set(
        session.scalars(
            select(AmendmentSource.amendment_id).where(AmendmentSource.group_id.in_(from_ids))
        )
    )
    session.execute(delete(AmendmentSource).where(AmendmentSource.group_id.in_(from_ids)))
    new = [{"amendment_id": number, "group_id": to_id} for number in sorted(wanted - there)]
    if new:
        session.execute(insert(AmendmentSource), new)
