"""What the app keeps for its jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from participation.jobs.queue import JobQueue
from participation.jobs.runner import JobRunner


@dataclass(frozen=True)
class Jobs:
    """Runners by kind, the queue, and how long a silent worker is believed to live."""

    runners: Mapping[str, JobRunner]
    queue: JobQueue
    lease: timedelta


def jobs_of(app: Flask) -> Jobs:
    """Return what ``setup.init_app`` gave to ``app``."""
    found: Jobs = app.extensions["jobs"]
    return found
