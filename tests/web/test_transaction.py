"""A view commits once, or what it did is gone, and a test sees it."""

import pytest
from flask import Flask, Response
from sqlalchemy.orm import Session

from participation.audit import record
from participation.audit.models import AuditEvent
from participation.core import clock
from participation.core.actors import system_actor
from participation.db.extension import db
from participation.jobs.models import Job, JobState
from participation.web import transaction
from participation.web.gate import public


def plant(app: Flask, body) -> None:
    @public
    def view() -> Response:
        body()
        return Response("done", mimetype="text/plain")

    app.add_url_rule("/planted", "planted", view, methods=["POST"])
    app.config["WTF_CSRF_ENABLED"] = False


def add_job() -> None:
    db.session.add(
        Job(kind="x", payload={}, state=JobState.QUEUED, created_at=clock.now(), label="x")
    )


def test_uncommitted_state_fails_the_test(app: Flask):
    plant(app, add_job)
    with pytest.raises(AssertionError, match="uncommitted"):
        app.test_client().post("/planted")


def test_flushed_but_uncommitted_state_fails_too(app: Flask):
    plant(app, lambda: (add_job(), db.session.flush()))
    with pytest.raises(AssertionError, match="uncommitted"):
        app.test_client().post("/planted")


def test_what_is_committed_stays_and_what_follows_runs(app: Flask, session: Session):
    ran = []

    def body() -> None:
        add_job()
        transaction.after_commit(lambda: ran.append(True))
        assert ran == []
        transaction.commit()

    plant(app, body)
    assert app.test_client().post("/planted").data == b"done"
    assert ran == [True]
    assert session.query(Job).count() == 1


def test_an_error_takes_the_audit_row_with_it(app: Flask, session: Session):
    def body() -> None:
        record(
            db.session(), "test.thing.done", actor=system_actor("x"), now=clock.now(), subject="x:1"
        )
        raise ValueError

    plant(app, body)
    with pytest.raises(ValueError):
        app.test_client().post("/planted")
    assert session.query(AuditEvent).count() == 0
