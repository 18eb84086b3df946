"""The result of a campaign as it is now, gathered from the groups, their opinions and changes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Amendment,
    AmendmentSource,
    Campaign,
    CampaignNotice,
    CampaignResult,
    NoticeKind,
    Opinion,
    OpinionGroup,
    OpinionMask,
    ResponseCategory,
    Submission,
)
from participation.campaigns.queries.counts import (
    COUNTED,
    counts,
    group_counts,
    speaks,
    stands_in,
)
from participation.campaigns.queries.opinions import masked
from participation.campaigns.result_snapshot import (
    Answer,
    CategoryTally,
    Change,
    ChannelTally,
    Frame,
    PublicText,
    Snapshot,
    Tally,
)
from participation.city.queries import get_city
from participation.departments.queries import get_department
from participation.submissions.models import Channel

_AT_ONCE = 2_000


@dataclass(frozen=True)
class Gathered:
    """A result with the printed number of the group that each opinion stands in."""

    snapshot: Snapshot
    numbers: dict[int, int]  # opinion id -> printed number


def gather(session: Session, campaign: Campaign, result: CampaignResult, *, day: date) -> Gathered:
    """Return the result of ``campaign`` as it would be published now.

    Args:
        session: the session of the act.
        campaign: the campaign.
        result: its words (introduction, outcome, correction) and its number.
        day: whose name of the department is printed.

    """
    groups = _printed_groups(session, campaign)
    printed = {group.id: number for number, group in enumerate(groups, start=1)}
    changes, changes_of = _changes(session, campaign, printed)
    categories = {
        row.id: row
        for row in session.scalars(
            select(ResponseCategory)
            .where(ResponseCategory.campaign_id == campaign.id)
            .order_by(ResponseCategory.position)
        )
    }
    sizes = group_counts(session, campaign)
    texts = _texts(session, campaign)
    answers = []
    for group in groups:
        category = categories.get(group.category_id) if group.category_id else None
        answers.append(
            Answer(
                number=printed[group.id],
                heading=group.heading,
                summary=group.summary,
                view=group.view,
                category=category.code if category else "",
                category_label=category.label if category else "",
                opinions=sizes[group.id].opinions,
                amendments=tuple(changes_of[group.id]),
                texts=tuple(texts.get(group.id, ())),
            )
        )
    frame = _frame(session, campaign, result, list(categories.values()), changes, day=day)
    return Gathered(Snapshot(frame, tuple(answers)), _numbers(session, campaign, printed))


def _printed_groups(session: Session, campaign: Campaign) -> list[OpinionGroup]:
    """Return the groups that hold an opinion, in printed order."""
    return list(
        session.scalars(
            select(OpinionGroup)
            .where(
                OpinionGroup.campaign_id == campaign.id,
                select(Opinion.id)
                .where(Opinion.group_id == OpinionGroup.id, ~Opinion.split)
                .exists(),
            )
            .order_by(OpinionGroup.position, OpinionGroup.id)
        )
    )


def _changes(
    session: Session, campaign: Campaign, printed: dict[int, int]
) -> tuple[tuple[Change, ...], defaultdict[int, list[int]]]:
    """Return the amendments, and the numbers of those that answer each group."""
    amendments = session.scalars(
        select(Amendment).where(Amendment.campaign_id == campaign.id).order_by(Amendment.number)
    ).all()
    sources: defaultdict[int, list[int]] = defaultdict(list)
    changes_of: defaultdict[int, list[int]] = defaultdict(list)
    number_of = {amendment.id: number for number, amendment in enumerate(amendments, start=1)}
    for amendment_id, group_id in session.execute(
        select(AmendmentSource.amendment_id, AmendmentSource.group_id)
        .join(Amendment, Amendment.id == AmendmentSource.amendment_id)
        .where(Amendment.campaign_id == campaign.id)
        .order_by(Amendment.number, AmendmentSource.group_id)
    ):
        if group_id in printed:
            sources[amendment_id].append(printed[group_id])
            changes_of[group_id].append(number_of[amendment_id])
    changes = tuple(
        Change(
            number=number_of[amendment.id],
            place=amendment.place,
            before=amendment.before,
            after=amendment.after,
            reason=amendment.reason,
            groups=tuple(sorted(sources[amendment.id])),
        )
        for amendment in amendments
    )
    return changes, changes_of


def _texts(session: Session, campaign: Campaign) -> dict[int, list[PublicText]]:
    """Return the public words of each group's counted opinions, those that are equal once."""
    found: defaultdict[int, Counter[tuple[str, str, str]]] = defaultdict(Counter)
    masks = _masks(session, campaign)
    for opinion_id, group_id, *words in _counted_opinions(session, campaign):
        spans = masks.get(opinion_id)
        place, text, reason = (
            masked(each, spans[field]) if spans else each
            for field, each in zip(("place", "text", "reason"), words, strict=True)
        )
        found[group_id][place, text, reason] += 1
    return {
        group_id: [PublicText(*words, times) for words, times in texts.items()]
        for group_id, texts in found.items()
    }


def _counted_opinions(
    session: Session, campaign: Campaign
) -> Iterator[tuple[int, int, str, str, str]]:
    """Yield (id, group, place, text, reason) of what is counted as 件, in the order of arrival."""
    rows = session.execute(
        select(Opinion.id, Opinion.group_id, Opinion.place, Opinion.text, Opinion.reason)
        .join(Submission, Submission.id == Opinion.submission_id)
        .where(
            Opinion.campaign_id == campaign.id,
            Opinion.group_id.is_not(None),
            ~Opinion.split,
            ~Opinion.out_of_scope,
            stands_in(campaign, COUNTED),
            speaks(campaign),
        )
        .order_by(Opinion.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for opinion_id, group_id, place, text, reason in rows:
        assert group_id is not None
        yield opinion_id, group_id, place, text, reason


def _masks(
    session: Session, campaign: Campaign
) -> dict[int, defaultdict[str, list[tuple[int, int]]]]:
    masks: defaultdict[int, defaultdict[str, list[tuple[int, int]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for opinion_id, field, start, stop in session.execute(
        select(OpinionMask.opinion_id, OpinionMask.field, OpinionMask.start, OpinionMask.stop)
        .join(Opinion, Opinion.id == OpinionMask.opinion_id)
        .where(Opinion.campaign_id == campaign.id)
    ):
        masks[opinion_id][field].append((start, stop))
    return masks


def _numbers(session: Session, campaign: Campaign, printed: dict[int, int]) -> dict[int, int]:
    """Return the printed number for every opinion that was answered.

    The opinions of a duplicate that nobody put into a group are answered where the same words of
    the original are.
    """
    numbers = {
        opinion_id: printed[group_id]
        for opinion_id, group_id in session.execute(
            select(Opinion.id, Opinion.group_id).where(
                Opinion.campaign_id == campaign.id,
                Opinion.group_id.is_not(None),
                ~Opinion.split,
            )
        )
        if group_id is not None and group_id in printed
    }
    original = (
        select(
            Opinion.submission_id, Opinion.text_key, func.min(Opinion.group_id).label("group_id")
        )
        .where(Opinion.campaign_id == campaign.id, Opinion.group_id.is_not(None), ~Opinion.split)
        .group_by(Opinion.submission_id, Opinion.text_key)
        .subquery()
    )
    rows = session.execute(
        select(Opinion.id, original.c.group_id)
        .join(Submission, Submission.id == Opinion.submission_id)
        .join(
            original,
            and_(
                original.c.submission_id == Submission.duplicate_of_id,
                original.c.text_key == Opinion.text_key,
            ),
        )
        .where(Opinion.campaign_id == campaign.id, Opinion.group_id.is_(None), ~Opinion.split)
    )
    for opinion_id, group_id in rows:
        if group_id in printed:
            numbers[opinion_id] = printed[group_id]
    return numbers


def _frame(
    session: Session,
    campaign: Campaign,
    result: CampaignResult,
    categories: Sequence[ResponseCategory],
    changes: tuple[Change, ...],
    *,
    day: date,
) -> Frame:
    counted = counts(session, campaign.id)
    city = get_city(session)
    department = get_department(session, campaign.department_id).name_on(day)
    office = "　".join(filter(None, (department, campaign.section_name)))
    contact = (
        ("担当", office),
        ("電話", campaign.phone),
        ("ＦＡＸ", campaign.fax),
        ("電子メール", campaign.email),
    )
    return Frame(
        title=campaign.title,
        municipality=city.name if city is not None else "",
        department=department,
        contact=tuple((label, value) for label, value in contact if value),
        procedure=campaign.procedure.value,
        legal_basis=campaign.legal_basis,
        announced_on=_iso(campaign.announced_on),
        opens_on=_iso(campaign.opens_on),
        closes_on=_iso(campaign.closes_on),
        extended_from=_iso(_first_end(session, campaign)),
        places=tuple(place.name for place in campaign.places),
        number=result.number,
        correction=result.correction,
        introduction=result.introduction,
        outcome=result.outcome.value if result.outcome is not None else "",
        outcome_note=result.outcome_note,
        tally=Tally(
            submissions=counted.submissions,
            persons=counted.persons,
            opinions=counted.opinions,
            late=counted.late,
            rerouted=counted.rerouted,
            out_of_scope_submissions=counted.out_of_scope_submissions,
            out_of_scope_opinions=counted.out_of_scope_opinions,
            duplicates=counted.duplicates,
            reference=counted.reference,
        ),
        channels=channel_tallies(session, campaign, counted.by_channel),
        categories=tuple(
            CategoryTally(
                row.code,
                row.label,
                counted.by_category[row.code].groups,
                counted.by_category[row.code].opinions,
                row.out_of_scope,
            )
            for row in categories
        ),
        changes=changes,
    )


def channel_tallies(
    session: Session, campaign: Campaign, by_channel: dict[Channel, int]
) -> tuple[ChannelTally, ...]:
    """Return the counted submissions by channel and by the day on which they arrived."""
    days: defaultdict[Channel, list[tuple[str, int]]] = defaultdict(list)
    for channel, arrived_on, number in session.execute(
        select(Submission.channel, Submission.arrived_on, func.count())
        .where(Submission.campaign_id == campaign.id, stands_in(campaign, COUNTED))
        .group_by(Submission.channel, Submission.arrived_on)
        .order_by(Submission.arrived_on)
    ):
        days[channel].append((arrived_on.isoformat(), number))
    return tuple(
        ChannelTally(channel.value, number, tuple(days[channel]))
        for channel, number in by_channel.items()
    )


def _first_end(session: Session, campaign: Campaign) -> date | None:
    return session.scalar(
        select(CampaignNotice.old_closes_on)
        .where(
            CampaignNotice.campaign_id == campaign.id,
            CampaignNotice.kind == NoticeKind.EXTENDED,
        )
        .order_by(CampaignNotice.id)
        .limit(1)
    )


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
