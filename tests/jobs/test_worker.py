"""Real worker processes: they take hints, outlive lost ones, stop when told, and may be killed."""

import signal
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from participation.core import clock
from participation.core.sweeps import Sweep
from participation.db.engine import reading_until_a_write
from participation.jobs import worker as module
from participation.jobs.extension import jobs_of
from participation.jobs.models import Job, JobState
from participation.jobs.queue import QueueDownError
from participation.jobs.services import enqueue
from participation.jobs.worker import Worker, run_duties
from tests.jobs.conftest import ACTOR, write_result
from tests.workers import PATIENCE, wait_for


@pytest.fixture
def ask(start, session, tmp_path):
    def make(kind, **payload):
        payload = {"file": str(tmp_path / "notes"), **payload}
        job = enqueue(session, kind, payload, actor=ACTOR, now=clock.now())
        session.commit()
        job_id = job.id
        session.rollback()
        return job_id

    return make


@pytest.fixture
def notes(tmp_path):
    def read():
        path = tmp_path / "notes"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    return read


@pytest.fixture
def state(session):
    def read(job_id):
        with reading_until_a_write():
            job = session.get_one(Job, job_id, populate_existing=True)
            found = job.state, job.attempts
            session.rollback()
        return found

    return read


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_job_costs_nothing(start, ask, notes, state, results):
    first = start()
    job_id = ask("test.slow", steps=20)
    wait_for(notes, first)
    time.sleep(0.3)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert state(job_id) == (JobState.RUNNING, 1)
    assert results() == []
    second = start()
    wait_for(lambda: state(job_id)[0] is JobState.DONE, second)
    assert state(job_id) == (JobState.DONE, 2)
    assert results() == [job_id]
    assert [words for _pid, words in notes()] == ["began", "began", "ended"]
    assert {pid for pid, _words in notes()} == {str(first.pid), str(second.pid)}


@pytest.mark.slow
def test_a_worker_told_to_stop_finishes_what_it_does(start, ask, notes, state, results):
    worker = start()
    job_id = ask("test.slow", steps=15)
    wait_for(notes, worker)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert state(job_id) == (JobState.DONE, 1)
    assert results() == [job_id]


@pytest.mark.slow
def test_a_worker_that_cannot_finish_in_time_hands_its_job_back(start, ask, notes, state, results):
    worker = start(JOB_LEASE_SECONDS="600")
    job_id = ask("test.stubborn", seconds=60)
    wait_for(notes, worker)
    worker.send_signal(signal.SIGINT)
    assert worker.wait(PATIENCE) == 0
    assert state(job_id) == (JobState.QUEUED, 0)
    assert results() == []


@pytest.mark.slow
@pytest.mark.usefixtures("results")
def test_a_job_whose_hint_was_lost_is_found_by_the_sweep(start, session, ask, notes, state):
    queue = session.info.pop("job_queue")
    job_id = ask("test.slow", steps=1)
    session.info["job_queue"] = queue
    worker = start()
    wait_for(lambda: state(job_id)[0] is JobState.DONE, worker)
    assert [words for _pid, words in notes()] == ["began", "ended"]


def test_without_a_queue_the_sweep_runs_the_jobs_itself(app, session, results, monkeypatch):
    def unreachable(*_args):
        raise QueueDownError

    queue = jobs_of(app).queue
    monkeypatch.setattr(queue, "waiting", unreachable)
    jobs_of(app).runners["test.job"] = write_result
    job_id = enqueue(session, "test.job", {}, actor=ACTOR, now=clock.now()).id
    session.commit()
    Worker(app, threads=1)._sweep()
    assert results() == [job_id]


def test_the_sweep_adds_no_hints_while_there_are_some(app, session, results):
    queue = jobs_of(app).queue
    jobs_of(app).runners["test.job"] = write_result
    enqueue(session, "test.job", {}, actor=ACTOR, now=clock.now())
    session.commit()
    worker = Worker(app, threads=1)
    assert queue.waiting() == 1
    worker._sweep()
    worker._sweep()
    assert queue.waiting() == 1
    assert results() == []


def test_a_duty_that_fails_stops_no_other(app, session, monkeypatch):
    done = []

    def broken(_now):
        raise OSError

    monkeypatch.setitem(
        app.extensions,
        "sweeps",
        [
            Sweep("broken", timedelta(seconds=1), broken),
            Sweep("good", timedelta(seconds=1), done.append),
        ],
    )
    now = clock.now()
    run_duties(app, now)
    assert done == [now]


def test_the_services_registered_their_duties(app):
    names = {sweep.name for sweep in module.duties(app)}
    assert names >= {"mail.delivery", "files.orphans", "audit.anchor"}


def test_once_does_what_is_due_and_ends(app, session, results, settings):
    jobs_of(app).runners["test.job"] = write_result
    job_id = enqueue(session, "test.job", {}, actor=ACTOR, now=clock.now()).id
    session.commit()
    answer = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert answer.exit_code == 0, answer.output
    assert "1 件" in answer.output
    assert results() == [job_id]
    assert settings.audit_anchor_file.exists()
    assert session.execute(text("SELECT count(*) FROM job WHERE state = 'done'")).scalar() == 1
