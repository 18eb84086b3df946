"""Anchors: the head written down outside, one line each, never over a log that was changed."""

import json
import os
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from participation import audit
from participation.audit import anchors as module
from participation.audit.anchors import AnchorFileError, read_anchors, write_anchor
from participation.audit.services import GENESIS
from participation.core.actors import system_actor
from participation.core.errors import StateConflict

NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "elsewhere" / "anchor.jsonl"


def _record(session):
    event = audit.record(
        session, "audit.log.viewed", actor=system_actor("test"), now=NOW, subject="audit:log"
    )
    session.commit()
    return event


def test_each_anchor_is_a_line_on_the_disk(session, path, monkeypatch):
    synced = []
    monkeypatch.setattr(module.os, "fsync", synced.append)
    first = write_anchor(session, path, now=NOW)
    assert (first.id, first.hash) == (0, GENESIS)
    event = _record(session)
    second = write_anchor(session, path, now=NOW)
    assert (second.id, second.hash) == (event.id, event.hash)
    assert read_anchors(path) == (first, second)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[1] == {"id": 1, "hash": event.hash, "at": "2024-06-01T03:00:00+00:00"}
    assert len(synced) == 2


def test_nothing_new_writes_nothing_new(session, path):
    _record(session)
    assert write_anchor(session, path, now=NOW) == write_anchor(session, path, now=NOW)
    assert len(read_anchors(path)) == 1


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_event SET hash = 'x' WHERE id = 1",
        "DELETE FROM audit_event WHERE id = 1",
        "UPDATE audit_head SET last_hash = 'x'",
        "UPDATE audit_head SET last_id = 0",
    ],
)
def test_a_changed_log_gets_no_new_anchor(session, path, tampering):
    _record(session)
    write_anchor(session, path, now=NOW)
    session.execute(text(tampering))
    session.expire_all()
    with pytest.raises(StateConflict, match="audit verify"):
        write_anchor(session, path, now=NOW)
    assert len(read_anchors(path)) == 1


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', '{"id": "x", "hash": "", "at": ""}', "1"])
def test_a_line_that_is_no_anchor_is_named(path, session, line):
    write_anchor(session, path, now=NOW)
    with path.open("a") as file:
        file.write(f"\n{line}\n")
    with pytest.raises(AnchorFileError, match="3 行目"):
        read_anchors(path)


def test_a_file_that_cannot_be_read_is_said_so(tmp_path):
    with pytest.raises(AnchorFileError):
        read_anchors(tmp_path)


def _run(app, *arguments):
    return app.test_cli_runner().invoke(args=["audit", *arguments])


def test_the_commands_verify_and_anchor(app, session, settings):
    _record(session)
    event_hash = _record(session).hash
    session.rollback()
    written = _run(app, "anchor")
    assert written.exit_code == 0, written.output
    assert written.output.startswith(f"2 {event_hash} ")
    sound = _run(app, "verify")
    assert sound.exit_code == 0, sound.output
    assert "2 件と控え 1 件を検証しました。異常はありません" in sound.output
    session.execute(text("UPDATE audit_event SET actor_name = 'x' WHERE id = 2"))
    session.commit()
    broken = _run(app, "verify")
    assert broken.exit_code == 1
    assert "記録 2: " in broken.output
    assert "1 か所の異常" in broken.output


def test_the_command_finds_a_tail_cut_off_with_its_head(app, session):
    first = _record(session).hash
    _record(session)
    session.rollback()
    assert _run(app, "anchor").exit_code == 0
    session.execute(text("DELETE FROM audit_event WHERE id = 2"))
    session.execute(text("UPDATE audit_head SET last_id = 1, last_hash = :h"), {"h": first})
    session.commit()
    broken = _run(app, "verify")
    assert broken.exit_code == 1
    assert "末尾が切り取られた" in broken.output
    assert _run(app, "anchor").exit_code == 1


def test_the_command_says_when_the_anchors_cannot_be_read(app, session, settings):
    settings.audit_anchor_file.write_text("{\n")
    for command in ("verify", "anchor"):
        answer = _run(app, command)
        assert answer.exit_code == 1
        assert "1 行目" in answer.output


def test_the_file_is_private(session, path):
    write_anchor(session, path, now=NOW)
    assert os.stat(path).st_mode & 0o077 == 0  # noqa: PTH116
