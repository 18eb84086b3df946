"""The drill: back up a running installation, restore it elsewhere, and find everything."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation import audit
from participation.app import create_app
from participation.audit.models import AuditHead
from participation.core import clock
from participation.core.actors import system_actor
from participation.core.settings import Settings
from participation.db.base import Base
from participation.db.extension import db
from participation.files import services as files
from participation.files.models import StoredFile
from participation.mail import services as mail
from participation.mail.models import OutboxMessage
from participation.privacy.crypto import keyring
from tests.conftest import make_settings

pytestmark = pytest.mark.slow
SCRIPTS = Path(__file__).resolve().parents[2] / "docs" / "deploy"
CONTENT = "報告書".encode() * 1000
RECIPIENT = "takasaki@example.jp"


def _run(script: str, folder: Path, settings: Settings) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPTS / script, folder],
        env={
            **os.environ,
            "PARTICIPATION_ENV": "test",
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "FIELD_KEYS_FILE": str(settings.field_keys_file),
            "AUDIT_ANCHOR_FILE": str(settings.audit_anchor_file),
            "JOBS_URL": "memory://",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def empty_database(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Where the backup is restored to: no file yet, or a database without tables."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'restored' / 'restored.sqlite3'}"
        return
    server, name = os.environ["TEST_POSTGRES_URL"], f"restored_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield server.format(name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _fill(session: Session) -> None:
    actor, now = system_actor("test"), clock.now()
    stored = files.store(
        session, CONTENT, name="令和6年度.pdf", media_type="application/pdf", actor=actor, now=now
    )
    mail.send(
        session, kind="test.letter", recipient=RECIPIENT, subject="件名", body="本文", now=now
    )
    for number in range(20):
        audit.record(
            session, "test.thing.made", actor=actor, now=now, subject=f"file:{stored.id}",
            after={"number": number},
        )  # fmt: skip
    session.commit()


def _counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def test_a_backup_restores(app: Flask, session: Session, empty_database: str, tmp_path: Path):
    settings: Settings = app.extensions["settings"]
    _fill(session)
    head = session.scalars(select(AuditHead)).one().last_hash
    before = _counts(session)
    # Something is being written while the backup runs; it must be in it whole or not at all.
    audit.record(
        session, "test.unfinished", actor=system_actor("test"), now=clock.now(), subject="x:1"
    )

    made = _run("backup.sh", tmp_path / "backups", settings)
    session.rollback()

    assert made.returncode == 0, made.stderr
    backup = Path(made.stdout.strip())
    held = b"".join(path.read_bytes() for path in backup.rglob("*") if path.is_file())
    assert RECIPIENT.encode() not in held
    assert settings.field_keys_file.read_bytes()[20:60] not in held
    assert all(path.stat().st_mode & 0o077 == 0 for path in backup.rglob("*"))

    target = make_settings(
        tmp_path / "restored",
        empty_database,
        FIELD_KEYS_FILE=str(settings.field_keys_file),
        AUDIT_ANCHOR_FILE=str(settings.audit_anchor_file),
    )
    restored = _run("restore.sh", backup, target)
    assert restored.returncode == 0, restored.stderr
    assert head in restored.stdout

    elsewhere = create_app(target)
    with elsewhere.app_context():
        found = db.session()
        assert _counts(found) == before
        stored = found.scalars(select(StoredFile)).one()
        assert files.read(found, stored) == CONTENT
        letter = found.scalars(select(OutboxMessage)).one()
        assert (
            keyring(found).decrypt(
                letter.recipient, table="outbox_message", column="recipient", row=str(letter.id)
            )
            == RECIPIENT
        )
        db.session.remove()
        db.engine.dispose()

    again = _run("restore.sh", backup, target)
    assert again.returncode != 0, "a restore must not run over data"


def test_a_damaged_backup_is_refused(app: Flask, empty_database: str, tmp_path: Path):
    settings: Settings = app.extensions["settings"]
    made = _run("backup.sh", tmp_path / "backups", settings)
    assert made.returncode == 0, made.stderr
    backup = Path(made.stdout.strip())
    [database] = backup.glob("database.*")
    data = bytearray(database.read_bytes())
    data[len(data) // 2] ^= 1
    database.write_bytes(data)
    target = make_settings(tmp_path / "restored", empty_database)
    shutil.rmtree(tmp_path / "restored" / "keys", ignore_errors=True)

    refused = _run("restore.sh", backup, target)

    assert refused.returncode != 0
    assert "database" in refused.stderr + refused.stdout
