"""Jobs of tests: runners by name, and a table for what they write."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from participation.core.actors import Actor
from participation.jobs.extension import jobs_of
from participation.jobs.services import enqueue
from tests.workers import start

__all__ = ["start"]
NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)
ACTOR = Actor(staff_id=7, name="伊勢 花子")


@pytest.fixture
def results(session):
    """A table that runners write to; called, it returns the jobs that did."""
    session.execute(text("CREATE TABLE job_test_result (job_id INTEGER NOT NULL)"))
    session.commit()

    def read():
        found = session.scalars(text("SELECT job_id FROM job_test_result ORDER BY job_id")).all()
        session.rollback()
        return list(found)

    return read


@pytest.fixture
def runners(app):
    return jobs_of(app).runners


@pytest.fixture
def ask(session):
    """Ask for a job and commit."""

    def make(kind="test.job", **payload):
        job = enqueue(session, kind, payload, actor=ACTOR, now=NOW, label="試験")
        session.commit()
        job_id = job.id
        session.rollback()
        return job_id

    return make


def write_result(run):
    run.session.execute(
        text("INSERT INTO job_test_result (job_id) VALUES (:id)"), {"id": run.job_id}
    )
