"""The command ``worker``."""

import click
from flask import current_app
from flask.cli import with_appcontext

from participation.core import clock
from participation.jobs.worker import Worker, run_duties, run_pending


@click.command("worker")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1, 8))
@click.option("--once", is_flag=True, help="待っている処理とメールを片付けて終わる")
@with_appcontext
def worker(*, threads: int, once: bool) -> None:
    """Run jobs, send mail and do the regular duties until told to stop (SIGTERM or Ctrl-C)."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    if once:
        ran = run_pending(app)
        run_duties(app, clock.now())
        click.echo(f"{ran} 件の処理を行いました。")
        return
    Worker(app, threads=threads).run()
