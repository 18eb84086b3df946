"""How many: 通 (submissions), 人 (people) and 件 (opinions), derived and never typed or stored.

What domain.md 1.7 and 1.10 say, as one rule:

* A submission stands in exactly one place: late, else rerouted, else out of scope, else (sent
  without a name to a campaign that takes such opinions for reference only) reference, else counted.
* 通 are the counted submissions, those marked as duplicates too.
* Of a submission and its duplicates only one speaks for its sender: the original where it is
  counted, else the first duplicate that is. 人 and 件 look at these only. ``duplicate_of_id`` names
  the original itself, never another duplicate.
* 人 are their different senders; somebody without a name is a person of their own.
* 件 are their opinions. An opinion that was split is counted by its parts. An opinion that is out
  of scope, by itself or by its group's category, is counted apart.
* Under 「同じ人の、同じ項目への意見は合わせて1件」 a person counts once in each group; an opinion
  that has no group yet counts by itself.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.orm.util import AliasedClass

from participation.campaigns.models import (
    Amendment,
    AnonymousPolicy,
    Campaign,
    CountingRule,
    Opinion,
    OpinionGroup,
    ResponseCategory,
    Submission,
)
from participation.campaigns.queries.campaigns import get_campaign
from participation.submissions.models import Channel

# Submissions themselves, or another look at them in the same statement.
_Submissions = type[Submission] | AliasedClass[Submission]

COUNTED, LATE, REROUTED, OUT_OF_SCOPE, REFERENCE = (
    "counted",
    "late",
    "rerouted",
    "out_of_scope",
    "reference",
)


class CategoryCount(NamedTuple):
    """How much of a campaign has got one 対応区分."""

    label: str
    groups: int
    opinions: int  # 件


@dataclass(frozen=True)
class GroupCount:
    """How much stands in one group."""

    opinions: int = 0  # 件, by the counting rule
    persons: int = 0  # 人 behind them
    received: int = 0  # opinions in it of any kind: late, duplicate and out of scope too


@dataclass(frozen=True)
class Counts:
    """The numbers of a campaign."""

    submissions: int  # 通
    persons: int  # 人
    opinions: int  # 件
    late: int  # 通 after the deadline
    out_of_scope_submissions: int  # 通
    out_of_scope_opinions: int  # 件: of those, and of counted submissions
    duplicates: int  # 通 within ``submissions`` whose opinions another one speaks for
    reference: int  # 通 without a name, taken for reference only
    rerouted: int  # 通 that went on to another procedure
    by_channel: dict[Channel, int]  # 通
    # Code → its count; None: opinions whose group has no category yet, or that have no group.
    by_category: dict[str | None, CategoryCount]
    groups: int
    amendments: int

    @property
    def received(self) -> int:
        """Every submission that came, counted or not."""
        apart = self.late + self.rerouted + self.out_of_scope_submissions + self.reference
        return self.submissions + apart


def disposition(campaign: Campaign, of: _Submissions = Submission) -> ColumnElement[str]:
    """Return the place in which a submission of ``campaign`` stands, as an expression."""
    places: list[tuple[ColumnElement[bool] | InstrumentedAttribute[bool], str]] = [
        (of.late, LATE),
        (of.rerouted_to != "", REROUTED),
        (of.out_of_scope, OUT_OF_SCOPE),
    ]
    if campaign.anonymous_policy is AnonymousPolicy.REFERENCE:
        places.append((of.anonymous, REFERENCE))
    return case(*places, else_=COUNTED)


def stands_in(campaign: Campaign, place: str, of: _Submissions = Submission) -> ColumnElement[bool]:
    """Return the condition that a submission stands in ``place``."""
    in_time = and_(~of.late, of.rerouted_to == "")
    if place == OUT_OF_SCOPE:
        return and_(in_time, of.out_of_scope)
    if place != COUNTED:
        return disposition(campaign, of) == place
    counted = and_(in_time, ~of.out_of_scope)
    if campaign.anonymous_policy is AnonymousPolicy.REFERENCE:
        counted = and_(counted, ~of.anonymous)
    return counted


def speaks(campaign: Campaign) -> ColumnElement[bool]:
    """Return the condition that a counted submission speaks for its sender (see the rule above).

    Most submissions are no duplicates, and for them the rest is never looked at.
    """
    original, earlier = aliased(Submission), aliased(Submission)
    return or_(
        Submission.duplicate_of_id.is_(None),
        ~exists().where(
            original.id == Submission.duplicate_of_id, stands_in(campaign, COUNTED, original)
        )
        & ~exists().where(
            earlier.duplicate_of_id == Submission.duplicate_of_id,
            earlier.id < Submission.id,
            stands_in(campaign, COUNTED, earlier),
        ),
    )


def person() -> ColumnElement[str]:
    """Return who sent a submission; without a name everybody is somebody else."""
    return func.coalesce(
        Submission.person_key, literal("s", String).concat(cast(Submission.id, String))
    )


def counts(session: Session, campaign_id: int) -> Counts:
    """Return the numbers of a campaign by its counting rule: a few statements at any size.

    Raises:
        NotFound: there is no such campaign.

    """
    campaign = get_campaign(session, campaign_id)
    places, channels, duplicates = _submissions(session, campaign)
    persons = session.scalar(
        select(func.count(func.distinct(person()))).where(
            Submission.campaign_id == campaign_id,
            stands_in(campaign, COUNTED),
            speaks(campaign),
        )
    )
    categories = {
        row.id: row
        for row in session.scalars(
            select(ResponseCategory)
            .where(ResponseCategory.campaign_id == campaign_id)
            .order_by(ResponseCategory.position)
        )
    }
    category_of = dict(
        session.execute(
            select(OpinionGroup.id, OpinionGroup.category_id).where(
                OpinionGroup.campaign_id == campaign_id
            )
        ).all()
    )
    opinions, outside = 0, 0
    by_id: Counter[int | None] = Counter()
    for line in _per_group(session, campaign, people=False):
        category_id = category_of.get(line.group_id) if line.group_id is not None else None
        by_id[category_id] += line.counted
        outside += line.apart
        if category_id is not None and categories[category_id].out_of_scope:
            outside += line.counted
        else:
            opinions += line.counted
    groups_of = Counter(category_of.values())
    by_category: dict[str | None, CategoryCount] = {
        row.code: CategoryCount(row.label, groups_of[row.id], by_id[row.id])
        for row in categories.values()
    }
    by_category[None] = CategoryCount("", groups_of[None], by_id[None])
    return Counts(
        submissions=places[COUNTED],
        persons=persons or 0,
        opinions=opinions,
        late=places[LATE],
        out_of_scope_submissions=places[OUT_OF_SCOPE],
        out_of_scope_opinions=outside,
        duplicates=duplicates,
        reference=places[REFERENCE],
        rerouted=places[REROUTED],
        by_channel={channel: channels[channel] for channel in Channel if channels[channel]},
        by_category=by_category,
        groups=len(category_of),
        amendments=session.scalar(
            select(func.count()).select_from(Amendment).where(Amendment.campaign_id == campaign_id)
        )
        or 0,
    )


def group_counts(
    session: Session, campaign: Campaign, group_ids: Sequence[int] | None = None
) -> dict[int | None, GroupCount]:
    """Return how much stands in each group of a campaign, and under None in none yet.

    Args:
        session: any session.
        campaign: whose.
        group_ids: only these groups (a page of them); None means all, and what has no group.

    A group of an out-of-scope category has its numbers too: they are shown beside it and only
    left out of the whole campaign's 件. Groups without any opinion are missing from the result.

    """
    received: dict[int | None, int] = {}
    for which in _parts(campaign, group_ids):
        rows = session.execute(
            select(Opinion.group_id, func.count())
            .where(which, Opinion.campaign_id == campaign.id, ~Opinion.split)
            .group_by(Opinion.group_id)
        )
        received |= dict(rows.all())
    lines = {line.group_id: line for line in _per_group(session, campaign, group_ids, people=True)}
    nothing = _Standing(None, 0, 0)
    return {
        group_id: GroupCount(
            lines.get(group_id, nothing).counted, lines.get(group_id, nothing).persons, number
        )
        for group_id, number in received.items()
    }


def _submissions(
    session: Session, campaign: Campaign
) -> tuple[Counter[str], Counter[Channel], int]:
    """Return 通 by place, the counted ones by channel, and how many of them are duplicates."""
    place = disposition(campaign).label("place")
    speaking = case((speaks(campaign), 1), else_=0).label("speaking")
    rows = session.execute(
        select(place, Submission.channel, speaking, func.count())
        .where(Submission.campaign_id == campaign.id)
        .group_by(place, Submission.channel, speaking)
    )
    places: Counter[str] = Counter()
    channels: Counter[Channel] = Counter()
    duplicates = 0
    for where, channel, speaks_itself, number in rows:
        places[where] += number
        if where == COUNTED:
            channels[channel] += number
            duplicates += 0 if speaks_itself else number
    return places, channels, duplicates


@dataclass(frozen=True)
class _Standing:
    """件 and 人 of one group, each counted and apart (out of scope)."""

    group_id: int | None
    counted: int
    apart: int
    persons: int = 0
    persons_apart: int = 0


def _per_group(
    session: Session,
    campaign: Campaign,
    group_ids: Sequence[int] | None = None,
    *,
    people: bool,
) -> list[_Standing]:
    """Return what stands in each group and in none, by the counting rule.

    Args:
        session: any session.
        campaign: the campaign.
        group_ids: only these groups; None means all, and what has no group.
        people: whether the number of people is wanted even where the rule does not need it.

    """
    once = campaign.counting_rule is CountingRule.PERSON_AND_GROUP
    # Duplicates of what is out of scope say the same thing again.
    apart = and_(stands_in(campaign, OUT_OF_SCOPE), Submission.duplicate_of_id.is_(None))
    outside = or_(Opinion.out_of_scope, Submission.out_of_scope)
    numbers: list[ColumnElement[int]] = [
        func.sum(case((outside, 0), else_=1)),
        func.sum(case((outside, 1), else_=0)),
    ]
    if people or once:
        numbers += [
            func.count(func.distinct(case((~outside, person())))),
            func.count(func.distinct(case((outside, person())))),
        ]
    found = []
    for which in _parts(campaign, group_ids):
        rows = session.execute(
            select(Opinion.group_id, *numbers)
            .join(Submission, Submission.id == Opinion.submission_id)
            .where(
                which,
                Opinion.campaign_id == campaign.id,
                ~Opinion.split,
                or_(and_(stands_in(campaign, COUNTED), speaks(campaign)), apart),
            )
            .group_by(Opinion.group_id)
        )
        for group_id, *values in rows:
            line = _Standing(group_id, *values)
            if once and group_id is not None:
                line = replace(line, counted=line.persons, apart=line.persons_apart)
            found.append(line)
    return found


def _parts(campaign: Campaign, group_ids: Sequence[int] | None) -> list[ColumnElement[bool]]:
    """Return the opinions of some groups, or of all and of none, as one condition a statement.

    Each walks the index of groups in its order; one statement for all would sort every opinion.
    """
    if group_ids is not None:
        return [Opinion.group_id.in_(group_ids)]
    groups = select(OpinionGroup.id).where(OpinionGroup.campaign_id == campaign.id)
    return [Opinion.group_id.in_(groups), Opinion.group_id.is_(None)]
