"""Amendments for staff: the list, one of them, the groups and opinions behind it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Amendment,
    AmendmentSource,
    Campaign,
    Document,
    DocumentVersion,
    Opinion,
    OpinionGroup,
    Passage,
)
from participation.core.errors import NotFound


@dataclass(frozen=True)
class AmendmentLine:
    """An amendment with the groups of opinions behind it."""

    amendment: Amendment
    groups: tuple[OpinionGroup, ...]
    opinions: int
    passage: Passage | None


def get_amendment(session: Session, campaign: Campaign, amendment_id: int) -> Amendment:
    """Return an amendment of ``campaign``.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    amendment = session.get(Amendment, amendment_id)
    if amendment is None or amendment.campaign_id != campaign.id:
        raise NotFound("その修正は見つかりませんでした。「修正」の一覧からお選びください。")
    return amendment


def amendment_lines(session: Session, campaign: Campaign) -> list[AmendmentLine]:
    """Return the amendments of a campaign by their numbers: a few statements at any number."""
    amendments = session.scalars(
        select(Amendment).where(Amendment.campaign_id == campaign.id).order_by(Amendment.number)
    ).all()
    groups: defaultdict[int, list[OpinionGroup]] = defaultdict(list)
    sizes: dict[int, int] = {}
    for amendment_id, group in session.execute(
        select(AmendmentSource.amendment_id, OpinionGroup)
        .join(OpinionGroup, OpinionGroup.id == AmendmentSource.group_id)
        .where(OpinionGroup.campaign_id == campaign.id)
        .order_by(OpinionGroup.position, OpinionGroup.id)
    ):
        groups[amendment_id].append(group)
        sizes[group.id] = 0
    sizes |= {
        group_id: number
        for group_id, number in session.execute(
            select(Opinion.group_id, func.count())
            .where(Opinion.group_id.in_(list(sizes)), ~Opinion.split)
            .group_by(Opinion.group_id)
        )
        if group_id is not None
    }
    passages = {
        passage.id: passage
        for passage in session.scalars(
            select(Passage).where(
                Passage.id.in_([a.passage_id for a in amendments if a.passage_id is not None])
            )
        )
    }
    return [
        AmendmentLine(
            amendment,
            tuple(groups[amendment.id]),
            sum(sizes[group.id] for group in groups[amendment.id]),
            passages.get(amendment.passage_id) if amendment.passage_id is not None else None,
        )
        for amendment in amendments
    ]


def groups_behind(session: Session, amendment: Amendment) -> Sequence[OpinionGroup]:
    """Return the groups that an amendment answers, by their numbers."""
    return session.scalars(
        select(OpinionGroup)
        .join(AmendmentSource, AmendmentSource.group_id == OpinionGroup.id)
        .where(AmendmentSource.amendment_id == amendment.id)
        .order_by(OpinionGroup.number)
    ).all()


def amendments_of(session: Session, group: OpinionGroup) -> Sequence[Amendment]:
    """Return the amendments that answer a group, by their numbers."""
    return session.scalars(
        select(Amendment)
        .join(AmendmentSource, AmendmentSource.amendment_id == Amendment.id)
        .where(AmendmentSource.group_id == group.id)
        .order_by(Amendment.number)
    ).all()


def has_passage(session: Session, campaign: Campaign, passage_id: int) -> bool:
    """Whether a passage belongs to a document of ``campaign``."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Passage.id == passage_id,
                    DocumentVersion.id == Passage.version_id,
                    Document.id == DocumentVersion.document_id,
                    Document.campaign_id == campaign.id,
                )
            )
        )
    )
