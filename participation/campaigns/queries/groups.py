"""Groups of opinions for staff: the worksheet, what is left to do, one group."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    AmendmentSource,
    Campaign,
    Opinion,
    OpinionGroup,
    OpinionMask,
    ResponseCategory,
    Submission,
)
from participation.campaigns.queries.counts import (
    COUNTED,
    GroupCount,
    group_counts,
    speaks,
    stands_in,
)
from participation.core.errors import NotFound

NO_SECTION = "-"  # the filter for what nobody has been assigned to


@dataclass(frozen=True)
class GroupFilter:
    """Which groups the worksheet shows; an empty value asks for all."""

    section: str = ""  # 係; NO_SECTION for none
    category_id: int | None = None
    missing: str = ""  # summary, view, category, amendment, ready, opinions


@dataclass(frozen=True)
class GroupLine:
    """One line of the worksheet."""

    group: OpinionGroup
    category: ResponseCategory | None
    count: GroupCount
    amendments: int

    @property
    def lacks_amendment(self) -> bool:
        """Whether its category needs an amendment and none is linked."""
        return self.category is not None and self.category.needs_amendment and not self.amendments


@dataclass(frozen=True)
class Left:
    """What is left to do in a campaign."""

    ungrouped: int  # opinions to be counted that are in no group
    groups: int
    without_summary: int
    without_view: int
    without_category: int
    without_amendment: int
    not_ready: int
    unchecked_masks: int

    @property
    def nothing(self) -> bool:
        """Whether all is done."""
        return not (self.ungrouped or self.not_ready or self.unchecked_masks)


def get_group(session: Session, campaign: Campaign, group_id: int) -> OpinionGroup:
    """Return a group of ``campaign``.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    group = session.get(OpinionGroup, group_id)
    if group is None or group.campaign_id != campaign.id:
        raise NotFound(
            "そのグループは見つかりませんでした。「整理と回答」の一覧からお選びください。"
        )
    return group


def group_by_number(session: Session, campaign: Campaign, number: int) -> OpinionGroup | None:
    """Return the group that people call by ``number``, or None."""
    return session.scalar(
        select(OpinionGroup).where(
            OpinionGroup.campaign_id == campaign.id, OpinionGroup.number == number
        )
    )


def groups_in_order(session: Session, campaign: Campaign) -> Sequence[OpinionGroup]:
    """Return the groups of a campaign in their printed order."""
    return session.scalars(
        select(OpinionGroup)
        .where(OpinionGroup.campaign_id == campaign.id)
        .order_by(OpinionGroup.position, OpinionGroup.id)
    ).all()


def categories_of(session: Session, campaign: Campaign) -> Sequence[ResponseCategory]:
    """Return the 対応区分 of a campaign in their order."""
    return session.scalars(
        select(ResponseCategory)
        .where(ResponseCategory.campaign_id == campaign.id)
        .order_by(ResponseCategory.position, ResponseCategory.id)
    ).all()


def worksheet(
    session: Session,
    campaign: Campaign,
    wanted: GroupFilter,
    *,
    limit: int,
    after: int | None = None,
) -> list[GroupLine]:
    """Return groups in their printed order.

    Args:
        session: any session.
        campaign: whose.
        wanted: the filter.
        limit: how many at most.
        after: the position of the last line of the page before.

    """
    query = (
        select(OpinionGroup, ResponseCategory)
        .outerjoin(ResponseCategory, ResponseCategory.id == OpinionGroup.category_id)
        .where(OpinionGroup.campaign_id == campaign.id)
        .order_by(OpinionGroup.position, OpinionGroup.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(OpinionGroup.position > after)
    rows = session.execute(_filtered(query, wanted)).all()
    ids = [group.id for group, _category in rows]
    counted = group_counts(session, campaign, ids)
    amendments = dict(
        session.execute(
            select(AmendmentSource.group_id, func.count())
            .where(AmendmentSource.group_id.in_(ids))
            .group_by(AmendmentSource.group_id)
        ).all()
    )
    return [
        GroupLine(group, category, counted.get(group.id, GroupCount()), amendments.get(group.id, 0))
        for group, category in rows
    ]


def sections_of(session: Session, campaign: Campaign) -> list[str]:
    """Return the 係 that groups or opinions of a campaign are assigned to, for pickers."""
    found = set()
    for column, where in (
        (OpinionGroup.assigned_to, OpinionGroup.campaign_id == campaign.id),
        (Opinion.assigned_to, Opinion.campaign_id == campaign.id),
    ):
        found |= set(session.scalars(select(column).where(where, column != "").distinct()))
    return sorted(found)


def left(session: Session, campaign: Campaign) -> Left:
    """Return what is left to do before the result of ``campaign`` can be decided."""
    here = OpinionGroup.campaign_id == campaign.id
    kinds = ("summary", "view", "category", "amendment", "ready")
    totals = session.execute(
        select(func.count(), *(func.count().filter(_MISSING[kind]) for kind in kinds))
        .select_from(OpinionGroup)
        .outerjoin(ResponseCategory, ResponseCategory.id == OpinionGroup.category_id)
        .where(here)
    ).one()
    number, summary, view, category, amendment, ready = tuple(totals)
    return Left(
        ungrouped=ungrouped_number(session, campaign),
        groups=number,
        without_summary=summary,
        without_view=view,
        without_category=category,
        without_amendment=amendment,
        not_ready=ready,
        unchecked_masks=unchecked_masks(session, campaign),
    )


def ungrouped_number(session: Session, campaign: Campaign) -> int:
    """Return how many opinions that count are in no group."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Opinion)
            .join(Submission, Submission.id == Opinion.submission_id)
            .where(
                Opinion.campaign_id == campaign.id, Opinion.group_id.is_(None), to_sort(campaign)
            )
        )
        or 0
    )


def to_sort(campaign: Campaign) -> ColumnElement[bool]:
    """Return the condition that an opinion must stand in a group before the result is decided."""
    return and_(
        ~Opinion.split, ~Opinion.out_of_scope, stands_in(campaign, COUNTED), speaks(campaign)
    )


def unchecked_masks(session: Session, campaign: Campaign) -> int:
    """Return how many masks wait for a second person."""
    return (
        session.scalar(
            select(func.count())
            .select_from(OpinionMask)
            .join(Opinion, Opinion.id == OpinionMask.opinion_id)
            .where(Opinion.campaign_id == campaign.id, OpinionMask.checked_by.is_(None))
        )
        or 0
    )


_NO_AMENDMENT = ~exists().where(AmendmentSource.group_id == OpinionGroup.id)
_MISSING: dict[str, ColumnElement[bool]] = {
    "summary": OpinionGroup.summary == "",
    # What is out of scope is not answered (domain.md 1.8).
    "view": and_(
        OpinionGroup.view == "",
        or_(ResponseCategory.id.is_(None), ~ResponseCategory.out_of_scope),
    ),
    "category": OpinionGroup.category_id.is_(None),
    "amendment": and_(ResponseCategory.needs_amendment, _NO_AMENDMENT),
    "ready": ~OpinionGroup.ready,
    "opinions": ~exists().where(Opinion.group_id == OpinionGroup.id, ~Opinion.split),
}
MISSING_KINDS = tuple(_MISSING)


def _filtered(
    query: Select[OpinionGroup, ResponseCategory], wanted: GroupFilter
) -> Select[OpinionGroup, ResponseCategory]:
    if wanted.section:
        section = "" if wanted.section == NO_SECTION else wanted.section
        query = query.where(OpinionGroup.assigned_to == section)
    if wanted.category_id is not None:
        query = query.where(OpinionGroup.category_id == wanted.category_id)
    if wanted.missing in _MISSING:
        query = query.where(_MISSING[wanted.missing])
    return query
