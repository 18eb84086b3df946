"""Changing keys on real tables: everything stays readable, whenever the rotation is stopped."""

import os
import secrets
import signal
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select, update

from participation.accounts.models import HeldForm, StaffUser
from participation.audit.models import AuditEvent
from participation.db import Base
from participation.db.encryption import encrypted_columns
from participation.db.engine import reading_until_a_write
from participation.mail.letter import open_letter
from participation.mail.models import MailState, OutboxMessage
from participation.mail.services import send
from participation.privacy.crypto import DecryptionError, keyring
from participation.privacy.keyfile import promote_newest, read_key_file
from participation.privacy.rotation import Tally, reencrypt
from tests.factories import make_user

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def _send(session, number):
    return send(
        session,
        kind="accounts.invitation",
        recipient=f"resident{number}@example.jp",
        subject=f"件名{number}",
        body=f"本文{number}",
        now=NOW,
    )


def _run(app, *arguments):
    return app.test_cli_runner().invoke(args=["keys", *arguments])


def test_the_registry_knows_every_column_that_is_encrypted():
    found = {(place.table.name, place.column.name) for place in encrypted_columns(Base.metadata)}
    assert found >= {
        ("staff_user", "totp_secret"),
        ("staff_user", "totp_pending"),
        ("held_form", "fields"),
        ("outbox_message", "recipient"),
        ("outbox_message", "subject"),
        ("outbox_message", "body"),
    }


def test_after_a_rotation_everything_reads_under_the_new_key_alone(app, session, settings):
    keys = keyring(session)
    user = make_user(session)
    place = {"table": "staff_user", "column": "totp_secret", "row": str(user.id)}
    user.totp_secret = keys.encrypt("JBSWY3DPEHPK3PXP", **place)
    nonce = secrets.token_hex(8)
    held = HeldForm(
        user_id=user.id,
        path="/staff/",
        nonce=nonce,
        created_at=NOW,
        fields=keys.encrypt("[]", table="held_form", column="fields", row=nonce),
    )
    session.add(held)
    message = _send(session, 1)
    session.commit()
    old_id = keys.current_key_id

    added = _run(app, "add")
    assert added.exit_code == 0, added.output
    assert read_key_file(settings.field_keys_file).current == old_id
    new_id = list(read_key_file(settings.field_keys_file).keys)[-1]
    rotated = _run(app, "rotate")
    assert rotated.exit_code == 0, rotated.output
    assert "5 件" in rotated.output
    retired = _run(app, "retire", "--yes")
    assert retired.exit_code == 0, retired.output
    assert list(read_key_file(settings.field_keys_file).keys) == [new_id]

    session.expire_all()
    assert keys.decrypt(user.totp_secret, **place) == "JBSWY3DPEHPK3PXP"
    assert keys.decrypt(held.fields, table="held_form", column="fields", row=nonce) == "[]"
    letter = open_letter(session, session.get_one(OutboxMessage, message.id))
    assert (letter.recipient, letter.subject, letter.body) == (
        "resident1@example.jp",
        "件名1",
        "本文1",
    )
    session.rollback()
    again = _run(app, "rotate")
    assert again.output.endswith(f"0 件を鍵 {new_id} で暗号化し直しました。\n")
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == [
        "privacy.keys.added",
        "privacy.keys.rotated",
        "privacy.keys.retired",
        "privacy.keys.rotated",
    ]


def test_a_key_still_in_use_is_not_retired(app, session, settings):
    _send(session, 1)
    session.commit()
    old_id = keyring(session).current_key_id
    assert _run(app, "add").exit_code == 0
    promote_newest(settings.field_keys_file)
    refused = _run(app, "retire", "--yes")
    assert refused.exit_code == 1
    assert old_id in refused.output
    assert old_id in read_key_file(settings.field_keys_file).keys


def test_a_key_that_waits_for_its_rotation_is_not_retired(app, session, settings):
    assert _run(app, "add").exit_code == 0
    assert _run(app, "retire", "--yes").exit_code == 0
    assert len(read_key_file(settings.field_keys_file).keys) == 2


def test_a_value_that_cannot_be_read_is_told_and_left_and_stops_nothing(app, session):
    good, bad = _send(session, 1), _send(session, 2)
    session.flush()
    # Swapped past the application.
    session.execute(update(OutboxMessage).where(OutboxMessage.id == bad.id).values(body=good.body))
    session.commit()
    bad_id, good_id = bad.id, good.id
    assert _run(app, "add").exit_code == 0
    told = _run(app, "rotate")
    assert told.exit_code == 1
    assert "1 件は、どの鍵でも復号できません" in told.output
    session.expire_all()
    assert open_letter(session, session.get_one(OutboxMessage, good_id)).body == "本文1"
    with pytest.raises(DecryptionError):
        open_letter(session, session.get_one(OutboxMessage, bad_id))


def test_a_value_changed_while_its_batch_is_rewritten_is_kept(app, session, settings, monkeypatch):
    message = _send(session, 1)
    session.commit()
    message_id = message.id
    keys = keyring(session)
    assert _run(app, "add").exit_code == 0
    promote_newest(settings.field_keys_file)
    place = next(p for p in encrypted_columns(Base.metadata) if p.column.name == "body")
    newer = keys.encrypt("新しい本文", table="outbox_message", column="body", row=str(message_id))
    real = type(keys).encrypt

    def while_somebody_writes(self, text, **where):
        session.execute(
            update(OutboxMessage).where(OutboxMessage.id == message_id).values(body=newer)
        )
        return real(self, text, **where)

    monkeypatch.setattr(type(keys), "encrypt", while_somebody_writes)
    for _ in reencrypt(session, keys, place, Tally()):
        session.commit()
    monkeypatch.undo()
    stored = session.get_one(OutboxMessage, message_id, populate_existing=True)
    assert open_letter(session, stored).body == "新しい本文"


_MANY = 6_000


@pytest.mark.slow
def test_a_rotation_killed_at_any_point_leaves_all_readable_and_goes_on(app, session, settings):
    keys = keyring(session)
    session.execute(insert(OutboxMessage), [_row(keys, number) for number in range(_MANY)])
    session.commit()
    old_id = keys.current_key_id
    assert _run(app, "add").exit_code == 0
    environment = {
        **os.environ,
        "PARTICIPATION_ENV": "test",
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "keys", "rotate"]
    left = _MANY
    for _ in range(30):
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        before, deadline = left, time.monotonic() + 60
        # Wait for it to have done something, then kill it wherever it is.
        while left == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
            left = _under(session, keys, old_id)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left = _under(session, keys, old_id)
        assert left < before, "the rotation did not go on"
        if left == 0:
            break
    assert left == 0
    for message in session.scalars(select(OutboxMessage)):
        number = message.kind.removeprefix("n")
        assert open_letter(session, message).body == f"本文{number}"


def _row(keys, number):
    message_id = uuid.uuid4()
    place = {"table": "outbox_message", "row": str(message_id)}
    return {
        "id": message_id,
        "kind": f"n{number}",
        "recipient": keys.encrypt("a@example.jp", column="recipient", **place),
        "subject": keys.encrypt("件名", column="subject", **place),
        "body": keys.encrypt(f"本文{number}", column="body", **place),
        "state": MailState.WAITING,
        "created_at": NOW,
        "next_attempt_at": NOW,
        "attempts": 0,
        "last_error": "",
    }


def _under(session, keys, key_id):
    # As a reader: the rotation must not find us in its way.
    with reading_until_a_write():
        return _count_under(session, keys, key_id)


def _count_under(session, keys, key_id):
    prefix = keys.stored_prefix(key_id)
    count = session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.subject.startswith(prefix, autoescape=True))
    )
    session.rollback()
    return count


def test_a_hundred_thousand_values_fit_in_a_minute(app, session, settings):
    """Promise P6, measured on a part and scaled: the work grows with the rows alone."""
    keys = keyring(session)
    rows = 4_000
    session.execute(insert(OutboxMessage), [_row(keys, number) for number in range(rows)])
    session.commit()
    assert _run(app, "add").exit_code == 0
    promote_newest(settings.field_keys_file)
    place = next(p for p in encrypted_columns(Base.metadata) if p.column.name == "body")
    tally = Tally()
    begun = time.process_time()
    for _ in reencrypt(session, keys, place, tally):
        session.commit()
    spent = time.process_time() - begun
    assert tally.changed == rows
    assert spent / rows * 100_000 < 60


def test_a_user_without_a_secret_is_passed_over(app, session):
    user = make_user(session)
    assert _run(app, "add").exit_code == 0
    assert _run(app, "rotate").exit_code == 0
    session.expire_all()
    assert session.get_one(StaffUser, user.id).totp_secret is None
