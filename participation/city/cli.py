"""The command group ``city``: loading a profile."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from participation.city import services
from participation.city.profile import read_profile
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.errors import DomainError
from participation.db.extension import db

group = AppGroup("city", help="自治体のプロファイル")


@group.command("load-profile")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_profile(file: Path) -> None:
    """Load a city's profile from FILE; loading it again changes nothing."""
    try:
        profile = read_profile(json.loads(file.read_text(encoding="utf-8-sig")))
        changed = services.load_profile(
            db.session(), profile, actor=system_actor("city load-profile"), now=clock.now()
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        click.echo(f"{file}: JSONとして読み取れません（{error}）。", err=True)
        raise SystemExit(1) from None
    except DomainError as error:
        db.session.rollback()
        click.echo(f"{file}: {error}", err=True)
        raise SystemExit(1) from None
    db.session.commit()
    click.echo(f"{profile.city.name}のプロファイルを読み込みました（変更{changed}件）。")
