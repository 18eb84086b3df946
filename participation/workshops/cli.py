"""Commands of workshops.

Exit status: 0 done, 1 refused (the reason is on standard error, nothing was changed), 2 wrong
arguments.
"""

import click
from flask.cli import AppGroup

from participation.db.extension import db
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
