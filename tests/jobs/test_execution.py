"""Running jobs in this process: once, in one transaction, and telling how it went."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from participation.core.errors import InvalidInput
from participation.db.extension import db
from participation.jobs import services
from participation.jobs.execution import Execution
from participation.jobs.models import Job, JobState
from participation.jobs.services import enqueue
from participation.jobs.worker import run_pending
from tests.jobs.conftest import ACTOR, NOW, write_result


@pytest.fixture
def look(app):
    """Read a job as somebody else would, over a connection of their own."""
    engine = db.engine

    def read(job_id):
        with Session(engine) as own:
            job = own.get_one(Job, job_id)
            own.expunge(job)
            return job

    return read


@pytest.fixture(autouse=True)
def _in_context(session):
    return session


@pytest.fixture
def short_lease(app):
    from dataclasses import replace

    from participation.jobs.extension import jobs_of

    app.extensions["jobs"] = replace(jobs_of(app), lease=timedelta(seconds=0.4))


def test_all_that_is_due_is_run_in_order(app, runners, ask, results, look):
    order = []
    runners["test.job"] = lambda run: (order.append(run.payload["n"]), write_result(run))
    ids = [ask(n=n) for n in range(3)]
    assert run_pending(app) == 3
    assert order == [0, 1, 2]
    assert results() == ids
    job = look(ids[0])
    assert (job.state, job.lease_until, job.attempts) == (JobState.DONE, None, 1)
    assert job.finished_at >= job.started_at
    assert run_pending(app) == 0


def test_a_job_may_ask_for_another(app, runners, ask, results):
    def parent(run):
        write_result(run)
        enqueue(run.session, "test.child", {}, actor=ACTOR, now=NOW)

    runners.update({"test.job": parent, "test.child": write_result})
    first = ask()
    assert run_pending(app) == 2
    assert results() == [first, first + 1]


def test_what_a_rule_refuses_fails_at_once_with_its_sentence(app, runners, ask, results, look):
    def refuse(run):
        write_result(run)
        raise InvalidInput("表に見出しがありません。1行目を見出しにしてください。")

    runners["test.job"] = refuse
    job_id = ask()
    assert run_pending(app) == 1
    job = look(job_id)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert job.error == "表に見出しがありません。1行目を見出しにしてください。"
    assert results() == [], "nothing of its work may stay"


def test_what_breaks_is_tried_again_later(app, runners, ask, results, look):
    def broken(run):
        write_result(run)
        raise OSError("resident@example.jp")

    runners["test.job"] = broken
    job_id = ask()
    assert run_pending(app) == 1
    job = look(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert "OSError" in job.error
    assert "resident@example.jp" not in job.error
    assert results() == []
    assert run_pending(app) == 0, "not at once"
    with Session(db.engine) as own, own.begin():
        own.execute(text("UPDATE job SET lease_until = NULL"))
    runners["test.job"] = write_result
    assert run_pending(app) == 1
    assert look(job_id).error == ""
    assert results() == [job_id]


def test_a_kind_that_nobody_runs_says_so(app, ask, look):
    job_id = ask("test.unknown")
    assert run_pending(app) == 1
    assert (look(job_id).state, "test.unknown" in look(job_id).error) == (JobState.FAILED, True)


def test_progress_is_seen_from_outside_while_the_job_runs(app, runners, ask, look):
    seen = []

    def tell(run):
        run.session.execute(text("SELECT 1"))
        run.progress(3, 10, "表を作っています")
        job = look(run.job_id)
        seen.append((job.done_units, job.total_units, job.label, job.state))
        run.progress(4, 10, "")  # within the half second: not stored
        seen.append(look(run.job_id).done_units)
        run.progress(10, 10, "")
        seen.append(look(run.job_id).done_units)

    runners["test.job"] = tell
    ask()
    run_pending(app)
    assert seen == [(3, 10, "表を作っています", JobState.RUNNING), 3, 10]


def test_while_a_job_computes_others_can_save(app, runners, ask, results):
    """On SQLite a run must not hold the write lock before it writes."""
    engine = db.engine

    def compute(run):
        run.session.execute(text("SELECT count(*) FROM job")).scalar()
        with Session(engine) as somebody, somebody.begin():
            somebody.execute(text("INSERT INTO job_test_result (job_id) VALUES (0)"))
        # What was saved meanwhile is no obstacle to what the run writes now.
        write_result(run)

    runners["test.job"] = compute
    job_id = ask()
    assert run_pending(app) == 1
    assert results() == [0, job_id]


def test_progress_during_a_write_waits_for_nobody(app, runners, ask, results, look):
    def write_first(run):
        write_result(run)
        begun = time.monotonic()
        run.progress(1, 2, "書いています")
        assert time.monotonic() - begun < 1

    runners["test.job"] = write_first
    job_id = ask()
    run_pending(app)
    assert (look(job_id).state, look(job_id).error) == (JobState.DONE, "")


def test_a_run_may_go_in_steps(app, runners, ask, results, look):
    def steps(run):
        if not run.session.execute(text("SELECT count(*) FROM job_test_result")).scalar():
            write_result(run)
            run.commit()
            raise OSError
        run.session.rollback()
        write_result(run)

    runners["test.job"] = steps
    job_id = ask()
    run_pending(app)
    assert results() == [job_id], "the step stays though the run broke"
    with Session(db.engine) as own, own.begin():
        own.execute(text("UPDATE job SET lease_until = NULL"))
    run_pending(app)
    assert results() == [job_id, job_id]
    assert look(job_id).state is JobState.DONE


@pytest.mark.usefixtures("short_lease")
def test_a_run_that_says_nothing_keeps_its_lease(app, runners, ask, results, look):
    other = Execution(app)
    meanwhile = []

    def silent(run):
        until = time.monotonic() + 1.2  # three leases
        while time.monotonic() < until:
            meanwhile.append(_in_thread(lambda: other.run(run.job_id)))
            time.sleep(0.1)
        write_result(run)

    runners["test.job"] = silent
    job_id = ask()
    assert run_pending(app) == 1
    assert len(meanwhile) > 3
    assert not any(meanwhile)
    assert results() == [job_id]
    assert look(job_id).attempts == 1


def _in_thread(act):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(act()))
    thread.start()
    thread.join()
    return answers[0]


def test_a_run_that_lost_its_job_leaves_nothing(app, runners, ask, results, look):
    def overtaken(run):
        with Session(db.engine) as own, own.begin():
            own.execute(text("UPDATE job SET attempts = attempts + 1"))
        write_result(run)

    runners["test.job"] = overtaken
    job_id = ask()
    run_pending(app)
    assert results() == []
    assert look(job_id).state is JobState.RUNNING, "the row is the other worker's"


def test_a_run_that_lost_its_job_stops_at_its_next_word(app, runners, ask, look):
    reached = []

    def overtaken(run):
        with Session(db.engine) as own, own.begin():
            own.execute(text("UPDATE job SET attempts = attempts + 1"))
        run.progress(1, 2, "")
        reached.append("further")

    runners["test.job"] = overtaken
    ask()
    run_pending(app)
    assert reached == []


def test_of_many_workers_exactly_one_runs_a_job(app, runners, ask, results):
    runners["test.job"] = write_result
    ids = [ask() for _ in range(8)]
    answers = []

    def work():
        execution = Execution(app)
        answers.extend(execution.run(job_id) for job_id in ids)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4 * len(ids)
    assert sum(answers) == len(ids)
    assert results() == ids


def test_what_is_handed_back_is_run_by_the_next_worker_at_once(app, runners, ask, results, look):
    execution = Execution(app)

    def interrupted(run):
        if look(run.job_id).attempts == 1 and not handed_back:
            handed_back.append(run.job_id)
            _in_thread(execution.hand_back_running)
            assert look(run.job_id).state is JobState.QUEUED
        write_result(run)

    handed_back = []
    runners["test.job"] = interrupted
    job_id = ask()
    assert execution.run(job_id)
    assert results() == [], "what was handed back may not be committed"
    assert run_pending(app) == 1
    assert results() == [job_id]
    assert look(job_id).attempts == 1
    assert services.MAX_ATTEMPTS > 1
