"""Reading submissions for staff: the list by keyset, one submission, possible duplicates.

Nothing here knows a sender: who sent it is read by ``submissions.services.senders`` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, text, tuple_
from sqlalchemy.orm import Session, aliased

from participation.campaigns.models import Opinion, Passage, Submission
from participation.campaigns.models.submissions import MARKED
from participation.core.clock import TOKYO
from participation.core.errors import NotFound
from participation.submissions.codes import typed
from participation.submissions.models import Attachment, Channel, Receipt

_START_CHARACTERS = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SUGGESTIONS = 20
# Of those flags there are few, so that the partial index of marked submissions finds them.
_MARKS: dict[str, ColumnElement[bool]] = {
    "late": Submission.late.is_(True),
    "anonymous": Submission.anonymous.is_(True),
    "out_of_scope": Submission.out_of_scope.is_(True),
    "duplicate": Submission.duplicate_of_id.is_not(None),
    "rerouted": Submission.rerouted_to != "",
    "unchecked": and_(
        Submission.typed_by.is_not(None),
        Submission.checked_by.is_(None),
        Submission.channel != Channel.WEB,
    ),
}
_ATTACHED = exists().where(Attachment.receipt_id == Submission.receipt_id)
_MARKED = text(f"({MARKED})")
FLAGS = (*_MARKS, "attachment", "noted")


@dataclass(frozen=True)
class SubmissionFilter:
    """What the list is asked for; an empty value asks for everything."""

    channel: Channel | None = None
    flag: str = ""  # one of FLAGS
    day: date | None = None  # received on that day in Japan


@dataclass(frozen=True)
class SubmissionLine:
    """One line of the list."""

    id: int
    number: str
    channel: Channel
    received_at: datetime
    arrived_on: date
    opinions: int
    beginning: str  # of the first opinion
    late: bool
    anonymous: bool
    out_of_scope: bool
    duplicate: bool
    rerouted: bool
    unchecked: bool
    has_attachment: bool
    noted: bool

    @property
    def cursor(self) -> str:
        """Where the next page begins, see ``submission_lines``."""
        return f"{(self.received_at - _EPOCH) // _MICROSECOND}~{self.id}"


@dataclass(frozen=True)
class Shown:
    """One opinion of a submission with the passage that it speaks about."""

    opinion: Opinion
    passage: Passage | None


@dataclass(frozen=True)
class Twin:
    """Another submission that may be the same: one person, one text."""

    id: int
    number: str
    channel: Channel
    received_at: datetime
    same_channel: bool


def submission_lines(
    session: Session,
    campaign_id: int,
    wanted: SubmissionFilter,
    *,
    limit: int,
    before: str | None = None,
) -> list[SubmissionLine]:
    """Return submissions of a campaign, newest first; a page costs the same at any number.

    Args:
        session: any session.
        campaign_id: whose.
        wanted: the filter.
        limit: how many at most.
        before: the ``cursor`` of the last line of the page before; one that cannot be read is
            taken as none.

    """
    query = _filtered(select(Submission).where(Submission.campaign_id == campaign_id), wanted)
    query = query.order_by(Submission.received_at.desc(), Submission.id.desc()).limit(limit)
    place = _place(before)
    if place is not None:
        query = query.where(tuple_(Submission.received_at, Submission.id) < place)
    page = query.subquery()
    found = aliased(Submission, page)
    first = aliased(Opinion)
    counted = aliased(Opinion)
    rows = session.execute(
        select(
            found,
            Receipt.number,
            func.substr(first.text, 1, _START_CHARACTERS + 1),
            select(func.count())
            .where(counted.submission_id == found.id, counted.split_from_id.is_(None))
            .scalar_subquery(),
            exists().where(Attachment.receipt_id == found.receipt_id),
        )
        .join(Receipt, Receipt.id == found.receipt_id)
        .outerjoin(first, and_(first.submission_id == found.id, first.number == 1))
        .order_by(found.received_at.desc(), found.id.desc())
    )
    return [_line(*row) for row in rows]


def get_submission(session: Session, campaign_id: int, submission_id: int) -> Submission:
    """Return a submission of a campaign.

    Raises:
        NotFound: there is none, or it belongs to another campaign.

    """
    submission = session.get(Submission, submission_id)
    if submission is None or submission.campaign_id != campaign_id:
        raise NotFound("その意見は見つかりませんでした。一覧から選び直してください。")
    return submission


def find_by_number(session: Session, campaign_id: int, number: str) -> Submission | None:
    """Return the submission of a campaign with this receipt number, however it was typed."""
    return session.scalar(
        select(Submission)
        .join(Receipt, Receipt.id == Submission.receipt_id)
        .where(Receipt.number.in_([number, typed(number)]), Submission.campaign_id == campaign_id)
    )


def duplicates_of(session: Session, submission: Submission) -> list[Submission]:
    """Return the submissions that repeat this one."""
    return list(
        session.scalars(
            select(Submission)
            .where(Submission.duplicate_of_id == submission.id)
            .order_by(Submission.id)
        )
    )


def number_of(session: Session, submission: Submission) -> str:
    """Return the receipt number."""
    return session.get_one(Receipt, submission.receipt_id).number


def opinions_of(session: Session, submission_id: int) -> list[Opinion]:
    """Return what was sent, in its order, without the parts that staff split it into."""
    return list(
        session.scalars(
            select(Opinion)
            .where(Opinion.submission_id == submission_id, Opinion.split_from_id.is_(None))
            .order_by(Opinion.number)
        )
    )


def shown_opinions(session: Session, submission_id: int) -> list[Shown]:
    """Return the opinions with their passages, in their order."""
    opinions = opinions_of(session, submission_id)
    ids = {opinion.passage_id for opinion in opinions if opinion.passage_id is not None}
    passages = {
        passage.id: passage
        for passage in session.scalars(select(Passage).where(Passage.id.in_(ids)))
    }
    return [Shown(opinion, passages.get(opinion.passage_id or 0)) for opinion in opinions]


def attachments_of(session: Session, receipt_id: int) -> list[Attachment]:
    """Return the attachments of a submission; their names are personal data, still encrypted."""
    return list(
        session.scalars(
            select(Attachment).where(Attachment.receipt_id == receipt_id).order_by(Attachment.id)
        )
    )


def twins(session: Session, submission: Submission) -> list[Twin]:
    """Return submissions of the same person with an equal text, oldest first.

    Nobody's identity is looked at: equal senders and equal texts have equal keyed hashes.
    """
    if submission.person_key is None:
        return []
    mine, theirs = aliased(Opinion), aliased(Opinion)
    equal = (
        exists()
        .where(theirs.submission_id == Submission.id)
        .where(mine.submission_id == submission.id)
        .where(mine.text_key == theirs.text_key)
    )
    rows = session.execute(
        select(Submission.id, Receipt.number, Submission.channel, Submission.received_at)
        .join(Receipt, Receipt.id == Submission.receipt_id)
        .where(
            Submission.campaign_id == submission.campaign_id,
            Submission.person_key == submission.person_key,
            Submission.id != submission.id,
            equal,
        )
        .order_by(Submission.id)
        .limit(_SUGGESTIONS)
    )
    return [
        Twin(row_id, number, channel, received_at, channel is submission.channel)
        for row_id, number, channel, received_at in rows
    ]


def unchecked_lines(
    session: Session, campaign_id: int, *, limit: int, before: str | None = None
) -> list[SubmissionLine]:
    """Return what was typed from paper and waits for a second look."""
    wanted = SubmissionFilter(flag="unchecked")
    return submission_lines(session, campaign_id, wanted, limit=limit, before=before)


def typists(session: Session, submission_ids: Sequence[int]) -> dict[int, int | None]:
    """Return who typed each of some submissions, by their numbers."""
    rows = session.execute(
        select(Submission.id, Submission.typed_by).where(Submission.id.in_(submission_ids))
    )
    return {row_id: typist for row_id, typist in rows}  # noqa: C416 -- to mypy rows are no pairs


def count_unchecked(session: Session, campaign_ids: Sequence[int], *, not_by: int | None) -> int:
    """Return how many typed submissions of campaigns wait for somebody other than ``not_by``."""
    query = select(func.count()).where(
        Submission.campaign_id.in_(campaign_ids), _MARKED, _MARKS["unchecked"]
    )
    if not_by is not None:
        query = query.where(Submission.typed_by != not_by)
    return session.scalar(query) or 0


def _filtered(query: Select[Submission], wanted: SubmissionFilter) -> Select[Submission]:
    if wanted.channel is not None:
        query = query.where(Submission.channel == wanted.channel)
        if wanted.channel is not Channel.WEB:
            query = query.where(_MARKED)
    if wanted.flag in _MARKS:
        query = query.where(_MARKED, _MARKS[wanted.flag])
    elif wanted.flag == "attachment":
        query = query.where(_ATTACHED)
    elif wanted.flag == "noted":
        query = query.where(_MARKED, Submission.flag_note != "")
    if wanted.day is not None and date.min < wanted.day < date.max:
        query = query.where(
            Submission.received_at >= _midnight(wanted.day),
            Submission.received_at < _midnight(wanted.day + timedelta(days=1)),
        )
    return query


def _line(
    submission: Submission, number: str, beginning: str | None, opinions: int, attached: bool
) -> SubmissionLine:
    start = " ".join((beginning or "").split())
    if len(start) > _START_CHARACTERS:
        start = start[:_START_CHARACTERS] + "…"
    return SubmissionLine(
        id=submission.id,
        number=number,
        channel=submission.channel,
        received_at=submission.received_at,
        arrived_on=submission.arrived_on,
        opinions=opinions,
        beginning=start,
        late=submission.late,
        anonymous=submission.anonymous,
        out_of_scope=submission.out_of_scope,
        duplicate=submission.duplicate_of_id is not None,
        rerouted=bool(submission.rerouted_to),
        unchecked=submission.typed_by is not None and submission.checked_by is None,
        has_attachment=attached,
        noted=bool(submission.flag_note),
    )


def _place(before: str | None) -> tuple[datetime, int] | None:
    """Return the moment and the id that a cursor names."""
    micros, _, row_id = (before or "").partition("~")
    try:
        return _EPOCH + int(micros) * _MICROSECOND, int(row_id)
    except (ValueError, OverflowError):
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, TOKYO)
