"""Working through the demo's opinions, and publishing a result."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.campaigns.demonstration.story import (
    HOUR,
    OPENED_AT,
    Days,
    Story,
    opinions_of,
)
from participation.campaigns.models import Opinion, Outcome, ResponseCategory, Submission
from participation.campaigns.queries import results as result_queries
from participation.campaigns.services import groups as group_services
from participation.campaigns.services import results as result_services
from participation.campaigns.services import steps
from participation.campaigns.services.amendments import AmendmentWords, create_amendment
from participation.campaigns.services.masks import check_masks, mask_phrase
from participation.campaigns.services.result_approval import approve_result
from participation.campaigns.services.results import ResultWords
from participation.campaigns.services.sorting import Selection, put_in_group, set_out_of_scope
from participation.campaigns.services.splitting import split_opinion


def review(session: Session, days: Days, story: Story) -> None:
    """Split, group and answer what is told, mask what must not be read, amend the draft."""
    told, people = story.told, story.people
    at = days.at(told["reviewing"], OPENED_AT)
    steps.begin_review(session, story.campaign, actor=people.writer, now=at)
    _split(session, story, at)
    categories = {
        row.code: row.id
        for row in session.scalars(
            select(ResponseCategory).where(ResponseCategory.campaign_id == story.campaign.id)
        )
    }
    for each in told.get("groups", ()):
        words = group_services.GroupWords(
            heading=each["heading"],
            summary=each["summary"],
            view=each["view"],
            category_id=categories.get(each["category"]),
            assigned_to=each["assigned_to"],
        )
        story.groups[each["key"]] = group_services.create_group(
            session, story.campaign, words, actor=people.writer, now=at
        )
    for key, ids in story.sorted_into.items():
        put_in_group(
            session,
            story.campaign,
            Selection(tuple(ids)),
            story.groups[key],
            actor=people.writer,
            now=at + HOUR,
        )
    for each in told.get("amendments", ()):
        create_amendment(
            session,
            story.campaign,
            AmendmentWords(each["place"], None, each["before"], each["after"], each["reason"]),
            [story.groups[key].number for key in each["groups"]],
            actor=people.writer,
            now=at + 2 * HOUR,
        )
    _mask(session, story, at)
    _make_ready(session, story, at + 3 * HOUR)
    _set_rest_aside(session, story, at + 4 * HOUR)


def _split(session: Session, story: Story, at: datetime) -> None:
    for submission_id, told in zip(story.submissions, story.told["submissions"], strict=True):
        for opinion, each in zip(
            opinions_of(session, submission_id), told["opinions"], strict=True
        ):
            if "parts" not in each:
                continue
            made = split_opinion(
                session,
                story.campaign,
                opinion,
                [part["text"] for part in each["parts"]],
                actor=story.people.writer,
                now=at,
            )
            for piece, part in zip(made, each["parts"], strict=True):
                story.sorted_into.setdefault(part["group"], []).append(piece.id)


def _mask(session: Session, story: Story, at: datetime) -> None:
    people = story.people
    for submission_id, told in zip(story.submissions, story.told["submissions"], strict=True):
        for opinion, each in zip(
            opinions_of(session, submission_id), told["opinions"], strict=True
        ):
            if "mask" not in each or people.writer.staff_id is None:
                continue
            phrase, reason = each["mask"]
            made = mask_phrase(
                session,
                story.campaign,
                opinion,
                phrase,
                reason=reason,
                actor=people.writer,
                now=at,
            )
            check_masks(
                session,
                story.campaign,
                [mask.id for mask in made],
                actor=people.checker,
                now=at + HOUR,
            )


def _make_ready(session: Session, story: Story, at: datetime) -> None:
    is_done = "result" in story.told
    for each in story.told.get("groups", ()):
        group = story.groups[each["key"]]
        if not (is_done or each.get("ready")):
            continue
        words = group_services.words_of(group)
        group_services.edit_group(
            session,
            story.campaign,
            group,
            group_services.GroupWords(**{**vars(words), "ready": True}),
            version=group.version,
            actor=story.people.writer,
            now=at,
        )


def _set_rest_aside(session: Session, story: Story, at: datetime) -> None:
    """Before a result is published, what belongs to no group is 対象外."""
    if "result" not in story.told:
        return
    rest = session.scalars(
        select(Opinion.id)
        .join(Submission, Submission.id == Opinion.submission_id)
        .where(
            Opinion.campaign_id == story.campaign.id,
            Opinion.group_id.is_(None),
            ~Opinion.split,
            ~Submission.late,
        )
    ).all()
    if rest:
        set_out_of_scope(
            session,
            story.campaign,
            Selection(tuple(rest)),
            outside=True,
            reason="案の内容と関わりのない意見",
            actor=story.people.writer,
            now=at,
        )


def publish(session: Session, days: Days, story: Story, run_jobs: Callable[[], None]) -> None:
    """Draft the result, have it approved by somebody else, and publish it."""
    told, people = story.told["result"], story.people
    at = days.at(told["submitted"], 11)
    result = result_services.draft_result(
        session,
        story.campaign,
        ResultWords(Outcome(told["outcome"]), told["note"], told["introduction"]),
        actor=people.writer,
        now=at - HOUR,
    )
    result_services.submit_result(session, story.campaign, result, actor=people.writer, now=at)
    run_jobs()
    result = result_queries.get_result(session, story.campaign.id, result.id)
    approve_result(
        session,
        story.campaign,
        result,
        snapshot_sha256=result.snapshot_sha256,
        scheduled_for=None,
        actor=people.checker,
        now=days.at(told["published"], 10),
    )
