"""Real worker processes on the database of a test."""

import os
import subprocess
import sys
import time

import pytest

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
            "JOB_LEASE_SECONDS": "2",
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


def wait_for(condition, process=None):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        if process is not None and process.poll() is not None:
            pytest.fail(f"the worker ended: {process.stderr.read().decode()[-2000:]}")
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
    return found
