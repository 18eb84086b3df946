"""Masks for staff: one, and those that wait for a second person."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from participation.accounts.models import StaffUser
from participation.campaigns.models import Campaign, Opinion, OpinionMask
from participation.core.errors import NotFound

_AROUND = 30  # characters of context on each side


@dataclass(frozen=True)
class WaitingMask:
    """A mask to be checked, with the words around it."""

    mask: OpinionMask
    maker: str
    before: str
    hidden: str
    after: str

    @property
    def id(self) -> int:
        """The key of the list's pages."""
        return self.mask.id


def get_mask(session: Session, campaign: Campaign, mask_id: int) -> OpinionMask:
    """Return a mask of an opinion of ``campaign``.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    mask = session.scalar(
        select(OpinionMask)
        .join(Opinion, Opinion.id == OpinionMask.opinion_id)
        .where(OpinionMask.id == mask_id, Opinion.campaign_id == campaign.id)
    )
    if mask is None:
        raise NotFound("その非公開の箇所は見つかりませんでした。取り消されたのかもしれません。")
    return mask


def waiting_masks(
    session: Session, campaign: Campaign, *, limit: int, before: int | None = None
) -> list[WaitingMask]:
    """Return the masks of a campaign that nobody has checked, newest first."""
    query = (
        select(OpinionMask, Opinion, StaffUser.name)
        .join(Opinion, Opinion.id == OpinionMask.opinion_id)
        .join(StaffUser, StaffUser.id == OpinionMask.made_by)
        .where(Opinion.campaign_id == campaign.id, OpinionMask.checked_by.is_(None))
        .order_by(OpinionMask.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(OpinionMask.id < before)
    found = []
    for mask, opinion, maker in session.execute(query):
        text: str = getattr(opinion, mask.field)
        found.append(
            WaitingMask(
                mask,
                maker,
                text[max(0, mask.start - _AROUND) : mask.start],
                text[mask.start : mask.stop],
                text[mask.stop : mask.stop + _AROUND],
            )
        )
    return found


@dataclass(frozen=True)
class MaskOfPeople:
    """A mask with the words it hides and who made and checked it."""

    mask: OpinionMask
    hidden: str
    maker: str
    checker: str  # empty: nobody yet


def masks_with_people(session: Session, opinion: Opinion) -> list[MaskOfPeople]:
    """Return the masks of an opinion in the order of its text."""
    maker, checker = aliased(StaffUser), aliased(StaffUser)
    rows = session.execute(
        select(OpinionMask, maker.name, func.coalesce(checker.name, ""))
        .join(maker, maker.id == OpinionMask.made_by)
        .outerjoin(checker, checker.id == OpinionMask.checked_by)
        .where(OpinionMask.opinion_id == opinion.id)
        .order_by(OpinionMask.field.desc(), OpinionMask.start)
    )
    return [
        MaskOfPeople(mask, getattr(opinion, mask.field)[mask.start : mask.stop], made, checked)
        for mask, made, checked in rows
    ]
