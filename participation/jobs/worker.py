"""The worker: takes hints from the queue, sweeps up what was missed, and does regular duties."""

import gc
import logging
import signal
import threading
import time
from datetime import datetime, timedelta
from types import FrameType

from flask import Flask
from huey.consumer import Consumer

from participation.core import clock
from participation.core.sweeps import Sweep
from participation.db.engine import reading_until_a_write
from participation.db.extension import db
from participation.jobs.execution import Execution
from participation.jobs.extension import jobs_of
from participation.jobs.queries import due_job_ids
from participation.jobs.queue import QueueDownError

_SWEEP_SECONDS = 10.0
# systemd's TimeoutStopSec is 90 s and docker's 10 s; what is not done by then is handed back.
_GRACE_SECONDS = 8.0
_BATCH = 100
_logger = logging.getLogger(__name__)


def run_pending(app: Flask) -> int:
    """Run every due job in this process; return how many ran.

    For tests and the command line. The caller has committed: on SQLite a transaction of the
    caller would keep the jobs from writing.
    """
    execution = Execution(app)
    tried: set[int] = set()
    ran = 0
    while ids := [job_id for job_id in _due(app) if job_id not in tried]:
        tried.update(ids)
        ran += sum(execution.run(job_id) for job_id in ids)
    return ran


def run_duties(app: Flask, now: datetime) -> None:
    """Do every regular duty once; what one of them raises is logged and stops no other."""
    for sweep in duties(app):
        _do(app, sweep, now)


def duties(app: Flask) -> tuple[Sweep, ...]:
    """Return the regular duties that the services registered."""
    return tuple(app.extensions.get("sweeps", ()))


class Worker:
    """One worker process: huey's consumer threads and two threads of our own."""

    def __init__(self, app: Flask, *, threads: int) -> None:
        """Prepare; nothing starts before ``run``."""
        self._app, self._threads = app, threads
        self._execution = Execution(app)
        self._queue = jobs_of(app).queue
        self._sweep_seconds = min(_SWEEP_SECONDS, jobs_of(app).lease.total_seconds() / 2)
        self._stop = threading.Event()
        self._consumer: Consumer | None = None

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what runs, or hand it back after a while."""
        # Rendering makes millions of objects that live; the default thresholds cost a fifth.
        gc.set_threshold(50_000, 50, 1_000)
        self._queue.run = self._execution.run
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        others = [
            threading.Thread(target=loop, name=name, daemon=True)
            for name, loop in (("sweep", self._sweep_loop), ("duties", self._duty_loop))
        ]
        for thread in others:
            thread.start()
        _logger.info("worker started with %s threads", self._threads)
        while not self._stop.is_set():
            self._keep_consuming()
            self._stop.wait(self._sweep_seconds)
        self._shut_down(others)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():  # told twice: now
            raise KeyboardInterrupt
        _logger.info("stopping on %s", signal.Signals(number).name)
        self._stop.set()

    def _keep_consuming(self) -> None:
        """Start the consumer once the queue answers, and replace its threads that died."""
        if self._consumer is not None:
            self._consumer.check_worker_health()
            return
        try:
            huey = self._queue.huey()
        except QueueDownError as error:
            _logger.warning("the queue cannot be opened: %s", error)
            return
        self._consumer = _Consumer(
            huey,
            workers=self._threads,
            periodic=False,
            max_delay=1.0,
            scheduler_interval=60,
            shutdown_timeout=_GRACE_SECONDS,
        )
        self._consumer.start()

    def _shut_down(self, others: list[threading.Thread]) -> None:
        deadline = time.monotonic() + _GRACE_SECONDS
        try:
            if self._consumer is not None:
                self._consumer.stop(graceful=True)
            for thread in others:
                thread.join(max(deadline - time.monotonic(), 0))
        except KeyboardInterrupt:
            _logger.warning("told to stop at once")
        self._execution.hand_back_running()
        _logger.info("worker stopped")

    def _sweep_loop(self) -> None:
        while not self._stop.is_set():
            try:
                self._sweep()
            except Exception:
                _logger.exception("the sweep for jobs failed")
            self._stop.wait(self._sweep_seconds)

    def _sweep(self) -> None:
        """Find jobs whose hint was lost or whose worker died."""
        ids = _due(self._app)
        if not ids:
            return
        try:
            if self._queue.waiting() > 0:
                return  # the hints are there; the threads are busy
            reached = all(self._queue.hint(job_id) for job_id in ids)
        except QueueDownError:
            reached = False
        if not reached:
            # Without a queue the work goes on, one job at a time, in this thread.
            for job_id in ids:
                if self._stop.is_set():
                    return
                self._execution.run(job_id)

    def _duty_loop(self) -> None:
        due = dict.fromkeys(duties(self._app), 0.0)
        while True:
            for sweep, moment in due.items():
                if time.monotonic() >= moment:
                    _do(self._app, sweep, clock.now())
                    due[sweep] = time.monotonic() + sweep.every / timedelta(seconds=1)
            if self._stop.wait(1.0):
                return


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer without its signal handlers: ours know about the rows."""

    def _set_signal_handlers(self) -> None:
        return


def _due(app: Flask) -> list[int]:
    with app.app_context(), reading_until_a_write():
        return due_job_ids(db.session(), clock.now(), limit=_BATCH)


def _do(app: Flask, sweep: Sweep, now: datetime) -> None:
    try:
        with app.app_context(), reading_until_a_write():
            sweep.run(now)
    except Exception:
        _logger.exception("duty %s failed", sweep.name)
