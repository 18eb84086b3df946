"""決裁 of a result: given back, approved by somebody else, published at once or by the clock."""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignNotice,
    CampaignResult,
    NoticeKind,
    ResultFile,
    ResultState,
)
from participation.campaigns.queries import results as queries
from participation.campaigns.services.result_storage import drop_frozen, lock, record
from participation.campaigns.services.results import MAX_REASON
from participation.campaigns.services.retention import set_erasure_dates
from participation.campaigns.services.steps import mark_published
from participation.campaigns.services.telling import tell_news
from participation.core import clock
from participation.core.actors import Actor, system_actor
from participation.core.errors import DomainError, InvalidInput, PermissionDenied, StateConflict
from participation.files.frozen import FORMATS
from participation.news.models import NewsEvent

_logger = logging.getLogger(__name__)


def return_result(
    session: Session,
    campaign: Campaign,
    result: CampaignResult,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a result back to its writers; also one that is approved and waits for its moment.

    Raises:
        InvalidInput: no reason.
        StateConflict: it is neither submitted nor approved.

    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput("差し戻す理由を入力してください。", field="reason")
    if len(reason) > MAX_REASON:
        raise InvalidInput(f"理由は{MAX_REASON:,}文字以内にしてください。", field="reason")
    lock(session, result)
    if result.state not in {ResultState.SUBMITTED, ResultState.APPROVED}:
        raise StateConflict("この結果は差し戻せません。最新の状態を確かめてください。")
    result.state = ResultState.RETURNED
    result.return_reason = reason
    result.approved_by = result.approved_at = result.scheduled_for = None
    drop_frozen(session, result)
    session.flush()
    record(session, "returned", result, campaign, actor=actor, now=now, reason=reason)


def approve_result(
    session: Session,
    campaign: Campaign,
    result: CampaignResult,
    *,
    snapshot_sha256: str,
    scheduled_for: datetime | None,
    actor: Actor,
    now: datetime,
) -> None:
    """決裁する: publish at once, or at a moment by the clock.

    Args:
        session: the session of the act.
        campaign: whose result it is.
        result: one that is submitted and frozen.
        snapshot_sha256: of the words that the approver has read.
        scheduled_for: when it is published; None for now.
        actor: who approves; not the one who submitted it.
        now: when.

    Raises:
        PermissionDenied: the actor submitted it themselves.
        InvalidInput: the moment is past.
        StateConflict: it is not submitted, its files are not there, or it was made anew meanwhile.

    """
    lock(session, result)
    if result.state is not ResultState.SUBMITTED:
        raise StateConflict("この結果は決裁待ちではありません。最新の状態を確かめてください。")
    if actor.staff_id is not None and actor.staff_id == result.submitted_by:
        raise PermissionDenied(
            "自分で提出した結果は決裁できません。ほかの承認者に依頼してください。"
        )
    if not result.snapshot_sha256:
        raise StateConflict(
            "公表するページとファイルを作成しています。できてから決裁してください。"
        )
    if result.snapshot_sha256 != snapshot_sha256:
        raise StateConflict(
            "確認した後に結果が作り直されました。新しい内容を確かめてから決裁してください。"
        )
    if scheduled_for is not None and scheduled_for <= now:
        raise InvalidInput(
            "公表する日時は、これから先の日時にしてください。", field="scheduled_for"
        )
    result.state = ResultState.APPROVED
    result.approved_by = actor.staff_id
    result.approved_at = now
    result.scheduled_for = scheduled_for
    session.flush()
    record(
        session,
        "approved",
        result,
        campaign,
        actor=actor,
        now=now,
        after={
            "snapshot_sha256": result.snapshot_sha256,
            "scheduled_for": scheduled_for.isoformat() if scheduled_for else "",
        },
    )
    if scheduled_for is None:
        _publish(session, campaign, result, actor=actor, now=now)


def publish_due(session: Session, now: datetime) -> int:
    """Publish every approved result whose moment has come; return how many.

    Run by the worker every minute. Two workers at once do no harm: the second finds the state
    changed.
    """
    published = 0
    for result in queries.due_results(session, now):
        try:
            # One that cannot be published must not keep the others from it.
            with session.begin_nested():
                published += _publish_if_due(session, result, now)
        except DomainError:
            _logger.exception("result %s could not be published", result.id)
    return published


def _publish_if_due(session: Session, result: CampaignResult, now: datetime) -> bool:
    lock(session, result)
    is_due = result.scheduled_for is not None and result.scheduled_for <= now
    if result.state is not ResultState.APPROVED or not is_due:
        return False
    campaign = session.get_one(Campaign, result.campaign_id)
    _publish(session, campaign, result, actor=system_actor("worker"), now=now)
    return True


def _publish(
    session: Session, campaign: Campaign, result: CampaignResult, *, actor: Actor, now: datetime
) -> None:
    files = set(session.scalars(select(ResultFile.format).where(ResultFile.result_id == result.id)))
    if not result.snapshot_sha256 or files != set(FORMATS):
        raise StateConflict("公表するファイルがそろっていないため、公表できません。")
    assert result.outcome is not None
    result.state = ResultState.PUBLISHED
    result.published_at = now
    if result.number > 1:
        session.add(
            CampaignNotice(
                campaign_id=campaign.id,
                kind=NoticeKind.CORRECTED,
                text=result.correction,
                at=now,
            )
        )
    session.flush()
    mark_published(
        session,
        campaign,
        outcome=result.outcome,
        note=result.outcome_note,
        actor=actor,
        now=now,
    )
    if result.number == 1:  # a correction does not make anybody's name stay longer
        set_erasure_dates(session, campaign, clock.local_date(now))
    record(
        session,
        "published",
        result,
        campaign,
        actor=actor,
        now=now,
        after={"number": result.number, "snapshot_sha256": result.snapshot_sha256},
        reason=result.correction,
    )
    if result.number == 1:
        tell_news(session, campaign, NewsEvent.DECIDED, result.outcome_note, now=now)
    else:
        text = f"公表した結果を訂正しました。{result.correction}"
        tell_news(session, campaign, NewsEvent.CHANGED, text, now=now)
