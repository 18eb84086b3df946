"""Running one job: claim, keep the lease, run, and finish in the transaction of the work."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.errors import DomainError
from participation.db.engine import holds_write_lock, reading_until_a_write
from participation.db.extension import db
from participation.jobs import services
from participation.jobs.extension import jobs_of
from participation.jobs.models import Job
from participation.jobs.runner import JobRun, LeaseLostError
from participation.jobs.services import Claim

# Progress is for people: more than twice a second only costs writes.
_PROGRESS_SECONDS = 0.5
_logger = logging.getLogger(__name__)


class Execution:
    """Runs jobs of one app and knows which it is running now."""

    def __init__(self, app: Flask) -> None:
        """Take the runners and the length of a lease from ``app``."""
        self._app = app
        self._runners, self._lease = jobs_of(app).runners, jobs_of(app).lease
        self._running: set[Claim] = set()
        self._lock = threading.Lock()

    def run(self, job_id: int) -> bool:
        """Run the job if it is due and nobody else has it; False when it was not ours to run.

        What the runner raises ends in the row, not here; only a database that fails does.
        """
        with self._app.app_context(), reading_until_a_write():
            session = db.session()
            claim = services.claim(session, job_id, now=clock.now(), lease=self._lease)
            session.commit()
            if claim is None:
                return False
            with self._noted(claim), self._heartbeat(claim):
                self._run_claimed(session, claim)
            return True

    def hand_back_running(self) -> None:
        """Give back what is still running, so that another worker need not wait for the lease.

        For a worker about to exit: its runs go on until the process ends, but can commit nothing.
        """
        with self._lock:
            running = tuple(self._running)
        if not running:
            return
        with self._app.app_context():
            session = db.session()
            for claim in running:
                services.hand_back(session, claim, now=clock.now())
            session.commit()

    def _run_claimed(self, session: Session, claim: Claim) -> None:
        job = session.get_one(Job, claim.job_id)
        kind, payload = job.kind, dict(job.payload)
        session.commit()
        runner = self._runners.get(kind)
        if runner is None:
            _logger.error("no runner for jobs of kind %s", kind)
            reason = f"この種類の処理（{kind}）を行えません。システムの版を確かめてください。"
            self._fail(session, claim, reason)
            return
        run = JobRun(
            claim.job_id,
            payload,
            session,
            progress=self._progress(session, claim),
            commit=self._step(session, claim),
        )
        try:
            runner(run)
            self._finish(session, claim)
        except LeaseLostError:
            session.rollback()
            _logger.warning("job %s was taken over by another worker", claim.job_id)
        except DomainError as error:
            session.rollback()
            self._fail(session, claim, str(error))
        except Exception as error:
            session.rollback()
            _logger.exception("job %s (%s), attempt %s", claim.job_id, kind, claim.attempt)
            reason = (
                f"処理の途中で問題が起きました（{type(error).__name__}）。"
                "続くときは、システム管理者にご連絡ください。"
            )
            services.put_off(session, claim, reason=reason, now=clock.now())
            session.commit()

    def _finish(self, session: Session, claim: Claim) -> None:
        if not services.finish(session, claim, now=clock.now()):
            raise LeaseLostError
        session.commit()

    def _fail(self, session: Session, claim: Claim, reason: str) -> None:
        services.fail(session, claim, reason=reason, now=clock.now())
        session.commit()

    def _step(self, session: Session, claim: Claim) -> Callable[[], None]:
        def commit() -> None:
            if not services.renew(session, claim, until=clock.now() + self._lease):
                raise LeaseLostError
            session.commit()

        return commit

    def _progress(self, session: Session, claim: Claim) -> Callable[[int, int, str], None]:
        engine = db.engine
        last = 0.0

        def progress(done: int, total: int, label: str) -> None:
            nonlocal last
            if done < total and time.monotonic() - last < _PROGRESS_SECONDS:
                return
            # Our own write lock would make us wait for ourselves.
            if holds_write_lock(session):
                return
            last = time.monotonic()
            try:
                with Session(engine) as own, own.begin():
                    ours = services.report_progress(own, claim, done=done, total=total, label=label)
            except SQLAlchemyError:
                _logger.warning("progress of job %s could not be stored", claim.job_id)
                return
            if not ours:
                raise LeaseLostError

        return progress

    @contextmanager
    def _noted(self, claim: Claim) -> Iterator[None]:
        with self._lock:
            self._running.add(claim)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(claim)

    @contextmanager
    def _heartbeat(self, claim: Claim) -> Iterator[None]:
        """Renew the lease from a thread, for a runner that renders for minutes without a word."""
        engine = db.engine
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(self._lease.total_seconds() / 4):
                try:
                    with Session(engine) as own, own.begin():
                        if not services.renew(own, claim, until=clock.now() + self._lease):
                            return
                except SQLAlchemyError:
                    # The runner itself may hold SQLite's write lock; then nobody can claim either.
                    _logger.warning("the lease of job %s could not be renewed", claim.job_id)

        thread = threading.Thread(target=beat, name=f"lease-{claim.job_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
