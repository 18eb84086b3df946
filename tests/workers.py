"""Real worker processes on the database of a test."""

import os
import subprocess
import sys
import time

import pytest

from participation.db.engine import reading_until_a_write
from participation.jobs.models import Job, JobState
from participation.jobs.queue import JobQueue

PATIENCE = 40.0


@pytest.fixture
def start(settings, app, tmp_path):
    """Start workers on the database of the test; whatever still runs is ended afterwards."""
    queue_url = f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    app.extensions["session_info"]["job_queue"] = JobQueue(queue_url)
    started = []

    def begin(**more):
        environment = {
            **os.environ,
            "PARTICIPATION_ENV": "test",
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key,
            "JOBS_URL": queue_url,
            # A machine with much else to do lets nobody run for a second or two now and then; a
            # worker that loses its lease thereby costs its job one of three attempts.
            "JOB_LEASE_SECONDS": "4",
            **more,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "tests.jobs.worker_app", "worker"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
    app.extensions["session_info"]["job_queue"].close()


def reader_of(session, job_id):
    """Return what reads the job as it stands now, without holding anybody up."""

    def read():
        with reading_until_a_write():
            found = session.get_one(Job, job_id, populate_existing=True)
            session.expunge(found)
            session.rollback()
        return found

    return read


def wait_for(condition, process=None, *, job=None):
    """Wait until ``condition`` holds; say what the worker printed if it never does.

    ``job`` returns the job that is waited for: one that failed will not be done any more.
    """
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        if process is not None and process.poll() is not None:
            pytest.fail(f"the worker ended: {printed(process)}")
        if job is not None and job().state is JobState.FAILED:
            pytest.fail(f"the job failed after {job().attempts} attempts: {printed(process)}")
        if time.monotonic() > deadline:
            pytest.fail(f"waited {PATIENCE:.0f} s in vain; the worker said: {printed(process)}")
        time.sleep(0.05)
    return found


def printed(process):
    """End a worker and return the last of what it printed."""
    if process is None:
        return ""
    process.kill()
    _, said = process.communicate()
    return said.decode()[-2000:]
