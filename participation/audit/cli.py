"""The command group ``audit``."""

import click
from flask import current_app
from flask.cli import AppGroup

from participation.audit.anchors import read_anchors, write_anchor
from participation.audit.verification import verify
from participation.core import clock
from participation.core.errors import DomainError
from participation.core.settings import Settings
from participation.db.engine import reading_until_a_write
from participation.db.extension import db

group = AppGroup("audit", help="監査記録の検証と控え")


@group.command("verify")
def verify_chain() -> None:
    """Check the whole log against its hashes, its head and all anchors; status 1 on a fault."""
    settings: Settings = current_app.extensions["settings"]
    try:
        anchors = read_anchors(settings.audit_anchor_file)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    with reading_until_a_write():
        result = verify(db.session(), anchors)
    for fault in result.faults:
        click.echo(f"記録 {fault.event_id}: {fault.finding}", err=True)
    if result.fault_count:
        raise click.ClickException(
            f"監査記録に {result.fault_count} か所の異常があります（{result.events} 件を検証）。"
        )
    click.echo(
        f"監査記録 {result.events} 件と控え {result.anchors} 件を検証しました。異常はありません。"
    )
    click.echo(f"末尾: {result.last_id} {result.last_hash}")


@group.command("anchor")
def anchor_head() -> None:
    """Write the head of the log to AUDIT_ANCHOR_FILE, and print it for keeping elsewhere."""
    settings: Settings = current_app.extensions["settings"]
    try:
        anchor = write_anchor(db.session(), settings.audit_anchor_file, now=clock.now())
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{anchor.id} {anchor.hash} {anchor.at.isoformat()}")
