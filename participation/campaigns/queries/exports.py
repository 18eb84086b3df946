"""Opinions as staff export them: their public words, and no word about who sent them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    Opinion,
    OpinionGroup,
    OpinionMask,
    ResponseCategory,
    Submission,
    TextCluster,
)
from participation.campaigns.queries.counts import (
    COUNTED,
    LATE,
    OUT_OF_SCOPE,
    REFERENCE,
    REROUTED,
    disposition,
)
from participation.campaigns.queries.opinions import masked
from participation.submissions.models import Channel, Receipt

_AT_ONCE = 2_000
STANDING_LABELS = {
    COUNTED: "",
    LATE: "期限後",
    REROUTED: "回送",
    OUT_OF_SCOPE: "対象外",
    REFERENCE: "参考",
}
DUPLICATE_LABEL = "重複"


@dataclass(frozen=True)
class ExportedOpinion:
    """One opinion of an export, masked spans replaced."""

    receipt_number: str
    number: int
    channel: Channel
    arrived_on: date
    place: str
    text: str
    reason: str
    group_number: int | None
    category_code: str
    assigned_to: str
    standing: str  # Japanese; empty where its submission is counted
    out_of_scope: bool
    alike: int


def exported_number(session: Session, campaign: Campaign) -> int:
    """Return how many opinions ``exported_opinions`` would yield now."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Opinion)
            .where(Opinion.campaign_id == campaign.id, ~Opinion.split)
        )
        or 0
    )


def exported_opinions(session: Session, campaign: Campaign) -> Iterator[ExportedOpinion]:
    """Yield the opinions of a campaign in the order in which they came, piece by piece.

    An opinion that was split is left out; its parts stand in its place.
    """
    spans = _masks(session, campaign)
    query = (
        select(
            Opinion.id,
            Opinion.number,
            Opinion.place,
            Opinion.text,
            Opinion.reason,
            Opinion.assigned_to,
            Opinion.out_of_scope,
            Submission.channel,
            Submission.arrived_on,
            Submission.duplicate_of_id,
            Receipt.number.label("receipt_number"),
            OpinionGroup.number.label("group_number"),
            func.coalesce(ResponseCategory.code, "").label("category_code"),
            disposition(campaign).label("place_in_counts"),
            func.coalesce(TextCluster.opinions, 1).label("alike"),
        )
        .join(Submission, Submission.id == Opinion.submission_id)
        .join(Receipt, Receipt.id == Submission.receipt_id)
        .outerjoin(OpinionGroup, OpinionGroup.id == Opinion.group_id)
        .outerjoin(ResponseCategory, ResponseCategory.id == OpinionGroup.category_id)
        .outerjoin(TextCluster, TextCluster.id == Opinion.cluster_id)
        .where(Opinion.campaign_id == campaign.id, ~Opinion.split)
        .order_by(Opinion.id)
        .limit(_AT_ONCE)
    )
    last = 0
    while rows := session.execute(query.where(Opinion.id > last)).all():
        for row in rows:
            standing = STANDING_LABELS[row.place_in_counts]
            if not standing and row.duplicate_of_id is not None:
                standing = DUPLICATE_LABEL
            yield ExportedOpinion(
                receipt_number=row.receipt_number,
                number=row.number,
                channel=row.channel,
                arrived_on=row.arrived_on,
                place=masked(row.place, spans.get((row.id, "place"), ())),
                text=masked(row.text, spans.get((row.id, "text"), ())),
                reason=masked(row.reason, spans.get((row.id, "reason"), ())),
                group_number=row.group_number,
                category_code=row.category_code,
                assigned_to=row.assigned_to,
                standing=standing,
                out_of_scope=row.out_of_scope,
                alike=row.alike,
            )
        last = rows[-1].id


def _masks(session: Session, campaign: Campaign) -> dict[tuple[int, str], list[tuple[int, int]]]:
    """Return the masked spans of a campaign by opinion and column; there are few of them."""
    spans: defaultdict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for opinion_id, field, start, stop in session.execute(
        select(OpinionMask.opinion_id, OpinionMask.field, OpinionMask.start, OpinionMask.stop)
        .join(Opinion, Opinion.id == OpinionMask.opinion_id)
        .where(Opinion.campaign_id == campaign.id)
    ):
        spans[opinion_id, field].append((start, stop))
    return dict(spans)
