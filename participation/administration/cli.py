"""The command group ``keys``: changing the keys of encrypted fields."""

import click
from flask import current_app
from flask.cli import AppGroup

from participation import audit
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.settings import Settings
from participation.db import Base
from participation.db.encryption import encrypted_columns
from participation.db.extension import db
from participation.privacy.crypto import keyring
from participation.privacy.keyfile import add_key, promote_newest, read_key_file, remove_keys
from participation.privacy.rotation import Tally, reencrypt, values_under

keys = AppGroup("keys", help="個人情報を暗号化する鍵の更新")


@keys.command("add")
def add() -> None:
    """Add a key. Nothing is written under it yet: first bring the key file to every host."""
    key_id = add_key(_settings().field_keys_file)
    _record("privacy.keys.added", key_id, {"key": key_id})
    db.session.commit()
    click.echo(
        f"鍵 {key_id} を加えました。"
        "複数の台で動かしているときは、鍵ファイルを全ての台へ配ってください。"
        "続けて keys rotate を実行します。"
    )


@keys.command("rotate")
def rotate() -> None:
    """Write under the newest key from now on, and everything stored anew under it.

    Stopped half-way, it goes on when run again.
    """
    promote_newest(_settings().field_keys_file)
    session = db.session()
    ring = keyring(session)
    tally = Tally()
    for place in encrypted_columns(Base.metadata):
        before = tally.changed
        for _batch in reencrypt(session, ring, place, tally):
            session.commit()
        session.rollback()
        click.echo(f"{place.table.name}.{place.column.name}: {tally.changed - before} 件")
    _record("privacy.keys.rotated", ring.current_key_id, {"rows": tally.changed})
    session.commit()
    if tally.unreadable:
        raise click.ClickException(
            f"{tally.unreadable} 件は、どの鍵でも復号できません。"
            "値が書き換えられたか、鍵が失われています。"
        )
    click.echo(f"{tally.changed} 件を鍵 {ring.current_key_id} で暗号化し直しました。")


@keys.command("retire")
@click.confirmation_option(
    prompt="古い鍵を消すと、その鍵で取ったバックアップは読めなくなります。続けますか"
)
def retire() -> None:
    """Remove the keys that no stored value needs any more."""
    session = db.session()
    ring = keyring(session)
    content = read_key_file(_settings().field_keys_file)
    places = encrypted_columns(Base.metadata)
    # What stands behind the current key was added after it and waits for its own rotation.
    old = list(content.keys)[: list(content.keys).index(content.current)]
    needed = {key_id: values_under(session, ring, key_id, places) for key_id in old}
    unused = [key_id for key_id, count in needed.items() if not count]
    for key_id in unused:
        _record("privacy.keys.retired", key_id, {"key": key_id})
    session.commit()
    remove_keys(_settings().field_keys_file, frozenset(unused))
    for key_id in unused:
        click.echo(f"鍵 {key_id} を廃止しました。")
    left = {key_id: count for key_id, count in needed.items() if count}
    if left:
        raise click.ClickException(
            f"まだ使われている鍵があります（{'、'.join(left)}）。"
            "先に keys rotate を実行してください。"
        )


def _record(action: str, key_id: str, after: dict[str, object]) -> None:
    audit.record(
        db.session(),
        action,
        actor=system_actor("keys"),
        now=clock.now(),
        subject=f"keys:{key_id}",
        after=after,
    )


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
