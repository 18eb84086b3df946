"""The life of a job's row."""

from datetime import timedelta

import pytest

from participation.core.actors import Actor
from participation.core.errors import NotFound, StateConflict
from participation.jobs import services
from participation.jobs.extension import jobs_of
from participation.jobs.models import Job, JobState
from participation.jobs.queries import due_job_ids, get_job, list_jobs
from tests.jobs.conftest import ACTOR, NOW

LEASE = timedelta(seconds=60)


def _claim(session, job_id, now=NOW):
    claim = services.claim(session, job_id, now=now, lease=LEASE)
    session.commit()
    return claim


def _job(session, job_id):
    return session.get_one(Job, job_id, populate_existing=True)


@pytest.fixture
def hints(app, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs_of(app).queue, "hint", sent.append)
    return sent


def test_the_hint_leaves_after_the_commit(session, hints):
    job = services.enqueue(session, "test.job", {}, actor=ACTOR, now=NOW)
    assert job.state is JobState.QUEUED
    assert hints == []
    session.commit()
    assert hints == [job.id]
    session.commit()
    assert hints == [job.id], "once"


def test_without_a_commit_there_is_neither_a_row_nor_a_hint(session, hints):
    services.enqueue(session, "test.job", {}, actor=ACTOR, now=NOW)
    session.rollback()
    kept = services.enqueue(session, "test.job", {}, actor=ACTOR, now=NOW)
    session.commit()
    assert hints == [kept.id]
    assert [job.id for job in list_jobs(session, limit=9)] == [kept.id]


def test_a_savepoint_is_no_commit(session, hints):
    with session.begin_nested():
        job = services.enqueue(session, "test.job", {}, actor=ACTOR, now=NOW)
    assert hints == []
    session.commit()
    assert hints == [job.id]


def test_what_it_was_asked_for_is_stored(session, ask):
    job = get_job(session, ask(edition=3))
    assert (job.payload, job.created_by, job.created_at, job.label) == (
        {"edition": 3},
        7,
        NOW,
        "試験",
    )
    with pytest.raises(NotFound):
        get_job(session, job.id + 1)


def test_a_job_is_claimed_once(session, ask):
    job_id = ask()
    claim = _claim(session, job_id)
    assert claim is not None
    assert claim.attempt == 1
    assert _claim(session, job_id) is None
    job = _job(session, job_id)
    assert (job.state, job.lease_until) == (JobState.RUNNING, NOW + LEASE)


def test_a_job_whose_worker_went_silent_is_claimed_again_and_the_old_run_is_fenced(session, ask):
    job_id = ask()
    first = _claim(session, job_id)
    later = NOW + LEASE + timedelta(microseconds=1)
    assert due_job_ids(session, NOW + LEASE - timedelta(microseconds=1), limit=9) == []
    assert due_job_ids(session, later, limit=9) == [job_id]
    second = _claim(session, job_id, later)
    assert second.attempt == 2
    for act in (
        lambda: services.renew(session, first, until=later + LEASE),
        lambda: services.finish(session, first, now=later),
        lambda: services.fail(session, first, reason="だめ", now=later),
        lambda: services.put_off(session, first, reason="だめ", now=later),
        lambda: services.hand_back(session, first, now=later),
        lambda: services.report_progress(session, first, done=1, total=2, label="x"),
    ):
        assert act() is False
    assert services.finish(session, second, now=later)
    assert _job(session, job_id).state is JobState.DONE


def test_a_job_handed_back_is_due_at_once_and_costs_no_attempt(session, ask):
    job_id = ask()
    first = _claim(session, job_id)
    assert services.hand_back(session, first, now=NOW)
    second = _claim(session, job_id, NOW + timedelta(seconds=1))
    assert second.attempt == first.attempt == 1
    # The same number of attempt, yet another run.
    assert services.finish(session, first, now=NOW) is False
    assert services.finish(session, second, now=NOW)


def test_a_job_is_put_off_longer_each_time_and_then_failed(session, ask):
    job_id, now, delays = ask(), NOW, []
    for attempt in range(1, services.MAX_ATTEMPTS + 1):
        claim = _claim(session, job_id, now)
        assert claim.attempt == attempt
        assert services.put_off(session, claim, reason="つながりません。", now=now)
        session.commit()
        job = _job(session, job_id)
        if job.state is JobState.FAILED:
            break
        delays.append(job.lease_until - now)
        assert due_job_ids(session, now, limit=9) == []
        now = job.lease_until
    assert delays == sorted(delays)
    assert len(delays) == services.MAX_ATTEMPTS - 1
    assert (job.state, job.error, job.finished_at) == (JobState.FAILED, "つながりません。", now)
    assert due_job_ids(session, now + timedelta(days=9), limit=9) == []


def test_a_job_that_kills_its_worker_every_time_is_given_up(session, ask):
    job_id, now = ask(), NOW
    for _ in range(services.MAX_ATTEMPTS):
        assert _claim(session, job_id, now) is not None
        now += LEASE
    assert _claim(session, job_id, now) is None
    job = _job(session, job_id)
    assert (job.state, job.error) == (JobState.FAILED, services.BROKE_OFF)


def test_only_a_failed_job_can_be_tried_again(session, ask, hints):
    job_id = ask()
    claim = _claim(session, job_id)
    with pytest.raises(StateConflict):
        services.retry(session, _job(session, job_id), now=NOW)
    services.report_progress(session, claim, done=3, total=9, label="途中")
    services.fail(session, claim, reason="だめ", now=NOW)
    session.commit()
    hints.clear()
    job = _job(session, job_id)
    services.retry(session, job, now=NOW)
    session.commit()
    assert hints == [job_id]
    assert (job.state, job.attempts, job.error, job.done_units) == (JobState.QUEUED, 0, "", 0)
    assert _claim(session, job_id).attempt == 1


def test_lists_are_filtered_and_paged(session, ask):
    ids = [ask() for _ in range(5)]
    other = services.enqueue(
        session, "test.job", {}, actor=Actor(staff_id=8, name="別の人"), now=NOW
    ).id
    _claim(session, ids[0])
    assert [job.id for job in list_jobs(session, limit=2)] == [other, ids[4]]
    assert [job.id for job in list_jobs(session, limit=2, before=ids[4])] == [ids[3], ids[2]]
    assert [job.id for job in list_jobs(session, limit=9, created_by=8)] == [other]
    running = list_jobs(session, limit=9, state=JobState.RUNNING)
    assert [job.id for job in running] == [ids[0]]
