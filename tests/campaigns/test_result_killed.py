"""kill -9 of the worker while it makes a result: the next one finishes, and then it goes out."""

import signal
from datetime import timedelta

import pytest

from participation.campaigns.models import CampaignResult, ResultState
from participation.campaigns.queries import results as queries
from participation.campaigns.services import result_approval as approval
from participation.core import clock
from participation.core.errors import StateConflict
from participation.files.frozen import FORMATS
from participation.jobs.models import JobState
from tests.campaigns.results import World, actor
from tests.workers import reader_of, start, wait_for

__all__ = ["start"]

GROUPS = 90  # some seconds of setting, so that the kill finds it at work


@pytest.mark.slow
def test_the_next_worker_finishes_it(session, start):
    world = World(session)
    for number in range(GROUPS):
        world.answered(f"{number}番目の意見です。")
        world.groups[-1].view = "長い考え方を示します。" * 12
    session.commit()
    result = world.draft()
    job_id = world.submit(result).id
    result_id = result.id
    session.commit()

    job = reader_of(session, job_id)

    first = start()
    wait_for(lambda: job().state is JobState.RUNNING and job().done_units > 0, first)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert job().state is JobState.RUNNING  # nobody said goodbye
    session.expire_all()
    result = session.get_one(CampaignResult, result_id)
    assert result.snapshot_sha256 == ""
    with pytest.raises(StateConflict):
        approval.approve_result(
            session,
            world.campaign,
            result,
            snapshot_sha256="",
            scheduled_for=clock.now() + timedelta(hours=1),
            actor=actor(world.approver),
            now=clock.now(),
        )
    session.rollback()

    second = start()
    wait_for(lambda: job().state is JobState.DONE, second, job=job)
    session.expire_all()
    result = session.get_one(CampaignResult, result_id)
    assert len(result.snapshot_sha256) == 64
    assert list(queries.downloads(session, result_id)) == list(FORMATS)
    assert job().attempts == 2
    world.approve(result)
    assert result.state is ResultState.PUBLISHED
