"""Searching opinions and answers for staff, and published texts for everybody."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from participation.campaigns.models import Campaign, Opinion, OpinionGroup, Submission
from participation.db import search
from participation.db.search import (
    Corpus,
    Hit,
    Piece,
)
from participation.submissions.models import Channel, Receipt

# A narrowed search counts row by row, so it stops at so many.
MOST_COUNTED = 1_000
_EXCERPT = 160
_SHORT_EXCERPT = 60


@dataclass(frozen=True)
class SearchFilter:
    """What is searched and where; an empty value narrows nothing. Never a sender."""

    query: str
    corpus: Corpus = Corpus.OPINION
    campaign_id: int | None = None
    channel: Channel | None = None
    late: bool | None = None
    grouped: bool | None = None
    fiscal_year: int | None = None


@dataclass(frozen=True)
class Found:
    """One line of the results."""

    key: int
    campaign_id: int
    campaign_title: str
    row_id: int
    number: int  # of the opinion in its submission, or of the group
    texts: tuple[tuple[str, tuple[Piece, ...]], ...]  # (field, words around what was found)
    receipt_number: str = ""
    channel: Channel | None = None
    late: bool = False
    group_number: int | None = None


@dataclass(frozen=True)
class Total:
    """How many there are; ``is_more`` when there may be more than ``number``."""

    number: int
    is_more: bool = False


def find(
    session: Session,
    wanted: SearchFilter,
    *,
    reach: frozenset[int] | None,
    limit: int,
    after: int | None = None,
) -> list[Found]:
    """Return what matches, the newest campaign and row first.

    Args:
        session: any session.
        wanted: the query and its filters.
        reach: the departments whose campaigns may be searched; None for all.
        limit: how many at most.
        after: the ``key`` of the last line of the page before.

    """
    hits = search.find(
        session,
        wanted.corpus,
        wanted.query,
        scope_id=wanted.campaign_id,
        limit=limit,
        after=after,
        refine=lambda found, key: _refined(found, key, wanted, reach),
    )
    words = search.words_of(wanted.query)
    if wanted.corpus is Corpus.ANSWER:
        return _answers(session, hits, words)
    return _opinions(session, hits, words)


def total(session: Session, wanted: SearchFilter, *, reach: frozenset[int] | None) -> Total:
    """Return how many match: exactly where the index alone knows, else up to ``MOST_COUNTED``."""
    narrowed = (wanted.channel, wanted.late, wanted.grouped, wanted.fiscal_year) != (None,) * 4
    if not narrowed and (wanted.campaign_id is not None or reach is None):
        return Total(
            search.count(session, wanted.corpus, wanted.query, scope_id=wanted.campaign_id)
        )
    number = search.count(
        session,
        wanted.corpus,
        wanted.query,
        scope_id=wanted.campaign_id,
        refine=lambda found, key: _refined(found, key, wanted, reach),
        at_most=MOST_COUNTED + 1,
    )
    return Total(min(number, MOST_COUNTED), is_more=number > MOST_COUNTED)


def _refined(
    found: Select[int],
    key: ColumnElement[int],
    wanted: SearchFilter,
    reach: frozenset[int] | None,
) -> Select[int]:
    """Join what the filters ask about; a department is always part of the question itself."""
    row = search.row_of(key)
    if wanted.corpus is Corpus.ANSWER:
        found = found.join(OpinionGroup, OpinionGroup.id == row)
        campaign_id: ColumnElement[int] = OpinionGroup.__table__.c.campaign_id
    else:
        found = found.join(Opinion, Opinion.id == row).where(Opinion.split.is_(False))
        campaign_id = Opinion.__table__.c.campaign_id
        if wanted.grouped is not None:
            is_grouped = Opinion.group_id.is_not(None)
            found = found.where(is_grouped if wanted.grouped else ~is_grouped)
        if wanted.channel is not None or wanted.late is not None:
            found = found.join(Submission, Submission.id == Opinion.submission_id)
        if wanted.channel is not None:
            found = found.where(Submission.channel == wanted.channel)
        if wanted.late is not None:
            found = found.where(Submission.late.is_(wanted.late))
    if reach is not None or wanted.fiscal_year is not None:
        found = found.join(Campaign, Campaign.id == campaign_id)
        if reach is not None:
            found = found.where(Campaign.department_id.in_(sorted(reach)))
        if wanted.fiscal_year is not None:
            found = found.where(Campaign.fiscal_year == wanted.fiscal_year)
    return found


def _opinions(session: Session, hits: list[Hit], words: tuple[str, ...]) -> list[Found]:
    rows = session.execute(
        select(Opinion, Submission, Receipt.number, Campaign.title, OpinionGroup.number)
        .join(Submission, Submission.id == Opinion.submission_id)
        .join(Receipt, Receipt.id == Submission.receipt_id)
        .join(Campaign, Campaign.id == Opinion.campaign_id)
        .outerjoin(OpinionGroup, OpinionGroup.id == Opinion.group_id)
        .where(Opinion.id.in_([hit.row_id for hit in hits]))
    )
    known = {row[0].id: row for row in rows}
    lines = []
    for hit in hits:
        if hit.row_id not in known:
            continue
        opinion, submission, receipt_number, title, group_number = known[hit.row_id]
        lines.append(
            Found(
                key=hit.key,
                campaign_id=opinion.campaign_id,
                campaign_title=title,
                row_id=opinion.id,
                number=opinion.number,
                texts=_texts(
                    words,
                    ("text", opinion.text),
                    ("place", opinion.place),
                    ("reason", opinion.reason),
                ),
                receipt_number=receipt_number,
                channel=submission.channel,
                late=submission.late,
                group_number=group_number,
            )
        )
    return lines


def _answers(session: Session, hits: list[Hit], words: tuple[str, ...]) -> list[Found]:
    rows = session.execute(
        select(OpinionGroup, Campaign.title)
        .join(Campaign, Campaign.id == OpinionGroup.campaign_id)
        .where(OpinionGroup.id.in_([hit.row_id for hit in hits]))
    )
    known = {group.id: (group, title) for group, title in rows}
    lines = []
    for hit in hits:
        if hit.row_id not in known:
            continue
        group, title = known[hit.row_id]
        lines.append(
            Found(
                key=hit.key,
                campaign_id=group.campaign_id,
                campaign_title=title,
                row_id=group.id,
                number=group.number,
                texts=_texts(
                    words,
                    ("summary", group.summary),
                    ("heading", group.heading),
                    ("view", group.view),
                ),
            )
        )
    return lines


def _texts(
    words: tuple[str, ...], first: tuple[str, str], *others: tuple[str, str]
) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
    """The first field always, the others where something was found in them."""
    shown = []
    for name, text in (first, *others):
        length = _EXCERPT if name in {"text", "summary", "view"} else _SHORT_EXCERPT
        pieces = tuple(search.excerpt(text, words, length=length))
        if (name == first[0] and text) or any(piece.is_found for piece in pieces):
            shown.append((name, pieces))
    return tuple(shown)
