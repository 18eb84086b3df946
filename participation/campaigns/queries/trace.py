"""What became of the opinions of one receipt: from the words as sent to the amended draft."""

import enum
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    AnonymousPolicy,
    Campaign,
    Opinion,
    ResultOpinion,
    ResultPart,
    Submission,
)
from participation.campaigns.queries.results import latest_published
from participation.campaigns.result_snapshot import Answer, Change, Frame


class Standing(enum.Enum):
    """What became of an opinion."""

    ANSWERED = "answered"  # it stands in a group of the result
    LATE = "late"  # came after the deadline
    OUT_OF_SCOPE = "out_of_scope"  # about something else
    REROUTED = "rerouted"  # handed on to another procedure
    REFERENCE = "reference"  # without a name, taken for reference only
    NOT_ANSWERED = "not_answered"


@dataclass(frozen=True)
class TracedAnswer:
    """How an opinion was summarised, grouped and answered in the published result."""

    group_number: int  # as printed
    page: int  # of the result, where it stands
    heading: str
    summary: str  # 要旨
    view: str  # 市の考え方
    category: str
    category_label: str
    amendments: tuple[Change, ...] = ()


@dataclass(frozen=True)
class TracedPart:
    """A part of an opinion that was split; an opinion that was not has one, which is all of it."""

    place: str
    text: str
    reason: str
    standing: Standing
    answer: TracedAnswer | None = None


@dataclass(frozen=True)
class TracedOpinion:
    """One opinion as it was sent, with what became of it or of each of its parts."""

    opinion_id: int
    number: int  # within the submission
    place: str
    text: str
    reason: str
    parts: tuple[TracedPart, ...]

    @property
    def was_split(self) -> bool:
        """Whether its parts were answered separately."""
        return len(self.parts) > 1


def trace(session: Session, receipt_id: int) -> list[TracedOpinion]:
    """Return what became of each opinion of a receipt, by the campaign's latest published result.

    Empty while nothing is published, and for a receipt that no submission belongs to: what staff
    are still working on is nobody else's to see.
    """
    found = session.execute(
        select(Submission, Campaign)
        .join(Campaign, Campaign.id == Submission.campaign_id)
        .where(Submission.receipt_id == receipt_id)
    ).first()
    if found is None:
        return []
    submission, campaign = found
    result = latest_published(session, campaign.id)
    if result is None:
        return []
    opinions = session.scalars(
        select(Opinion).where(Opinion.submission_id == submission.id).order_by(Opinion.number)
    ).all()
    answers = _answers(session, result.id, [opinion.id for opinion in opinions])
    elsewhere = _elsewhere(submission, campaign)
    pieces: defaultdict[int, list[Opinion]] = defaultdict(list)
    for opinion in opinions:
        if opinion.split_from_id is not None:
            pieces[opinion.split_from_id].append(opinion)

    def parts(opinion: Opinion) -> list[TracedPart]:
        if opinion.split:
            return [part for piece in pieces[opinion.id] for part in parts(piece)]
        answer = answers.get(opinion.id)
        return [
            TracedPart(
                opinion.place,
                opinion.text,
                opinion.reason,
                _standing(opinion, answer, elsewhere),
                answer,
            )
        ]

    return [
        TracedOpinion(
            opinion.id,
            opinion.number,
            opinion.place,
            opinion.text,
            opinion.reason,
            tuple(parts(opinion)),
        )
        for opinion in opinions
        if opinion.split_from_id is None
    ]


def _elsewhere(submission: Submission, campaign: Campaign) -> Standing | None:
    """Return why a whole submission was not answered, in the order of the counting rule."""
    if submission.late:
        return Standing.LATE
    if submission.rerouted_to:
        return Standing.REROUTED
    if submission.out_of_scope:
        return Standing.OUT_OF_SCOPE
    if submission.anonymous and campaign.anonymous_policy is AnonymousPolicy.REFERENCE:
        return Standing.REFERENCE
    return None


def _standing(
    opinion: Opinion, answer: TracedAnswer | None, elsewhere: Standing | None
) -> Standing:
    if answer is not None:
        return Standing.ANSWERED
    if elsewhere is not None:
        return elsewhere
    return Standing.OUT_OF_SCOPE if opinion.out_of_scope else Standing.NOT_ANSWERED


def _answers(session: Session, result_id: int, opinion_ids: list[int]) -> dict[int, TracedAnswer]:
    places = {
        row.opinion_id: row
        for row in session.scalars(
            select(ResultOpinion).where(
                ResultOpinion.result_id == result_id, ResultOpinion.opinion_id.in_(opinion_ids)
            )
        )
    }
    if not places:
        return {}
    rows = session.execute(
        select(ResultPart.position, ResultPart.content).where(
            ResultPart.result_id == result_id,
            ResultPart.position.in_({0, *(row.position for row in places.values())}),
        )
    )
    parts: dict[int, dict[str, Any]] = {row.position: row.content for row in rows}
    changes = {change.number: change for change in Frame.from_plain(parts[0]["frame"]).changes}
    answers = {
        answer.number: answer
        for position, content in parts.items()
        if position
        for answer in map(Answer.from_plain, content["answers"])
    }
    return {
        opinion_id: _traced(answers[row.group_number], row.position, changes)
        for opinion_id, row in places.items()
    }


def _traced(answer: Answer, page: int, changes: dict[int, Change]) -> TracedAnswer:
    return TracedAnswer(
        group_number=answer.number,
        page=page,
        heading=answer.heading,
        summary=answer.summary,
        view=answer.view,
        category=answer.category,
        category_label=answer.category_label,
        amendments=tuple(changes[number] for number in answer.amendments),
    )
