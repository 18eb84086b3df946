"""Taking in what the demo's residents sent, by every channel and at its moment."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from participation.campaigns.demonstration.story import HOUR, Days, Story, opinions_of
from participation.campaigns.models import Submission
from participation.campaigns.services import desk, flags
from participation.campaigns.services.intake import NewOpinion, NewSubmission, store_submissions
from participation.core import clock
from participation.core.actors import system_actor
from participation.submissions.models import Channel, Receipt

_DESK = frozenset({Channel.POST, Channel.FAX, Channel.COUNTER, Channel.EMAIL})


def receive(session: Session, days: Days, story: Story) -> None:
    """Take in everything up to now, in the order in which it came."""
    waiting = sorted(enumerate(story.told["submissions"]), key=lambda pair: pair[1]["day"])
    ids: dict[int, int] = {}
    for index, told in waiting:
        at = days.moment(story, told["day"])
        if at <= days.now:
            ids[index] = _store(session, story, index, told, at)
    story.submissions = [ids[index] for index in sorted(ids)]
    for index, submission_id in ids.items():
        _mark(session, days, story, story.told["submissions"][index], submission_id)


def _store(session: Session, story: Story, index: int, told: dict[str, Any], at: datetime) -> int:
    campaign = story.campaign
    channel = Channel(told["channel"])
    by_desk = channel in _DESK
    arrived_on = clock.local_date(at)
    postmark_on = story.opens_on + timedelta(days=told["postmark"]) if "postmark" in told else None
    late = by_desk and desk.late_at_desk(
        campaign, channel, arrived_on=arrived_on, postmark_on=postmark_on, now=at
    )
    sender = {key: value for key, value in told["sender"].items() if value}
    words = f"demo {campaign.id} {index}"
    stored = store_submissions(
        session,
        [
            NewSubmission(
                campaign_id=campaign.id,
                channel=channel,
                received_at=at,
                arrived_on=arrived_on,
                opinions=tuple(
                    NewOpinion(each["text"], each.get("place", ""), each.get("reason", ""))
                    for each in told["opinions"]
                ),
                sender=sender,
                idempotency_key=hashlib.sha256(words.encode()).hexdigest(),
                postmark_on=postmark_on,
                late=late,
                anonymous=not sender,
                typed_by=story.people.writer.staff_id if by_desk else None,
                secret=None if by_desk else hashlib.sha256(f"{words} secret".encode()).hexdigest(),
            )
        ],
        actor=story.people.writer if by_desk else system_actor("意見の受付"),
        now=at,
    )[0]
    submission = session.get_one(Submission, stored.submission_id)
    if by_desk and desk.waits_for_check(submission) and story.people.checker.staff_id:
        desk.confirm(session, campaign, submission, actor=story.people.checker, now=at + 3 * HOUR)
    opinions = opinions_of(session, submission.id)
    for opinion, each in zip(opinions, told["opinions"], strict=True):
        if each.get("group"):
            story.sorted_into.setdefault(each["group"], []).append(opinion.id)
    return submission.id


def _mark(
    session: Session, days: Days, story: Story, told: dict[str, Any], submission_id: int
) -> None:
    """Set what a clerk would: 対象外, duplicates, what went on to another office."""
    submission = session.get_one(Submission, submission_id)
    as_is = flags.flags_of(session, submission)
    wanted = as_is
    if "duplicate_of" in told:
        original = session.get_one(Submission, story.submissions[told["duplicate_of"]])
        receipt = session.get_one(Receipt, original.receipt_id)
        wanted = flags.Flags(as_is.late, as_is.out_of_scope, as_is.rerouted_to, receipt.number)
    elif "rerouted_to" in told:
        wanted = flags.Flags(as_is.late, as_is.out_of_scope, told["rerouted_to"], "")
    elif "out_of_scope" in told:
        wanted = flags.Flags(as_is.late, out_of_scope=True)
    if wanted == as_is:
        return
    flags.set_flags(
        session,
        story.campaign,
        submission,
        wanted,
        note=told.get("out_of_scope", "内容を確かめた"),
        seen=flags.fingerprint(as_is),
        actor=story.people.writer,
        now=days.moment(story, told["day"]) + 5 * HOUR,
    )
