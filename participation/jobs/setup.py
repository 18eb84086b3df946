"""Gives the app its queue and its runners, and the command line its worker."""

from collections.abc import Mapping
from datetime import timedelta

from flask import Flask

from participation.core.errors import SettingsError
from participation.core.settings import Settings
from participation.jobs.cli import worker
from participation.jobs.extension import Jobs
from participation.jobs.queue import JobQueue
from participation.jobs.runner import JobRunner


def init_app(app: Flask, settings: Settings, runners: Mapping[str, JobRunner]) -> None:
    """Set up the jobs of ``app``.

    Args:
        app: the application.
        settings: names the queue.
        runners: kind of job → its runner.

    Raises:
        SettingsError: JOBS_URL is of no known kind, or one that forgets in production.

    """
    if settings.is_production and settings.jobs_url.startswith("memory:"):
        raise SettingsError("本番環境の JOBS_URL に memory:// は使えません。")
    queue = JobQueue(settings.jobs_url)
    lease = timedelta(seconds=settings.job_lease_seconds)
    app.extensions["jobs"] = Jobs(dict(runners), queue, lease)
    app.extensions["session_info"]["job_queue"] = queue
    app.cli.add_command(worker)
