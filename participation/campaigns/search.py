"""What of a campaign can be found: opinions and answers by staff, the published by everybody."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import String, cast, exists, literal, select
from sqlalchemy.orm import Session, aliased

from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    CampaignState,
    Opinion,
    OpinionGroup,
    ResultState,
)
from participation.campaigns.queries import results
from participation.campaigns.result_snapshot import Answer, Frame, PublicText
from participation.core import clock
from participation.db import search
from participation.db.search import (
    FIELD_BREAK,
    Corpus,
    DocumentKind,
    Entry,
    PublicDocument,
    SearchEntry,
    entry_key,
)

# Places among the public documents: a campaign's own page, and its result as a whole.
ABOUT, RESULT = "about", "result"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class SentWords:
    """The words of an opinion."""

    id: int
    campaign_id: int
    place: str
    text: str
    reason: str


def reference_of(campaign_id: int) -> str:
    """Return how the public documents of a campaign refer to it."""
    return f"campaign:{campaign_id}"


def missing_opinions(
    session: Session, *, living: bool, after: int, limit: int
) -> Sequence[SentWords]:
    """Return opinions that cannot be found yet, by number.

    Whatever the reason: they are new, or their entry was taken away since they changed. A split
    opinion is found by its parts.

    Args:
        session: any session.
        living: only of campaigns that are not over; looked at every minute.
        after: only opinions with a larger number.
        limit: how many at most.

    """
    key = search.key_of(Corpus.OPINION, Opinion.campaign_id, Opinion.id)
    query = (
        select(Opinion.id, Opinion.campaign_id, Opinion.place, Opinion.text, Opinion.reason)
        .where(
            Opinion.id > after,
            Opinion.split.is_(False),
            ~exists().where(SearchEntry.key == key),
        )
        .order_by(Opinion.id)
        .limit(limit)
    )
    if living:
        over = (CampaignState.PUBLISHED, CampaignState.CANCELLED)
        query = query.where(
            Opinion.campaign_id.in_(select(Campaign.id).where(Campaign.state.not_in(over)))
        )
    return [SentWords(*row) for row in session.execute(query)]


def index_opinions(session: Session, opinions: Iterable[SentWords]) -> int:
    """Make opinions findable by what was sent; return how many."""
    return search.index(
        session,
        Corpus.OPINION,
        (Entry(one.campaign_id, one.id, (one.place, one.text, one.reason)) for one in opinions),
    )


def forget_opinions(session: Session, opinions: Iterable[Opinion]) -> None:
    """Take opinions out of the index because they changed or go.

    What is still there is indexed anew within a minute.
    """
    search.remove(session, [entry_key(Corpus.OPINION, one.campaign_id, one.id) for one in opinions])


def index_groups(session: Session) -> int:
    """Make the groups findable as they are now, and those that went no more.

    Returns:
        How many entries were written or removed.

    """
    rows = session.execute(
        select(SearchEntry.key, SearchEntry.stamp).where(
            SearchEntry.key.between(*search.key_range(Corpus.ANSWER))
        )
    )
    stamps = {row.key: row.stamp for row in rows}
    changed = []
    groups = session.execute(
        select(OpinionGroup.id, OpinionGroup.campaign_id, OpinionGroup.updated_at)
    )
    for group_id, campaign_id, updated_at in groups:
        stamp = (updated_at - _EPOCH) // _MICROSECOND
        if stamps.pop(entry_key(Corpus.ANSWER, campaign_id, group_id), None) != stamp:
            changed.append(group_id)
    search.remove(session, list(stamps))
    for start in range(0, len(changed), 500):
        some = session.scalars(
            select(OpinionGroup).where(OpinionGroup.id.in_(changed[start : start + 500]))
        )
        search.index(
            session,
            Corpus.ANSWER,
            (
                Entry(
                    group.campaign_id,
                    group.id,
                    (group.heading, group.summary, group.view),
                    (group.updated_at - _EPOCH) // _MICROSECOND,
                )
                for group in some
            ),
        )
    return len(changed) + len(stamps)


def unindexed_results(session: Session, limit: int) -> list[CampaignResult]:
    """Return published results, the latest of each campaign, that nobody can find yet."""
    later = aliased(CampaignResult)
    reference = literal("campaign:").concat(cast(CampaignResult.campaign_id, String))
    source = literal("result:").concat(cast(CampaignResult.id, String))
    return list(
        session.scalars(
            select(CampaignResult)
            .where(
                CampaignResult.state == ResultState.PUBLISHED,
                ~exists().where(
                    later.campaign_id == CampaignResult.campaign_id,
                    later.state == ResultState.PUBLISHED,
                    later.number > CampaignResult.number,
                ),
                ~exists().where(
                    PublicDocument.reference == reference,
                    PublicDocument.place == RESULT,
                    PublicDocument.source == source,
                ),
            )
            .order_by(CampaignResult.id)
            .limit(limit)
        )
    )


def index_result(session: Session, result: CampaignResult) -> int:
    """Let everybody find what a published result says; return how many documents that makes.

    An earlier result of the same campaign is found no more. Doing it twice changes nothing.
    """
    campaign = session.get_one(Campaign, result.campaign_id)
    reference = reference_of(campaign.id)
    search.withdraw(session, reference, PublicDocument.place != ABOUT)
    frame = results.frozen_frame(session, result.id)
    day = clock.local_date(result.published_at) if result.published_at else campaign.closes_on
    documents = [
        PublicDocument(
            reference=reference,
            place=place,
            source=f"result:{result.id}",
            scope_id=campaign.id,
            kind=DocumentKind.RESULT,
            department_id=campaign.department_id,
            day=day,
            title=frame.title,
            text=FIELD_BREAK.join(filter(None, texts)),
        )
        for place, texts in _places(session, result.id, frame)
    ]
    return search.publish(session, documents)


def _places(session: Session, result_id: int, frame: Frame) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each place of a result and its words."""
    changes = [
        text
        for change in frame.changes
        for text in (change.place, change.before, change.after, change.reason)
    ]
    yield RESULT, (frame.title, frame.introduction, frame.correction, frame.outcome_note, *changes)
    for page in range(1, frame.pages + 1 if frame.groups else 1):
        for answer in results.frozen_answers(session, result_id, page):
            beside = () if answer.has_more_texts else answer.texts
            yield (
                f"answer-{page}-{answer.number}",
                (answer.heading, answer.summary, answer.view, *_words(beside)),
            )
            if answer.has_more_texts:
                yield from _more_places(session, result_id, frame.number, answer)


def _more_places(
    session: Session, result_id: int, result_number: int, answer: Answer
) -> Iterator[tuple[str, Sequence[str]]]:
    for number in range(answer.text_pages):
        texts = results.frozen_texts(session, result_id, answer.texts_part + number)
        yield f"opinions-{number + 1}-{answer.number}-{result_number}", _words(texts)


def _words(texts: Iterable[PublicText]) -> list[str]:
    return [word for text in texts for word in (text.place, text.text, text.reason)]


def index_announcements(session: Session) -> int:
    """Let everybody find the campaigns that are announced, as they are now; return how many.

    What was cancelled is found no more; its page stays.
    """
    known = {
        row.scope_id: row.source
        for row in session.execute(
            select(PublicDocument.scope_id, PublicDocument.source).where(
                PublicDocument.place == ABOUT, PublicDocument.reference.like("campaign:%")
            )
        )
    }
    announced = session.scalars(
        select(Campaign)
        .where(
            Campaign.announced_on.is_not(None),
            Campaign.state.not_in((CampaignState.PREPARING, CampaignState.CANCELLED)),
        )
        .order_by(Campaign.id)
    )
    changed = [one for one in announced if known.pop(one.id, None) != f"version:{one.version}"]
    for campaign_id in known:
        search.withdraw(session, reference_of(campaign_id))
    for campaign in changed:
        search.withdraw(session, reference_of(campaign.id), PublicDocument.place == ABOUT)
    return search.publish(
        session,
        [
            PublicDocument(
                reference=reference_of(one.id),
                place=ABOUT,
                source=f"version:{one.version}",
                scope_id=one.id,
                kind=DocumentKind.CAMPAIGN,
                department_id=one.department_id,
                day=one.announced_on,
                title=one.title,
                text=FIELD_BREAK.join(filter(None, (one.title, one.plan_name, one.purpose))),
            )
            for one in changed
        ],
    )


def forget_all(session: Session) -> None:
    """Take everything of all campaigns out of the index, for building it anew."""
    search.remove_corpus(session, Corpus.OPINION)
    search.remove_corpus(session, Corpus.ANSWER)
    references = session.scalars(
        select(PublicDocument.reference)
        .where(PublicDocument.reference.like("campaign:%"))
        .distinct()
    )
    for reference in references.all():
        search.withdraw(session, reference)
