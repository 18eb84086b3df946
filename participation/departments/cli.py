"""The command group ``departments``."""

from datetime import datetime

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError
from participation.db.extension import db
from participation.departments import queries, services
from participation.departments.models import Department

group = AppGroup("departments", help="課と組織改編")

_DAY = click.DateTime(["%Y-%m-%d"])
_ACTOR = system_actor("departments")


@group.command("list")
@click.option("--on", "day", type=_DAY, help="この日の課（既定は今日）")
@click.option("--all", "everything", is_flag=True, help="廃止された課も含める")
def list_departments(day: datetime | None, *, everything: bool) -> None:
    """List departments, one a line: code, name, 部, first and last day, separated by tabs."""
    on = day.date() if day else clock.local_date(clock.now())
    session = db.session()
    found = queries.all_departments(session) if everything else queries.departments_on(session, on)
    for department in found:
        for period in department.periods:
            if everything or period.covers(on):
                last = period.valid_to.isoformat() if period.valid_to else ""
                first = period.valid_from.isoformat()
                click.echo(f"{department.code}\t{period.name}\t{period.division}\t{first}\t{last}")


@group.command("create")
@click.argument("name")
@click.option("--from", "first", type=_DAY, required=True, help="設置日")
@click.option("--code", default="", help="課コード（既定は自動）")
@click.option("--division", default="", help="部")
def create(name: str, first: datetime, code: str, division: str) -> None:
    """Make a department; prints its code."""
    session = db.session()
    try:
        made = services.create_department(
            session,
            name=name,
            valid_from=first.date(),
            code=code,
            division=division,
            actor=_ACTOR,
            now=clock.now(),
        )
    except DomainError as error:
        raise _refusal(error) from error
    code = made.code
    session.commit()
    click.echo(code)


@group.command("rename")
@click.argument("code")
@click.argument("name")
@click.option("--from", "first", type=_DAY, required=True, help="変更の日")
@click.option("--division", help="部（既定は今のまま）")
def rename(code: str, name: str, first: datetime, division: str | None) -> None:
    """Give the department with CODE another name from a day on."""
    session = db.session()
    try:
        department = _department(session, code)
        services.rename_department(
            session,
            department,
            name=name,
            division=department.periods[-1].division if division is None else division,
            valid_from=first.date(),
            actor=_ACTOR,
            now=clock.now(),
        )
    except DomainError as error:
        raise _refusal(error) from error
    session.commit()


@group.command("close")
@click.argument("code")
@click.option("--last-day", type=_DAY, required=True, help="最後の日")
def close(code: str, last_day: datetime) -> None:
    """Let the department with CODE end."""
    session = db.session()
    try:
        services.close_department(
            session,
            _department(session, code),
            last_day=last_day.date(),
            actor=_ACTOR,
            now=clock.now(),
        )
    except DomainError as error:
        raise _refusal(error) from error
    session.commit()


@group.command("succeed")
@click.option("--old", "old", multiple=True, required=True, help="前身の課コード（繰り返せます）")
@click.option("--new", "new", multiple=True, required=True, help="後継の課コード（繰り返せます）")
@click.option("--on", "day", type=_DAY, required=True, help="引継ぎの日")
def succeed(old: tuple[str, ...], new: tuple[str, ...], day: datetime) -> None:
    """Record that every new department takes over from every old one."""
    session = db.session()
    try:
        services.record_succession(
            session,
            predecessors=[_department(session, code) for code in old],
            successors=[_department(session, code) for code in new],
            effective_on=day.date(),
            actor=_ACTOR,
            now=clock.now(),
        )
    except DomainError as error:
        raise _refusal(error) from error
    session.commit()


def _department(session: Session, code: str) -> Department:
    found = queries.find_by_code(session, code)
    if found is None:
        raise click.ClickException(
            f"課コード「{code}」はありません。departments list で確かめてください。"
        )
    return found


def _refusal(error: DomainError) -> click.ClickException:
    db.session.rollback()
    return click.ClickException(str(error))
