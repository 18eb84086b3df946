"""Reading results: the life of each, the frozen words of one, and the little every page asks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    ResultFile,
    ResultPart,
    ResultState,
)
from participation.campaigns.result_snapshot import (
    Answer,
    Frame,
    PublicText,
    Snapshot,
)
from participation.city.models import City
from participation.core.errors import NotFound
from participation.db.first_row import first_row
from participation.files import frozen
from participation.files.models import StoredFile

_MISSING = "お探しの結果は見つかりませんでした。意見募集の一覧からお選びください。"
_UNDER_WAY = (
    ResultState.DRAFT,
    ResultState.SUBMITTED,
    ResultState.RETURNED,
    ResultState.APPROVED,
)


@dataclass(frozen=True)
class PublishedFacts:
    """What a page of a published result depends on besides the reader's own choices."""

    result_id: int
    campaign_id: int
    number: int
    snapshot_sha256: str
    latest_number: int
    city_updated_at: object  # as the driver gives it; only ever compared


_latest = aliased(CampaignResult)
_FACTS = (
    select(
        CampaignResult.id,
        CampaignResult.campaign_id,
        CampaignResult.number,
        CampaignResult.snapshot_sha256,
        select(func.max(_latest.number))
        .where(
            _latest.campaign_id == CampaignResult.campaign_id,
            _latest.state == ResultState.PUBLISHED,
        )
        .scalar_subquery(),
        select(City.updated_at).limit(1).scalar_subquery(),
    )
    .where(
        CampaignResult.state == ResultState.PUBLISHED,
        CampaignResult.campaign_id == bindparam("campaign", 0),
        # Of all of them the latest is taken.
        or_(bindparam("every", 0) == 1, CampaignResult.number == bindparam("number", 0)),
    )
    .order_by(CampaignResult.number.desc())
    .limit(1)
)


def published_facts(engine: Engine, campaign_id: int, number: int | None) -> PublishedFacts:
    """Return what a page of this result (the latest if ``number`` is None) depends on.

    Asked before every page of a result, most of which come from memory then.

    Raises:
        NotFound: the campaign has no such published result.

    """
    wanted = {"campaign": campaign_id, "number": number or 0, "every": int(number is None)}
    row = first_row(engine, _FACTS, wanted)
    if row is None:
        raise NotFound(_MISSING)
    return PublishedFacts(*row)


def results_of(session: Session, campaign_id: int) -> list[CampaignResult]:
    """Return all results of a campaign, those given up too, by number."""
    return list(
        session.scalars(
            select(CampaignResult)
            .where(CampaignResult.campaign_id == campaign_id)
            .order_by(CampaignResult.number)
        )
    )


def published_results(session: Session, campaign_id: int) -> list[CampaignResult]:
    """Return the published results of a campaign, the latest first."""
    return list(
        session.scalars(
            select(CampaignResult)
            .where(
                CampaignResult.campaign_id == campaign_id,
                CampaignResult.state == ResultState.PUBLISHED,
            )
            .order_by(CampaignResult.number.desc())
        )
    )


def latest_published(session: Session, campaign_id: int) -> CampaignResult | None:
    """Return the result that residents read now."""
    return next(iter(published_results(session, campaign_id)), None)


def result_under_way(session: Session, campaign_id: int) -> CampaignResult | None:
    """Return the result that is being worked on; a campaign has one at most."""
    return session.scalars(
        select(CampaignResult).where(
            CampaignResult.campaign_id == campaign_id, CampaignResult.state.in_(_UNDER_WAY)
        )
    ).first()


def get_result(session: Session, campaign_id: int, result_id: int) -> CampaignResult:
    """Return a result of a campaign in whatever state.

    Raises:
        NotFound: the campaign has none of this id.

    """
    result = session.get(CampaignResult, result_id)
    if result is None or result.campaign_id != campaign_id:
        raise NotFound(_MISSING)
    return result


def due_results(session: Session, now: datetime) -> list[CampaignResult]:
    """Return the approved results whose moment has come."""
    return list(
        session.scalars(
            select(CampaignResult)
            .where(
                CampaignResult.state == ResultState.APPROVED,
                CampaignResult.scheduled_for <= now,
            )
            .order_by(CampaignResult.scheduled_for, CampaignResult.id)
        )
    )


def in_state(
    session: Session, state: ResultState, *, reach: frozenset[int] | None
) -> list[tuple[CampaignResult, Campaign]]:
    """Return the results in a state with their campaigns, the oldest first.

    ``reach`` are the departments to look in; None means all.
    """
    statement = (
        select(CampaignResult, Campaign)
        .join(Campaign, Campaign.id == CampaignResult.campaign_id)
        .where(CampaignResult.state == state)
        .order_by(CampaignResult.submitted_at, CampaignResult.id)
    )
    if reach is not None:
        statement = statement.where(Campaign.department_id.in_(reach))
    return [(result, campaign) for result, campaign in session.execute(statement)]


def frozen_frame(session: Session, result_id: int) -> Frame:
    """Return a frozen result without its groups.

    Raises:
        NotFound: nothing of this result has been frozen.

    """
    return Frame.from_plain(_part(session, result_id, 0)["frame"])


def frozen_answers(session: Session, result_id: int, page: int) -> tuple[Answer, ...]:
    """Return the groups on one page of a frozen result.

    Raises:
        NotFound: it has no such page.

    """
    content = _part(session, result_id, page)
    if "answers" not in content:
        raise NotFound(_MISSING)
    return tuple(map(Answer.from_plain, content["answers"]))


def frozen_texts(session: Session, result_id: int, part: int) -> tuple[PublicText, ...]:
    """Return one page of the opinions of a group that has many.

    Raises:
        NotFound: there is no such page.

    """
    content = _part(session, result_id, part)
    if "texts" not in content:
        raise NotFound(_MISSING)
    return tuple(PublicText(**text) for text in content["texts"])


def frozen_parts(session: Session, result_id: int) -> Iterator[dict[str, Any]]:
    """Yield all parts of a frozen result in order."""
    yield from session.scalars(
        select(ResultPart.content)
        .where(ResultPart.result_id == result_id)
        .order_by(ResultPart.position)
    )


def frozen_snapshot(session: Session, result_id: int) -> Snapshot:
    """Return the whole of a frozen result.

    Raises:
        NotFound: nothing of this result has been frozen.

    """
    frame = frozen_frame(session, result_id)
    answers: list[Answer] = []
    for page in range(1, frame.pages + 1):
        for answer in frozen_answers(session, result_id, page):
            texts = answer.texts
            if answer.has_more_texts:
                texts = tuple(
                    text
                    for part in range(answer.texts_part, answer.texts_part + answer.text_pages)
                    for text in frozen_texts(session, result_id, part)
                )
            answers.append(replace(answer, texts=texts, texts_part=0))
    return Snapshot(frame, tuple(answers))


def _part(session: Session, result_id: int, position: int) -> dict[str, Any]:
    content: dict[str, Any] | None = session.scalar(
        select(ResultPart.content).where(
            ResultPart.result_id == result_id, ResultPart.position == position
        )
    )
    if content is None:
        raise NotFound(_MISSING)
    return content


def downloads(session: Session, result_id: int) -> dict[str, frozen.Download]:
    """Return the result's files by format, in the order in which they are offered."""
    return frozen.downloads(session, ResultFile.result_id, result_id)


def stored_file(session: Session, result_id: int, name: str) -> StoredFile:
    """Return the result's file of one format.

    Raises:
        NotFound: it has none.

    """
    return frozen.stored_file(session, ResultFile.result_id, result_id, name)
