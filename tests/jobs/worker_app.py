"""An app with runners for tests, for ``flask --app tests.jobs.worker_app worker``."""

import os
import time
from pathlib import Path

from sqlalchemy import text

from participation.app import create_app
from participation.jobs.extension import jobs_of
from participation.jobs.runner import JobRun

app = create_app()


def note(run: JobRun, words: str) -> None:
    """Leave a line in the file that the test reads."""
    with Path(run.payload["file"]).open("a") as file:
        file.write(f"{os.getpid()} {words}\n")


def slow(run: JobRun) -> None:
    """Note that it began, work for some seconds, and write one row at the end."""
    note(run, "began")
    steps = run.payload["steps"]
    for step in range(steps):
        run.progress(step, steps, "試験")
        time.sleep(0.1)
    run.session.execute(
        text("INSERT INTO job_test_result (job_id) VALUES (:id)"), {"id": run.job_id}
    )
    note(run, "ended")


def stubborn(run: JobRun) -> None:
    """Work without a word, as a renderer does."""
    note(run, "began")
    time.sleep(run.payload["seconds"])
    run.session.execute(
        text("INSERT INTO job_test_result (job_id) VALUES (:id)"), {"id": run.job_id}
    )
    note(run, "ended")


jobs_of(app).runners.update({"test.slow": slow, "test.stubborn": stubborn})  # type: ignore[attr-defined]
