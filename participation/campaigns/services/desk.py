"""The desk: what came on paper, by FAX, by mail or by hand is typed and looked at twice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import audit
from participation.campaigns.models import (
    Campaign,
    CampaignChannel,
    CampaignState,
    DeadlineRule,
    Opinion,
    OpinionMask,
    Submission,
)
from participation.campaigns.periods import is_late
from participation.campaigns.queries import submissions as queries
from participation.campaigns.search import forget_opinions
from participation.campaigns.services.intake import (
    NewOpinion,
    NewSubmission,
    StoredSubmission,
    person_key,
    store_submissions,
)
from participation.campaigns.texts import text_key
from participation.core import clock
from participation.core.actors import Actor
from participation.core.errors import InvalidInput, NotFound, PermissionDenied, StateConflict
from participation.privacy.crypto import keyring
from participation.submissions.models import Channel, Sender
from participation.submissions.services import senders
from participation.submissions.services.receipts import stored_key
from participation.submissions.services.sealed_files import SealedFile

DESK_CHANNELS = (Channel.POST, Channel.FAX, Channel.EMAIL, Channel.COUNTER)
LONGEST_TEXT = 20_000
LONGEST_PLACE = 300
MOST_OPINIONS = 100
# Letters come before a period begins and after it ends; all of them are kept.
_TAKING = frozenset(
    {
        CampaignState.PLANNED,
        CampaignState.OPEN,
        CampaignState.CLOSED,
        CampaignState.REVIEWING,
        CampaignState.PUBLISHED,
    }
)


@dataclass(frozen=True)
class Typed:
    """One submission as somebody typed it from paper."""

    channel: Channel
    arrived_on: date
    opinions: tuple[NewOpinion, ...]
    sender: Mapping[str, str] = field(default_factory=dict, repr=False)
    postmark_on: date | None = None
    eligibility_id: int | None = None
    scans: tuple[SealedFile, ...] = ()


@dataclass(frozen=True)
class Entered:
    """What became of it."""

    stored: StoredSubmission
    late: bool


def may_be_entered(campaign: Campaign) -> bool:
    """Whether anything can be typed for ``campaign`` now."""
    return campaign.state in _TAKING and campaign.closes_on is not None


def check_taking(campaign: Campaign) -> None:
    """Refuse what cannot belong to ``campaign``.

    Raises:
        StateConflict: it has no period yet, or was cancelled.

    """
    if not may_be_entered(campaign):
        raise StateConflict(
            "募集期間が決まっていないか、中止された意見募集のため、入力できません。"
            "「概要」で状態を確かめてください。"
        )


def late_at_desk(
    campaign: Campaign,
    channel: Channel,
    *,
    arrived_on: date,
    postmark_on: date | None,
    now: datetime,
) -> bool:
    """Whether something typed at the desk came after its channel's deadline.

    A channel that the campaign does not offer is judged as 必着.
    """
    if campaign.closes_on is None:
        return False
    rule = next(
        (offered for offered in campaign.channels if offered.channel is channel),
        CampaignChannel(
            channel=channel,
            rule=DeadlineRule.MUST_ARRIVE,
            closing_time="24:00",
            grace_days=0,
        ),
    )
    return is_late(
        rule,
        campaign.closes_on,
        received_at=now,
        arrived_on=arrived_on,
        postmark_on=postmark_on,
    )


def enter(
    session: Session,
    campaign: Campaign,
    typed: Typed,
    *,
    form_key: str,
    actor: Actor,
    now: datetime,
) -> Entered:
    """Store what was typed; the same form sent twice is one submission.

    Args:
        session: the session of the act.
        campaign: for which.
        typed: what was typed.
        form_key: random, from the form.
        actor: who typed it; somebody else looks at it a second time.
        now: when.

    Raises:
        InvalidInput: an impossible date, or no opinion.
        StateConflict: nothing can be entered for this campaign now.

    """
    check_taking(campaign)
    _check_dates(typed, clock.local_date(now))
    opinions = tuple(opinion for opinion in typed.opinions if opinion.text.strip())
    if not opinions:
        raise InvalidInput("意見を入力してください。", field="opinions")
    sender = {key: value for key, value in typed.sender.items() if value.strip()}
    late = late_at_desk(
        campaign,
        typed.channel,
        arrived_on=typed.arrived_on,
        postmark_on=typed.postmark_on,
        now=now,
    )
    [stored] = store_submissions(
        session,
        [
            NewSubmission(
                campaign_id=campaign.id,
                channel=typed.channel,
                received_at=now,
                arrived_on=typed.arrived_on,
                postmark_on=typed.postmark_on,
                opinions=opinions,
                sender=sender,
                anonymous=not names_somebody(sender),
                late=late,
                eligibility_id=typed.eligibility_id,
                attachments=typed.scans,
                typed_by=actor.staff_id,
                idempotency_key=f"desk:{campaign.id}:{actor.staff_id}:{stored_key(form_key)}",
            )
        ],
        actor=actor,
        now=now,
    )
    return Entered(stored, late)


def names_somebody(sender: Mapping[str, str]) -> bool:
    """Whether a sender has any name; without one the opinion is anonymous (匿名)."""
    return any(sender.get(key, "").strip() for key in ("name", "organisation", "representative"))


@dataclass(frozen=True)
class Correction:
    """The right words of one opinion."""

    opinion_id: int
    text: str
    place: str = ""
    reason: str = ""


def correct(
    session: Session,
    campaign: Campaign,
    submission: Submission,
    corrections: Sequence[Correction],
    *,
    sender: Mapping[str, str] | None = None,
    actor: Actor,
    now: datetime,
) -> bool:
    """Correct typing errors before the second look is done; False when nothing was different.

    What a resident sent by the web never changes, nor does anything that was looked at twice.

    Args:
        session: the session of the act.
        campaign: whose.
        submission: what was typed.
        corrections: the right words, of the opinions that may be wrong.
        sender: all fields of the sender; None leaves them alone.
        actor: who corrects.
        now: when.

    Raises:
        InvalidInput: an empty opinion.
        NotFound: an opinion of another submission.
        StateConflict: it was looked at twice, or work on it has begun.

    """
    _lock_unchecked(session, submission)
    opinions = {opinion.id: opinion for opinion in queries.opinions_of(session, submission.id)}
    changed = False
    for correction in corrections:
        opinion = opinions.get(correction.opinion_id)
        if opinion is None:
            raise NotFound("その意見は見つかりませんでした。")
        changed |= _correct_opinion(
            session, campaign, submission, opinion, correction, actor=actor, now=now
        )
    if sender is not None:
        changed |= _correct_sender(session, campaign, submission, sender, actor=actor, now=now)
    session.flush()
    return changed


def confirm(
    session: Session, campaign: Campaign, submission: Submission, *, actor: Actor, now: datetime
) -> None:
    """Note that a second person compared the paper with what was typed.

    Raises:
        PermissionDenied: it is the one who typed it.
        StateConflict: somebody has looked at it already.

    """
    _lock_unchecked(session, submission)
    if actor.staff_id is None or submission.typed_by == actor.staff_id:
        raise PermissionDenied("入力した人とは別の人が見直してください。")
    submission.checked_by = actor.staff_id
    submission.checked_at = now
    session.flush()
    audit.record(
        session,
        "campaigns.submission.checked",
        actor=actor,
        now=now,
        subject=f"submission:{submission.id}",
        department_id=campaign.department_id,
    )


def waits_for_check(submission: Submission) -> bool:
    """Whether it was typed and nobody has compared it with the paper."""
    return (
        submission.channel is not Channel.WEB
        and submission.typed_by is not None
        and submission.checked_by is None
    )


def _check_dates(typed: Typed, today: date) -> None:
    if typed.channel not in DESK_CHANNELS:
        raise InvalidInput("提出方法を選んでください。", field="channel")
    if typed.arrived_on > today:
        raise InvalidInput("到達日が今日より後になっています。", field="arrived_on")
    if typed.postmark_on is not None and typed.channel is not Channel.POST:
        raise InvalidInput("消印日は、郵送のときだけ入力してください。", field="postmark_on")
    if typed.postmark_on is not None and typed.postmark_on > typed.arrived_on:
        raise InvalidInput("消印日が到達日より後になっています。", field="postmark_on")


def _lock_unchecked(session: Session, submission: Submission) -> None:
    session.refresh(submission, with_for_update=True)
    if not waits_for_check(submission):
        raise StateConflict(
            "この意見は見直しが済んでいるか、入力されたものではないため、変えられません。"
        )


def _correct_opinion(
    session: Session,
    campaign: Campaign,
    submission: Submission,
    opinion: Opinion,
    correction: Correction,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    values = {
        "text": correction.text,
        "place": correction.place,
        "reason": correction.reason,
    }
    before = {name: getattr(opinion, name) for name in values}
    changed = {name: value for name, value in values.items() if value != before[name]}
    if not changed:
        return False
    if not correction.text.strip():
        raise InvalidInput("意見を空にはできません。", field="opinions")
    masked = session.scalar(
        select(OpinionMask.id).where(OpinionMask.opinion_id == opinion.id).limit(1)
    )
    if opinion.split or masked is not None:
        raise StateConflict(
            "この意見は分割や非公開部分の指定が始まっているため、直せません。先にそれらを取り消してください。"
        )
    for name, value in changed.items():
        setattr(opinion, name, value)
    opinion.text_key = text_key(opinion.text)
    forget_opinions(session, [opinion])  # found by its right words within a minute
    # Grouped anew, by its right words.
    opinion.cluster_id = None
    opinion.similarity = None
    session.flush()
    audit.record(
        session,
        "campaigns.submission.corrected",
        actor=actor,
        now=now,
        subject=f"submission:{submission.id}",
        department_id=campaign.department_id,
        before={"number": opinion.number, **{name: before[name] for name in changed}},
        after={"number": opinion.number, **changed},
    )
    return True


def _correct_sender(
    session: Session,
    campaign: Campaign,
    submission: Submission,
    sender: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Write the sender anew; the audit log says which fields changed, never what they say."""
    wanted = {key: value for key, value in sender.items() if value.strip()}
    stored = session.scalar(select(Sender).where(Sender.receipt_id == submission.receipt_id))
    if stored is not None and stored.contents is None:
        raise StateConflict("提出者の情報は消去されているため、直せません。")
    before = {} if stored is None else senders.contents_of(session, stored)
    changed = sorted(
        key for key in {*before, *wanted} if before.get(key, "") != wanted.get(key, "")
    )
    if not changed:
        return False
    if stored is None:
        row = senders.sender_row(keyring(session), wanted)
        session.add(Sender(**row, receipt_id=submission.receipt_id))
    else:
        stored.contents = keyring(session).encrypt(
            json.dumps(wanted, ensure_ascii=False),
            table=Sender.__tablename__,
            column="contents",
            row=str(stored.id),
        )
    submission.anonymous = not names_somebody(wanted)
    submission.person_key = (
        None if submission.anonymous else person_key(keyring(session), campaign.id, wanted)
    )
    session.flush()
    audit.record(
        session,
        "campaigns.submission.corrected",
        actor=actor,
        now=now,
        subject=f"submission:{submission.id}",
        department_id=campaign.department_id,
        after={"fields": changed},
    )
    return True
