"""Commands of workshops.

Exit status: 0 done, 1 refused (the reason is on standard error, nothing was changed), 2 wrong
arguments.
"""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from participation.core import clock
from participation.core.errors import DomainError
from participation.db.extension import db
from participation.jobs.worker import run_pending
from participation.workshops.labels import STATE_LABELS
from participation.workshops.queries.workshop_lists import WorkshopFilter, for_staff

group = AppGroup("workshops", help="ワークショップ・市民会議・説明会")

_LIST_PAGE = 200


@group.command("list")
@click.option("--year", type=int, help="年度（西暦）")
def list_workshops(year: int | None) -> None:
    """List the events of a fiscal year, or all of them, the newest first."""
    session, before = db.session(), None
    while True:
        wanted = WorkshopFilter(fiscal_year=year)
        rows = for_staff(session, wanted, reach=None, limit=_LIST_PAGE, before=before)
        for one in rows:
            days = "" if one.first_day is None else f"{one.first_day}/{one.last_day}"
            title = " ".join(one.title.split())
            click.echo(f"{one.id}\t{STATE_LABELS[one.state]}\t{one.kind}\t{days}\t{title}")
        if len(rows) < _LIST_PAGE:
            return
        before = rows[-1].id


@group.command("load-demo")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_demo(file: Path) -> None:
    """Load the events of a demo city from FILE (JSON, days from today). Refused in production.

    Events that are there already are left alone.
    """
    from participation.workshops.demonstration import DemoLoader

    session = db.session()
    if current_app.extensions["settings"].is_production:
        raise click.ClickException("本番環境では使えません。")

    def run_jobs() -> None:
        session.commit()
        run_pending(current_app)
        session.rollback()

    try:
        loader = DemoLoader(session, now=clock.now(), run_jobs=run_jobs)
        told = loader.load(json.loads(file.read_text(encoding="utf-8")))
    except DomainError as error:
        session.rollback()
        click.echo(str(error), err=True)
        sys.exit(1)
    session.commit()
    click.echo(f"デモの催し{told}件を用意しました。")
