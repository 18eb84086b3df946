"""The life of a result: drafted, frozen for 決裁, approved by somebody else, published, corrected.

The words are frozen when the draft is submitted, not when it is published: the approver reads
exactly what residents will read, and nothing that changes underneath later can slip in.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from participation.campaigns.models import (
    Campaign,
    CampaignResult,
    CampaignState,
    Outcome,
    ResultState,
)
from participation.campaigns.queries import results as queries
from participation.campaigns.queries.result_checks import missing
from participation.campaigns.services.result_storage import drop_frozen, lock, record
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, StateConflict
from participation.jobs.models import Job, JobState
from participation.jobs.services import enqueue

FREEZE_JOB = "campaigns.freeze_result"
MAX_TEXT = 10_000
MAX_REASON = 2_000
_EDITABLE = frozenset({ResultState.DRAFT, ResultState.RETURNED})


@dataclass(frozen=True)
class ResultWords:
    """What a person writes of a result; everything else is derived."""

    outcome: Outcome | None
    outcome_note: str = ""
    introduction: str = ""
    correction: str = ""  # why there is a new number


def draft_result(
    session: Session, campaign: Campaign, words: ResultWords, *, actor: Actor, now: datetime
) -> CampaignResult:
    """Begin the result of a campaign, or the correction of the published one.

    Raises:
        InvalidInput: a text is too long, or a correction has no reason.
        StateConflict: one is under way already, or the campaign has not closed.

    """
    session.refresh(campaign, with_for_update=True)
    if campaign.state not in {
        CampaignState.CLOSED,
        CampaignState.REVIEWING,
        CampaignState.PUBLISHED,
    }:
        raise StateConflict("募集期間が終わってから、結果を作成してください。")
    existing = queries.results_of(session, campaign.id)
    if queries.result_under_way(session, campaign.id) is not None:
        raise StateConflict(
            "作成中の結果があります。ページを開き直して、続きから入力してください。"
        )
    published = [each.number for each in existing if each.state is ResultState.PUBLISHED]
    number = max(published, default=0) + 1
    _check(words, number)
    # One that was given up has its number still; it is taken up again.
    result = next((each for each in existing if each.number == number), None)
    if result is None:
        result = CampaignResult(campaign_id=campaign.id, number=number, created_at=now, version=0)
        session.add(result)
    result.state = ResultState.DRAFT
    result.submitted_by = result.submitted_at = None
    result.approved_by = result.approved_at = None
    result.return_reason = ""
    _write(result, words)
    session.flush()
    record(session, "drafted", result, campaign, actor=actor, now=now, after=_words(result))
    return result


def edit_result(
    session: Session,
    campaign: Campaign,
    result: CampaignResult,
    words: ResultWords,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the words of a result that is being drafted or came back.

    Args:
        session: the session of the act.
        campaign: whose result it is.
        result: the draft.
        words: what it says now.
        version: of the draft that the writer had in front of them.
        actor: who does it.
        now: when.

    Raises:
        InvalidInput: a text is too long, or a correction has no reason.
        StateConflict: somebody changed it meanwhile, or it is past editing.

    """
    lock(session, result)
    if result.state not in _EDITABLE:
        raise StateConflict(
            "この結果は決裁に出されているため編集できません。取り戻すか、差戻しを待ってください。"
        )
    if result.version != version:
        raise StateConflict("ほかの人がこの結果を変更しました。最新の内容を確かめてください。")
    _check(words, result.number)
    before = _words(result)
    _write(result, words)
    session.flush()
    if before != _words(result):
        after = _words(result)
        record(
            session, "edited", result, campaign, actor=actor, now=now, before=before, after=after
        )


def submit_result(
    session: Session, campaign: Campaign, result: CampaignResult, *, actor: Actor, now: datetime
) -> Job:
    """Ask for 決裁; the worker freezes the words as they are then and makes the files.

    Raises:
        StateConflict: something is missing (the message says what), or it is not a draft.

    """
    lock(session, result)
    if result.state not in _EDITABLE:
        raise StateConflict("この結果はすでに決裁に出されています。")
    lacking = missing(session, campaign, result, now)
    if lacking:
        raise StateConflict("まだ決裁に出せません。" + "".join(each.text for each in lacking[:3]))
    drop_frozen(session, result)
    result.state = ResultState.SUBMITTED
    result.submitted_by = actor.staff_id
    result.submitted_at = now
    result.approved_by = result.approved_at = result.scheduled_for = None
    result.return_reason = ""
    job = _freeze_later(session, result, actor=actor, now=now)
    record(
        session,
        "submitted",
        result,
        campaign,
        actor=actor,
        now=now,
        after={"number": result.number},
    )
    return job


def freeze_again(session: Session, result: CampaignResult, *, actor: Actor, now: datetime) -> Job:
    """Have a submitted result made once more whose making failed for good.

    Raises:
        StateConflict: it is not submitted, is made already, or is being made.

    """
    lock(session, result)
    if result.state is not ResultState.SUBMITTED or result.snapshot_sha256:
        raise StateConflict("この結果は作り直せません。最新の状態を確かめてください。")
    if is_being_frozen(session, result):
        raise StateConflict("この結果は作成中です。終わるまでお待ちください。")
    return _freeze_later(session, result, actor=actor, now=now)


def is_being_frozen(session: Session, result: CampaignResult) -> bool:
    """Whether a worker has it or will have it; a run that failed for good does not count."""
    if result.state is not ResultState.SUBMITTED or result.snapshot_sha256 or not result.job_id:
        return False
    job = session.get(Job, result.job_id)
    return job is not None and job.state in {JobState.QUEUED, JobState.RUNNING}


def take_back_result(
    session: Session, campaign: Campaign, result: CampaignResult, *, actor: Actor, now: datetime
) -> None:
    """Take a submitted result back, to change it.

    Raises:
        StateConflict: it is not waiting for 決裁.

    """
    lock(session, result)
    if result.state is not ResultState.SUBMITTED:
        raise StateConflict("この結果は決裁待ちではありません。最新の状態を確かめてください。")
    result.state = ResultState.DRAFT
    drop_frozen(session, result)
    session.flush()
    record(
        session,
        "pulled_back",
        result,
        campaign,
        actor=actor,
        now=now,
    )


def discard_result(
    session: Session, campaign: Campaign, result: CampaignResult, *, actor: Actor, now: datetime
) -> None:
    """Give up a result that was never published.

    Raises:
        StateConflict: it is published, or waits for 決裁.

    """
    lock(session, result)
    if result.state not in _EDITABLE:
        raise StateConflict("作成中の結果だけを取りやめられます。最新の状態を確かめてください。")
    result.state = ResultState.DISCARDED
    session.flush()
    record(
        session,
        "discarded",
        result,
        campaign,
        actor=actor,
        now=now,
    )


def _freeze_later(session: Session, result: CampaignResult, *, actor: Actor, now: datetime) -> Job:
    job = enqueue(
        session,
        FREEZE_JOB,
        {"result": result.id},
        actor=actor,
        now=now,
        label="結果のページとファイルの作成を待っています",
    )
    result.job_id = job.id
    session.flush()
    return job


def _check(words: ResultWords, number: int) -> None:
    if number > 1 and not words.correction.strip():
        raise InvalidInput("公表済みの結果を訂正する理由を入力してください。", field="correction")
    if len(words.correction) > MAX_REASON:
        raise InvalidInput(
            f"訂正の理由は{MAX_REASON:,}文字以内にしてください。", field="correction"
        )
    for name, label, text in (
        ("introduction", "はじめに", words.introduction),
        ("outcome_note", "決定の理由", words.outcome_note),
    ):
        if len(text) > MAX_TEXT:
            raise InvalidInput(f"{label}は{MAX_TEXT:,}文字以内にしてください。", field=name)


def _write(result: CampaignResult, words: ResultWords) -> None:
    result.outcome = words.outcome
    result.outcome_note = words.outcome_note.strip()
    result.introduction = words.introduction.strip()
    result.correction = words.correction.strip() if result.number > 1 else ""
    result.version += 1


def _words(result: CampaignResult) -> dict[str, str]:
    return {
        "outcome": result.outcome.value if result.outcome is not None else "",
        "outcome_note": result.outcome_note,
        "introduction": result.introduction,
        "correction": result.correction,
    }
