"""The command group ``submissions``: personal data of senders, its erasure and its record.

Exit status: 0 done, 1 refused (the reason is on standard error, nothing was changed), 2 wrong
arguments. Personal data goes only to the file or the standard output that was asked for.
"""

import csv
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError, NotFound
from participation.db.extension import db
from participation.submissions.codes import typed
from participation.submissions.disclosures import disclosures
from participation.submissions.holders import holders
from participation.submissions.models import Receipt
from participation.submissions.queries import receipt_by_number
from participation.submissions.services.erasure import erase_due, erase_receipt
from participation.submissions.services.person_export import export_person
from participation.submissions.sweeps import erase_what_is_over

group = AppGroup("submissions", help="提出者の個人情報（消去・開示・閲覧の記録）")


@group.command("erase-expired")
def erase_expired() -> None:
    """Erase now what the worker erases by and by: senders past their day, old saved forms."""
    session, now = db.session(), clock.now()
    actor = system_actor("submissions erase-expired")
    erased = 0
    with _refusals():
        erase_what_is_over(session, now)
        session.commit()
        while count := erase_due(session, holders=holders(), actor=actor, now=now):
            session.commit()
            erased += count
    click.echo(f"{erased:,}件の提出者の情報を消去しました。")


@group.command("erase")
@click.argument("number")
@click.option("--reason", required=True, help="消去する理由（監査記録に残ります）")
def erase(number: str, reason: str) -> None:
    """Erase the sender of receipt NUMBER before its day. This cannot be undone."""
    session = db.session()
    with _refusals():
        erase_receipt(
            session,
            _receipt(number),
            reason=reason,
            holders=holders(),
            actor=system_actor("submissions erase"),
            now=clock.now(),
        )
        session.commit()
    click.echo("提出者の情報を消去しました。意見の文は残ります。")


@group.command("export-person")
@click.argument("number")
@click.option("--reason", required=True, help="書き出す理由（開示請求の番号など）")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, allow_dash=True), help="- は標準出力"
)
def export(number: str, reason: str, output: str) -> None:
    """Write everything that is held about the sender of receipt NUMBER to --output, as JSON."""
    session = db.session()
    with _refusals():
        held = export_person(
            session,
            _receipt(number),
            reason=reason,
            holders=holders(),
            actor=system_actor("submissions export-person"),
            now=clock.now(),
        )
        text = json.dumps(held, ensure_ascii=False, indent=2) + "\n"
        session.commit()  # on record before it leaves
        _write(output, text)


@group.command("disclosures")
@click.option(
    "--since", required=True, type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="いつから"
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="いつの前まで")
@click.option("--staff", type=int, help="職員の番号で絞る")
def list_disclosures(since: datetime, until: datetime | None, staff: int | None) -> None:
    """List who saw or took out personal data of senders, as CSV."""
    found = disclosures(
        db.session(),
        since=since.replace(tzinfo=clock.TOKYO),
        until=until.replace(tzinfo=clock.TOKYO) if until else None,
        actor_id=staff,
    )
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("日時", "職員番号", "氏名", "操作", "受付番号", "理由"))
    for one in found:
        at = clock.local(one.at).isoformat(timespec="seconds")
        writer.writerow((at, one.actor_id or "", one.actor, one.action, one.number, one.reason))


def _receipt(number: str) -> Receipt:
    receipt = receipt_by_number(db.session(), typed(number))
    if receipt is None:
        raise NotFound("その受付番号は見つかりませんでした。番号を確かめてください。")
    return receipt


def _write(output: str, text: str) -> None:
    """Write to a file that nobody else may read, or to standard output."""
    if output == "-":
        click.echo(text, nl=False)
        return
    descriptor = os.open(Path(output), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    click.echo(f"{output} に書き出しました。開示が済んだら消してください。", err=True)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a rule's no into a message on standard error and status 1."""
    try:
        yield
    except DomainError as error:
        db.session.rollback()
        raise click.ClickException(str(error)) from error
