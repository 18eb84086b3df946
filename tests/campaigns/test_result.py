"""The life of a result: two people, frozen words, the clock, corrections."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from participation.audit.models import AuditEvent
from participation.campaigns.models import (
    CampaignState,
    Outcome,
    ResultFile,
    ResultState,
)
from participation.campaigns.queries import results as queries
from participation.campaigns.services import result_approval as approval
from participation.campaigns.services import results as services
from participation.campaigns.services.results import ResultWords
from participation.core.errors import InvalidInput, PermissionDenied, StateConflict
from tests.campaigns.results import NOW, World, actor, parts_of, run_job

pytestmark = pytest.mark.usefixtures("quick_pdf")


HOUR = timedelta(hours=1)


def test_a_result_goes_from_draft_to_published(session):
    world = World(session, texts=("駐車場を増やしてほしい。",))
    result = world.published(introduction="ありがとうございました。")
    assert result.state is ResultState.PUBLISHED
    assert result.published_at == NOW
    assert world.campaign.state is CampaignState.PUBLISHED
    assert world.campaign.outcome is Outcome.UNCHANGED
    frame = queries.frozen_frame(session, result.id)
    assert frame.introduction == "ありがとうございました。"
    assert (frame.tally.submissions, frame.tally.persons, frame.tally.opinions) == (1, 1, 1)
    files = queries.downloads(session, result.id)
    assert list(files) == ["pdf", "xlsx", "csv", "csv-cp932"]
    acts = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject == f"campaign_result:{result.id}")
    ).all()
    assert acts == [
        f"campaigns.result.{verb}" for verb in ("drafted", "submitted", "approved", "published")
    ]


def test_nobody_approves_what_they_submitted(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    job = services.submit_result(
        session, world.campaign, result, actor=actor(world.approver), now=NOW
    )
    session.commit()
    run_job(session, job)
    with pytest.raises(PermissionDenied):
        world.approve(result)
    session.rollback()
    assert result.state is ResultState.SUBMITTED


def test_the_database_too_wants_two_people(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    result.approved_by = result.submitted_by
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_it_cannot_be_approved_before_its_files_are_there(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    world.submit(result)
    with pytest.raises(StateConflict):
        world.approve(result)


def test_it_cannot_be_approved_when_it_was_made_anew_since_it_was_read(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    with pytest.raises(StateConflict):
        approval.approve_result(
            session,
            world.campaign,
            result,
            snapshot_sha256="0" * 64,
            scheduled_for=None,
            actor=actor(world.approver),
            now=NOW,
        )


def test_the_clock_publishes_at_the_moment_and_not_before(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    moment = NOW + HOUR
    world.approve(result, scheduled_for=moment)
    assert result.state is ResultState.APPROVED
    assert approval.publish_due(session, moment - timedelta(milliseconds=1)) == 0
    assert world.campaign.state is CampaignState.REVIEWING
    assert approval.publish_due(session, moment) == 1
    session.commit()
    assert result.state is ResultState.PUBLISHED
    assert result.published_at == moment
    assert world.campaign.state is CampaignState.PUBLISHED
    assert approval.publish_due(session, moment) == 0


@pytest.mark.slow
def test_one_result_that_cannot_be_published_does_not_keep_the_others(session):
    first, second = World(session, texts=("一",)), World(session, texts=("二",))
    broken, good = first.frozen(), second.frozen()
    first.approve(broken, scheduled_for=NOW + HOUR)
    second.approve(good, scheduled_for=NOW + HOUR)
    session.delete(session.get(ResultFile, (broken.id, "pdf")))
    session.commit()
    assert approval.publish_due(session, NOW + HOUR) == 1
    session.commit()
    assert good.state is ResultState.PUBLISHED
    assert broken.state is ResultState.APPROVED


def test_a_moment_in_the_past_is_refused(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    with pytest.raises(InvalidInput):
        world.approve(result, scheduled_for=NOW)


def test_it_comes_back_with_a_reason_and_can_be_submitted_again(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    with pytest.raises(InvalidInput):
        approval.return_result(
            session,
            world.campaign,
            result,
            reason=" ",
            actor=actor(world.approver),
            now=NOW,
        )
    approval.return_result(
        session,
        world.campaign,
        result,
        reason="要旨を短くしてください。",
        actor=actor(world.approver),
        now=NOW,
    )
    session.commit()
    assert result.state is ResultState.RETURNED
    assert not queries.downloads(session, result.id)
    assert not parts_of(session, result)
    run_job(session, world.submit(result))
    world.approve(result)
    assert result.state is ResultState.PUBLISHED


def test_a_scheduled_result_can_still_be_stopped(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.frozen()
    world.approve(result, scheduled_for=NOW + HOUR)
    approval.return_result(
        session,
        world.campaign,
        result,
        reason="議会の日程が変わりました。",
        actor=actor(world.approver),
        now=NOW,
    )
    session.commit()
    assert approval.publish_due(session, NOW + HOUR) == 0
    assert result.state is ResultState.RETURNED


def test_taking_it_back_stops_a_job_that_runs(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    old = world.submit(result)
    services.take_back_result(session, world.campaign, result, actor=actor(world.writer), now=NOW)
    session.commit()
    run_job(session, old)
    assert result.snapshot_sha256 == ""
    new = world.submit(result)
    run_job(session, old)  # the job of the first time does nothing to the second
    assert result.snapshot_sha256 == ""
    run_job(session, new)
    assert len(result.snapshot_sha256) == 64


def test_only_one_result_is_under_way(session):
    world = World(session, texts=("増やしてほしい。",))
    world.draft()
    with pytest.raises(StateConflict):
        world.draft()


def test_a_discarded_number_is_taken_up_again(session):
    world = World(session, texts=("増やしてほしい。",))
    result = world.draft()
    services.discard_result(session, world.campaign, result, actor=actor(world.writer), now=NOW)
    session.commit()
    assert queries.result_under_way(session, world.campaign.id) is None
    again = world.draft()
    assert (again.number, again.state) == (1, ResultState.DRAFT)


def test_two_writers_do_not_overwrite_each_other(session):
    world = World(session)
    result = world.draft()
    seen = result.version
    words = ResultWords(Outcome.UNCHANGED, introduction="一人目")
    services.edit_result(
        session,
        world.campaign,
        result,
        words,
        version=seen,
        actor=actor(world.writer),
        now=NOW,
    )
    with pytest.raises(StateConflict):
        services.edit_result(
            session,
            world.campaign,
            result,
            ResultWords(Outcome.UNCHANGED, introduction="二人目"),
            version=seen,
            actor=actor(world.approver),
            now=NOW,
        )
    assert result.introduction == "一人目"
