"""Stored files: bytes first, then the row; checked when read; swept when nobody speaks of them."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from participation.core.actors import Actor, Role, system_actor
from participation.files.models import StoredFile
from participation.files.services import (
    ORPHAN_AGE,
    FileUnavailable,
    object_key,
    object_store,
    read,
    store,
    stream,
    sweep_abandoned,
    sweep_orphans,
)
from tests.campaigns.arrange import make_campaign
from tests.campaigns.documents_arrange import make_document
from tests.factories import make_department, make_user

NOW = datetime(2024, 6, 1, tzinfo=UTC)
ACTOR = Actor(staff_id=7, name="伊勢 花子")


def _store(session, data=b"%PDF-1.7", name="報告.pdf"):
    return store(session, data, name=name, media_type="application/pdf", actor=ACTOR, now=NOW)


def _path(settings, stored):
    return settings.data_dir / "files" / object_key(stored.id)


def test_a_file_is_stored_and_read(session, settings, tmp_path):
    upload = tmp_path / "upload"
    upload.write_bytes(os.urandom(3_000_000))
    from_bytes, from_path = _store(session), _store(session, upload, "大.pdf")
    session.commit()
    assert read(session, from_bytes) == b"%PDF-1.7"
    assert read(session, from_path) == upload.read_bytes()
    assert (from_bytes.size, from_path.size) == (8, 3_000_000)
    assert (from_bytes.created_by, from_bytes.created_at) == (7, NOW)
    # The key tells nothing of the name.
    assert "報告" not in str(_path(settings, from_bytes))


def test_the_bytes_are_there_before_the_row(session, settings):
    stored = _store(session)
    assert _path(settings, stored).read_bytes() == b"%PDF-1.7"
    session.rollback()
    assert session.query(StoredFile).count() == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("日本語　報告書.pdf", "日本語　報告書.pdf"),
        ("C:\\Users\\山田\\見積.xlsx", "見積.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("𠮷田髙﨑.csv", "𠮷田髙﨑.csv"),
        ("\ud800.txt", ".txt"),
        ("", "file"),
        ("..", "file"),
        ("///", "file"),
        ("あ" * 300 + ".pdf", "あ" * 251 + ".pdf"),
    ],
)
def test_names_are_kept_as_given_but_for_paths_and_the_invisible(session, given, kept):
    assert _store(session, name=given).name == kept


def test_a_missing_or_changed_object_is_never_handed_out_as_whole(session, settings):
    changed, missing = _store(session), _store(session)
    session.commit()
    _path(settings, changed).write_bytes(b"%PDF-1.8")
    _path(settings, missing).unlink()
    with pytest.raises(FileUnavailable, match="保存したときと違います"):
        read(session, changed)
    with pytest.raises(FileUnavailable, match="見つかりません"):
        stream(session, missing)


def test_the_sweep_takes_old_orphans_and_nothing_else(session, settings):
    kept, orphan, young = _store(session), _store(session), _store(session)
    session.delete(orphan)
    session.delete(young)
    session.flush()
    orphan_path, young_path = _path(settings, orphan), _path(settings, young)
    session.commit()
    strangers = [settings.data_dir / "files" / name for name in ("readme.txt", f"xx/{kept.id}")]
    for stranger in strangers:
        stranger.parent.mkdir(exist_ok=True)
        stranger.write_text("not ours")
    now = datetime.now(UTC)
    two_days_ago = (now - timedelta(days=2)).timestamp()
    for path in (_path(settings, kept), orphan_path, *strangers):
        os.utime(path, (two_days_ago, two_days_ago))
    assert sweep_orphans(session, now=now) == 1
    assert not orphan_path.exists()
    assert young_path.exists()
    assert all(stranger.exists() for stranger in strangers)
    assert read(session, kept) == b"%PDF-1.7"
    assert sweep_orphans(session, now=now) == 0


def test_a_session_knows_its_store(session, app):
    assert object_store(session) is app.extensions["session_info"]["object_store"]


def test_uploads_of_a_form_that_was_never_stored_are_swept(session):
    uploader = make_user(session, Role.CONTRIBUTOR, make_department(session))
    staff = Actor(staff_id=uploader.id, name=uploader.name)

    def stored(actor, age):
        at = NOW - age
        file = store(session, b"%PDF-", name="a", media_type="text/plain", actor=actor, now=at)
        return file.id

    old, young = ORPHAN_AGE + timedelta(hours=1), ORPHAN_AGE - timedelta(hours=1)
    abandoned, recent, used = stored(staff, old), stored(staff, young), stored(staff, old)
    of_the_worker = stored(system_actor("worker"), old)
    campaign = make_campaign(session, make_department(session))
    make_document(session, campaign, file=session.get(StoredFile, used))
    assert sweep_abandoned(session, now=NOW) == 1
    session.commit()
    left = set(session.scalars(select(StoredFile.id)))
    assert {recent, used, of_the_worker} <= left
    assert abandoned not in left
    assert read(session, session.get(StoredFile, used)) == b"%PDF-"
    assert sweep_abandoned(session, now=NOW) == 0
