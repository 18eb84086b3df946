"""Opinions as the public may read them, and as staff list them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    Opinion,
    OpinionGroup,
    OpinionMask,
    Passage,
    Submission,
    TextCluster,
)
from participation.campaigns.queries.groups import NO_SECTION, to_sort
from participation.core.errors import NotFound
from participation.submissions.models import Receipt

# Stands for a masked span of any length, so that its length tells nothing.
MASKED = "［非公開］"
_MANY = 500


@dataclass(frozen=True)
class PublicOpinion:
    """The words of an opinion that may be published."""

    text: str
    reason: str
    place: str


def public_text(session: Session, opinions: Sequence[Opinion]) -> dict[int, PublicOpinion]:
    """Return the public words of ``opinions`` by their ids, masked spans replaced by ［非公開］.

    A mask hides its span from the moment it is made, checked by a second person or not.
    """
    spans: defaultdict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for mask in masks_of(session, [opinion.id for opinion in opinions]):
        spans[mask.opinion_id, mask.field].append((mask.start, mask.stop))
    return {
        opinion.id: PublicOpinion(
            text=masked(opinion.text, spans.get((opinion.id, "text"), ())),
            reason=masked(opinion.reason, spans.get((opinion.id, "reason"), ())),
            place=masked(opinion.place, spans.get((opinion.id, "place"), ())),
        )
        for opinion in opinions
    }


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return ``text`` with each span of characters replaced; spans that touch become one."""
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if not pieces or start > end:
            pieces += [text[end:start], MASKED]
        end = max(end, stop)
    return "".join([*pieces, text[end:]])


def masks_of(session: Session, opinion_ids: Sequence[int]) -> list[OpinionMask]:
    """Return the masks of some opinions, in the order of the text."""
    found: list[OpinionMask] = []
    # SQLite takes a limited number of values in one statement.
    for first in range(0, len(opinion_ids), _MANY):
        found += session.scalars(
            select(OpinionMask)
            .where(OpinionMask.opinion_id.in_(opinion_ids[first : first + _MANY]))
            .order_by(OpinionMask.opinion_id, OpinionMask.field, OpinionMask.start)
        )
    return found


@dataclass(frozen=True)
class OpinionFilter:
    """Which opinions a list or a bulk act is about; an empty value asks for all."""

    group_id: int | None = None
    ungrouped: bool = False  # in no group
    to_sort: bool = False  # only those that must stand in a group (queries/groups.py)
    cluster_id: int | None = None
    passage_id: int | None = None
    section: str = ""  # 係; NO_SECTION for none
    text: str = ""  # words in 意見, as typed


@dataclass(frozen=True)
class OpinionLine:
    """One opinion in a list."""

    opinion: Opinion
    submission: Submission
    receipt_number: str
    group_number: int | None
    cluster_size: int  # 0: not looked at yet; 1: like no other
    passage: str

    @property
    def id(self) -> int:
        """The key of the list's pages."""
        return self.opinion.id


def conditions(campaign: Campaign, wanted: OpinionFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter on ``Opinion``; what was split is never in it.

    For ``to_sort`` the statement must join ``Submission``.
    """
    found: list[ColumnElement[bool]] = [Opinion.campaign_id == campaign.id, ~Opinion.split]
    if wanted.group_id is not None:
        found.append(Opinion.group_id == wanted.group_id)
    if wanted.ungrouped or wanted.to_sort:
        found.append(Opinion.group_id.is_(None))
    if wanted.to_sort:
        found.append(to_sort(campaign))
    if wanted.cluster_id is not None:
        found.append(Opinion.cluster_id == wanted.cluster_id)
    if wanted.passage_id is not None:
        found.append(Opinion.passage_id == wanted.passage_id)
    if wanted.section:
        found.append(
            Opinion.assigned_to == ("" if wanted.section == NO_SECTION else wanted.section)
        )
    if wanted.text:
        found.append(Opinion.text.contains(wanted.text, autoescape=True))
    return found


def opinion_lines(
    session: Session,
    campaign: Campaign,
    wanted: OpinionFilter,
    *,
    limit: int,
    before: int | None = None,
) -> list[OpinionLine]:
    """Return opinions, newest first; a page costs the same at any number.

    Args:
        session: any session.
        campaign: whose.
        wanted: the filter.
        limit: how many at most.
        before: only opinions with a smaller id: the next page.

    """
    query = (
        select(Opinion.id)
        .where(*conditions(campaign, wanted))
        .order_by(Opinion.id.desc())
        .limit(limit)
    )
    if wanted.to_sort:
        query = query.join(Submission, Submission.id == Opinion.submission_id)
    if before is not None:
        query = query.where(Opinion.id < before)
    return lines_of(session, session.scalars(query).all())


def lines_of(session: Session, opinion_ids: Sequence[int]) -> list[OpinionLine]:
    """Return the lines of some opinions, newest first."""
    rows = session.execute(
        select(
            Opinion,
            Submission,
            Receipt.number,
            OpinionGroup.number,
            func.coalesce(TextCluster.opinions, 0),
            func.coalesce(Passage.label, ""),
        )
        .join(Submission, Submission.id == Opinion.submission_id)
        .join(Receipt, Receipt.id == Submission.receipt_id)
        .outerjoin(OpinionGroup, OpinionGroup.id == Opinion.group_id)
        .outerjoin(TextCluster, TextCluster.id == Opinion.cluster_id)
        .outerjoin(Passage, Passage.id == Opinion.passage_id)
        .where(Opinion.id.in_(opinion_ids))
        .order_by(Opinion.id.desc())
    )
    return [OpinionLine(*row) for row in rows]


def opinion_number(session: Session, campaign: Campaign, wanted: OpinionFilter) -> int:
    """Return how many opinions a filter finds."""
    query = select(func.count()).select_from(Opinion).where(*conditions(campaign, wanted))
    if wanted.to_sort:
        query = query.join(Submission, Submission.id == Opinion.submission_id)
    return session.scalar(query) or 0


def get_opinion(session: Session, campaign: Campaign, opinion_id: int) -> Opinion:
    """Return an opinion of ``campaign``.

    Raises:
        NotFound: there is none, or it is another campaign's.

    """
    opinion = session.get(Opinion, opinion_id)
    if opinion is None or opinion.campaign_id != campaign.id:
        raise NotFound("その意見は見つかりませんでした。「整理と回答」の一覧からお選びください。")
    return opinion


def parts_of(session: Session, opinion: Opinion) -> Sequence[Opinion]:
    """Return the parts that an opinion was split into, in the order of its text."""
    return session.scalars(
        select(Opinion).where(Opinion.split_from_id == opinion.id).order_by(Opinion.number)
    ).all()


def commented_passages(session: Session, campaign: Campaign) -> list[tuple[int, str, int]]:
    """Return the passages that opinions of a campaign speak about: (id, label, opinions)."""
    rows = session.execute(
        select(Passage.id, Passage.label, func.count())
        .join(Opinion, Opinion.passage_id == Passage.id)
        .where(Opinion.campaign_id == campaign.id, ~Opinion.split)
        .group_by(Passage.id, Passage.label, Passage.version_id, Passage.position)
        .order_by(Passage.version_id, Passage.position)
    )
    return [(passage_id, label, number) for passage_id, label, number in rows]
