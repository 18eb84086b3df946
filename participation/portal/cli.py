"""The command group ``follow``: what is held of an address that gets letters.

Exit status: 0 done, 1 refused (the reason is on standard error, nothing was changed), 2 wrong
arguments.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError
from participation.db.extension import db
from participation.portal.services import leaving

group = AppGroup("follow", help="お知らせメールの登録者（開示・消去）")


@group.command("export")
@click.argument("address")
def export(address: str) -> None:
    """Write everything that is held of ADDRESS to the standard output, as JSON."""
    session = db.session()
    with _refusals():
        held = leaving.export_address(
            session, address, actor=system_actor("follow export"), now=clock.now()
        )
        session.commit()  # on record before it leaves
    click.echo(json.dumps(held, ensure_ascii=False, indent=2))


@group.command("erase")
@click.argument("address")
def erase(address: str) -> None:
    """Erase everything that is held of ADDRESS, and the letters to it that wait."""
    session = db.session()
    with _refusals():
        count = leaving.erase_address(
            session, address, actor=system_actor("follow erase"), now=clock.now()
        )
        session.commit()
    click.echo(f"{count}件の登録を消去しました。")


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a rule's no into a message on standard error and status 1."""
    try:
        yield
    except DomainError as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
