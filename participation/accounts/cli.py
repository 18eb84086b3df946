"""The command group ``users``: people and their rights from the command line."""

import json
from datetime import date, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from participation.accounts import queries, second_factor
from participation.accounts.models import Appointment, StaffUser
from participation.accounts.services import appointments, demonstration, invitations, people
from participation.accounts.services.appointments import AppointmentTerms
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.core.errors import DomainError, StateConflict
from participation.core.settings import Settings
from participation.db.extension import db
from participation.departments import queries as departments
from participation.policy.labels import ROLE_LABELS

group = AppGroup("users", help="職員と任命")

_ROLES = click.Choice([role.value for role in Role])
_DAY = click.DateTime(["%Y-%m-%d"])


class _Refusal(click.ClickException):
    """A rule said no: its sentence on standard error, exit status 1."""

    def show(self, file: object = None) -> None:
        """Print without click's "Error: "."""
        del file
        click.echo(self.message, err=True)


@group.command("list")
@click.option(
    "--state", type=click.Choice(["active", "invited", "none", "disabled", "all"]), default="all"
)
def list_people(state: str) -> None:
    """List people and today's rights, one right a line, separated by tabs."""
    session, day = db.session(), clock.local_date(clock.now())
    for user in queries.people(session, queries.PeopleFilter(state=state), day):
        active = [a for a in user.appointments if a.is_active(day)]
        ids = {a.department_id for a in active if a.department_id is not None}
        names = departments.names(session, ids, day)
        for a in active:
            department = names.get(a.department_id or 0, "")
            click.echo("\t".join([str(a.id), user.email, user.name, a.role.value, department]))
        if not active:
            click.echo(f"\t{user.email}\t{user.name}\t\t")


@group.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="氏名")
@click.option("--role", type=_ROLES, required=True, help="役割")
@click.option("--department", "department", help="課の名称かコード")
@click.option("--from", "first", type=_DAY, help="開始日（既定は今日）")
@click.option("--to", "last", type=_DAY, help="最終日")
def invite(  # noqa: PLR0917 -- click calls it by name
    email: str,
    name: str,
    role: str,
    department: str | None,
    first: datetime | None,
    last: datetime | None,
) -> None:
    """Make a person with a first appointment, send the link and print it.

    For a person who is known already a new link is sent.
    """
    session, now = db.session(), clock.now()
    actor = system_actor("users invite")
    with _rules():
        known = queries.find_by_email(session, email)
        if known is not None:
            link = invitations.invite_again(
                session, known, base_url=_settings().base_url, actor=actor, now=now
            )
        else:
            _user, link = invitations.invite(
                session,
                name=name,
                email=email,
                terms=_terms(session, Role(role), department, first=first, last=last, now=now),
                base_url=_settings().base_url,
                actor=actor,
                now=now,
            )
        session.commit()
    click.echo(link)


@group.command("appoint")
@click.argument("email")
@click.option("--role", type=_ROLES, required=True, help="役割")
@click.option("--department", help="課の名称かコード")
@click.option("--from", "first", type=_DAY, help="開始日（既定は今日）")
@click.option("--to", "last", type=_DAY, help="最終日")
def appoint(
    email: str,
    role: str,
    department: str | None,
    first: datetime | None,
    last: datetime | None,
) -> None:
    """Give a person another role; prints the number of the appointment."""
    session, now = db.session(), clock.now()
    with _rules():
        made = appointments.appoint(
            session,
            _person(session, email),
            terms=_terms(session, Role(role), department, first=first, last=last, now=now),
            actor=system_actor("users appoint"),
            now=now,
        )
        session.commit()
    click.echo(str(made.id))


@group.command("end")
@click.argument("appointment_id", type=int)
@click.option("--reason", required=True, help="理由")
@click.option("--last-day", type=_DAY, help="最終日（省略すると今すぐ）")
def end(appointment_id: int, reason: str, last_day: datetime | None) -> None:
    """End an appointment; its number stands in ``users list``."""
    session = db.session()
    with _rules():
        appointments.end_appointment(
            session,
            queries.get_appointment(session, appointment_id),
            reason=reason,
            last_day=last_day.date() if last_day else None,
            actor=system_actor("users end"),
            now=clock.now(),
        )
        session.commit()


@group.command("transfer")
@click.argument("appointment_id", type=int)
@click.option("--department", help="異動先の課の名称かコード")
@click.option("--role", type=_ROLES, help="異動後の役割（既定は同じ）")
@click.option("--on", "day", type=_DAY, help="異動の日（既定は今日）")
@click.option("--reason", default="人事異動", show_default=True, help="理由")
def transfer(
    appointment_id: int,
    department: str | None,
    role: str | None,
    day: datetime | None,
    reason: str,
) -> None:
    """Move a person: end one appointment and begin another in one act."""
    session, now = db.session(), clock.now()
    with _rules():
        old: Appointment = queries.get_appointment(session, appointment_id)
        made = appointments.transfer(
            session,
            old,
            terms=_terms(session, Role(role) if role else old.role, department, first=day, now=now),
            reason=reason,
            actor=system_actor("users transfer"),
            now=now,
        )
        session.commit()
    click.echo(str(made.id))


@group.command("disable")
@click.argument("email")
@click.option("--reason", required=True, help="理由")
def disable(email: str, reason: str) -> None:
    """Shut a person out at once."""
    session = db.session()
    with _rules():
        people.disable_person(
            session,
            _person(session, email),
            reason=reason,
            actor=system_actor("users disable"),
            now=clock.now(),
        )
        session.commit()


@group.command("create-demo")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def create_demo(file: Path) -> None:
    """Make the people of FILE, all with the demo's password. Refused in production.

    FILE is a JSON list of {name, email, role, department}; whoever is there already is left alone.
    """
    session, now = db.session(), clock.now()
    wanted = json.loads(file.read_text(encoding="utf-8"))
    with _rules():
        for person in wanted:
            demonstration.create_ready_user(
                session,
                name=person["name"],
                email=person["email"],
                password=demonstration.PASSWORD,
                terms=_terms(session, Role(person["role"]), person.get("department"), now=now),
                settings=_settings(),
                actor=system_actor("users create-demo"),
                now=now,
            )
        session.commit()
    click.echo(f"デモの職員{len(wanted)}人を用意しました。")


@group.command("show-demo")
def show_demo() -> None:
    """Print how to sign in as each of the demo's people, with a code. Refused in production."""
    session, now = db.session(), clock.now()
    day = clock.local_date(now)
    with _rules():
        click.echo(f"パスワードは全員同じです: {demonstration.PASSWORD}")
        for user in demonstration.demo_people(session, settings=_settings()):
            code = _code_or_dashes(session, user, now)
            for appointment in user.appointments:
                ids = {appointment.department_id} if appointment.department_id else set()
                words = [
                    ROLE_LABELS[appointment.role],
                    *departments.names(session, ids, day).values(),
                    user.name,
                ]
                click.echo(f"  {user.email}  認証コード {code}  {' '.join(words)}")
    click.echo("認証コードは30秒ごとに変わります。次のコマンドで新しいコードが出ます:")
    click.echo(
        f"  DATA_DIR={_settings().data_dir}"
        " .venv/bin/flask --app wsgi users demo-code メールアドレス"
    )


@group.command("demo-code")
@click.argument("email")
def demo_code(email: str) -> None:
    """Print a code that signs this person in now. Refused in production."""
    session, now = db.session(), clock.now()
    with _rules():
        code = demonstration.usable_code(
            session, _person(session, email), settings=_settings(), now=now
        )
    click.echo(code)
    left = second_factor.STEP_SECONDS - int(now.timestamp()) % second_factor.STEP_SECONDS
    click.echo(f"あと{left + second_factor.STEP_SECONDS}秒ほど使えます。", err=True)


class _rules:  # noqa: N801 -- reads as a sentence: with _rules()
    """Turn a rule's no into a message on standard error and exit status 1."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Roll back and say why."""
        if isinstance(error, DomainError):
            db.session.rollback()
            raise _Refusal(str(error)) from error


def _code_or_dashes(session: Session, user: StaffUser, now: datetime) -> str:
    try:
        return demonstration.usable_code(session, user, settings=_settings(), now=now)
    except StateConflict:
        return "------"  # the next one is used up too; in half a minute there is another


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _person(session: Session, email: str) -> StaffUser:
    user = queries.find_by_email(session, email)
    if user is None:
        raise _Refusal("このメールアドレスの職員はいません。users list で確かめてください。")
    return user


def _terms(
    session: Session,
    role: Role,
    department: str | None,
    *,
    now: datetime,
    first: datetime | None = None,
    last: datetime | None = None,
) -> AppointmentTerms:
    day = first.date() if first else clock.local_date(now)
    return AppointmentTerms(
        role=role,
        department_id=_department(session, department, day) if department else None,
        valid_from=day,
        valid_to=last.date() if last else None,
    )


def _department(session: Session, text: str, day: date) -> int:
    by_code = departments.find_by_code(session, text)
    found = [by_code] if by_code else departments.find_by_name(session, text, day)
    if len(found) != 1:
        raise _Refusal(
            f"「{text}」という課は{day.isoformat()}にありません。"
            "departments list で確かめてください。"
        )
    return found[0].id
