"""Delivery: once where possible, again where needed, and never with an address in a reason."""

import email
import email.policy
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from participation.core.errors import SettingsError
from participation.db.extension import db
from participation.mail import delivery, transport
from participation.mail.delivery import MAX_ATTEMPTS, deliver_waiting
from participation.mail.models import MailState, OutboxMessage
from participation.mail.services import send
from participation.mail.transport import Transport
from tests.mail.smtp import Behaviour

NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)
LONG_BODY = (
    "髙﨑 𠮷田 様\n\n招待します。\nhttps://example.jp/invitation/" + "x" * 2000 + "\n.\n終わり"
)


def _transport(url):
    return Transport(url, sender="noreply@example.jp", host="example.jp")


def _send(session, recipient="hanako@example.jp", body=LONG_BODY):
    message = send(
        session,
        kind="accounts.invitation",
        recipient=recipient,
        subject="【市民参加】招待のお知らせ：髙﨑 様",
        body=body,
        now=NOW,
    )
    message_id = message.id
    session.commit()
    return message_id


def _message(session, message_id):
    return session.get_one(OutboxMessage, message_id, populate_existing=True)


def _parse(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def _smtp_url(server, scheme="smtp", user=""):
    return f"{scheme}://{user}127.0.0.1:{server.port}"


def test_a_folder_gets_one_file_a_message(session, tmp_path):
    message_id = _send(session)
    to = _transport(f"folder://{tmp_path / 'mail'}")
    assert deliver_waiting(session, to, now=NOW) == 1
    assert deliver_waiting(session, to, now=NOW + timedelta(days=1)) == 0
    [path] = (tmp_path / "mail").iterdir()
    assert path.name == f"{message_id}.eml"
    assert path.stat().st_mode & 0o077 == 0
    mail = _parse(path.read_bytes())
    assert mail["To"] == "hanako@example.jp"
    assert mail["From"] == "noreply@example.jp"
    assert mail["Subject"] == "【市民参加】招待のお知らせ：髙﨑 様"
    assert mail["Message-ID"] == f"<{message_id}@example.jp>"
    assert mail["Date"] == "Sat, 01 Jun 2024 12:00:00 +0900"
    assert mail.get_content().replace("\r\n", "\n") == LONG_BODY + "\n"
    assert "招待します。" in path.read_text(), "a person may want to read the demo's mail"
    message = _message(session, message_id)
    assert (message.state, message.sent_at, message.attempts) == (MailState.SENT, NOW, 1)


def test_smtp_gets_one_recipient_a_message_over_one_connection(session, smtp):
    server = smtp()
    for number in range(3):
        _send(session, f"person{number}@example.jp")
    assert deliver_waiting(session, _transport(_smtp_url(server)), now=NOW) == 3
    got = server.behaviour
    assert got.connections == 1
    assert sorted(recipient for _, recipient, _ in got.received) == [
        f"person{number}@example.jp" for number in range(3)
    ]
    for sender, recipient, data in got.received:
        assert "<noreply@example.jp>" in sender
        mail = _parse(data)
        assert mail.get_all("To") == [recipient]
        assert mail["Cc"] is mail["Bcc"] is None
        assert mail.get_content().replace("\r\n", "\n") == LONG_BODY + "\n"
        assert max(map(len, data.split(b"\r\n"))) <= 998


def test_nothing_is_sent_before_the_commit(session, smtp):
    server = smtp()
    send(session, kind="k", recipient="a@example.jp", subject="s", body="b", now=NOW)
    session.rollback()
    assert deliver_waiting(session, _transport(_smtp_url(server)), now=NOW) == 0
    assert server.behaviour.received == []


def test_a_refused_address_fails_at_once_and_the_others_arrive(session, smtp):
    server = smtp(Behaviour(answers={"gone@example.jp": "550 <gone@example.jp> unknown"}))
    bad = _send(session, "gone@example.jp")
    good = [_send(session, f"person{number}@example.jp") for number in range(2)]
    assert deliver_waiting(session, _transport(_smtp_url(server)), now=NOW) == 2
    message = _message(session, bad)
    assert message.state is MailState.FAILED
    assert "550" in message.last_error
    assert "gone" not in message.last_error
    assert {_message(session, each).state for each in good} == {MailState.SENT}


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["hanako@example.jp", "MAIL", "DATA"])
def test_a_busy_server_is_asked_again_later_and_later_and_then_given_up(session, smtp, verb):
    server = smtp(Behaviour(answers={verb: "451 hanako@example.jp: try later"}))
    message_id, now, waits = _send(session), NOW, []
    to = _transport(_smtp_url(server))
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert deliver_waiting(session, to, now=now) == 0
        message = _message(session, message_id)
        assert message.attempts == attempt
        assert "hanako" not in message.last_error
        if message.state is MailState.FAILED:
            break
        waits.append(message.next_attempt_at - now)
        assert deliver_waiting(session, to, now=now) == 0
        assert _message(session, message_id).attempts == attempt, "not before its time"
        now = message.next_attempt_at
    assert message.state is MailState.FAILED
    assert len(waits) == MAX_ATTEMPTS - 1
    assert waits == sorted(waits)
    assert timedelta(hours=12) < sum(waits, timedelta()) < timedelta(days=2)


def test_a_server_that_is_down_is_tried_once_for_all_messages(session, monkeypatch):
    calls = []

    def refuse(*_args, **_more):
        calls.append(1)
        raise ConnectionRefusedError

    monkeypatch.setattr(transport.smtplib, "SMTP", refuse)
    ids = [_send(session) for _ in range(5)]
    assert deliver_waiting(session, _transport("smtp://127.0.0.1:25"), now=NOW) == 0
    assert len(calls) == 1
    for message_id in ids:
        message = _message(session, message_id)
        assert (message.state, message.attempts) == (MailState.WAITING, 1)
        assert "ConnectionRefusedError" in message.last_error


def test_what_was_sent_but_not_noted_goes_out_again_under_the_same_name(session, smtp, monkeypatch):
    server = smtp()
    message_id = _send(session)
    to = _transport(_smtp_url(server))

    def killed(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr(delivery, "_note_sent", killed)
    with pytest.raises(KeyboardInterrupt):
        deliver_waiting(session, to, now=NOW)
    monkeypatch.undo()
    session.rollback()
    # Nobody takes it while the first might still be at it.
    assert deliver_waiting(session, to, now=NOW + timedelta(minutes=4)) == 0
    assert deliver_waiting(session, to, now=NOW + timedelta(minutes=5)) == 1
    names = {_parse(data)["Message-ID"] for _, _, data in server.behaviour.received}
    assert len(server.behaviour.received) == 2
    assert names == {f"<{message_id}@example.jp>"}


def test_two_workers_never_send_one_message_twice(session, smtp, app):
    server = smtp()
    _send(session)
    to = _transport(_smtp_url(server))
    claimed = []
    real = delivery._claim

    def claim_after_the_other(mine, message_id, *, now):
        # The other worker takes it between our look and our claim.
        with app.app_context():
            claimed.append(real(db.session(), message_id, now=now))
        return real(mine, message_id, now=now)

    delivery._claim = claim_after_the_other
    try:
        assert deliver_waiting(session, to, now=NOW) == 0
    finally:
        delivery._claim = real
    assert len(claimed) == 1
    assert claimed[0] is not None
    assert server.behaviour.received == []


def test_while_a_message_is_sent_others_can_save(session, smtp, app):
    """No transaction is open while a slow server is talked to."""
    server = smtp()
    _send(session)
    engine = db.engine
    to = _transport(_smtp_url(server))
    saved = []
    real = transport._submit

    def slowly(client, message):
        with Session(engine) as somebody, somebody.begin():
            somebody.execute(OutboxMessage.__table__.update().values(kind="seen"))
            saved.append(1)
        real(client, message)

    transport._submit = slowly
    try:
        assert deliver_waiting(session, to, now=NOW) == 1
    finally:
        transport._submit = real
    assert saved == [1]


class TestTls:
    """Certificates are checked; a server without TLS is trusted on this machine only."""

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, session, smtp, certificate):
        _path, context = certificate()
        server = smtp(Behaviour(context=context))
        message_id = _send(session)
        assert deliver_waiting(session, _transport(_smtp_url(server, "smtps")), now=NOW) == 0
        assert "証明書" in _message(session, message_id).last_error
        assert server.behaviour.received == []

    def test_a_certificate_of_another_name_is_refused(
        self, session, smtp, certificate, monkeypatch
    ):
        path, context = certificate("mail.example.jp")
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        server = smtp(Behaviour(context=context))
        message_id = _send(session)
        assert deliver_waiting(session, _transport(_smtp_url(server, "smtps")), now=NOW) == 0
        assert "証明書" in _message(session, message_id).last_error

    def test_a_good_certificate_is_taken_and_then_the_password_is_sent(
        self, session, smtp, certificate, monkeypatch
    ):
        path, context = certificate()
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        server = smtp(Behaviour(context=context))
        _send(session)
        url = _smtp_url(server, "smtps", "city:p%40ss@")
        assert deliver_waiting(session, _transport(url), now=NOW) == 1
        assert len(server.behaviour.logins) == 1

    def test_starttls_is_used_where_it_is_offered_and_checked(
        self, session, smtp, certificate, monkeypatch
    ):
        path, context = certificate()
        server = smtp(Behaviour(offers_starttls=True, tls=context))
        first = _send(session)
        assert deliver_waiting(session, _transport(_smtp_url(server)), now=NOW) == 0
        assert "証明書" in _message(session, first).last_error
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        later = NOW + timedelta(hours=1)
        assert deliver_waiting(session, _transport(_smtp_url(server)), now=later) == 1

    def test_another_host_without_starttls_gets_nothing(self, session, smtp, monkeypatch):
        server = smtp()
        monkeypatch.setattr(transport, "_LOOPBACK", frozenset())
        message_id = _send(session)
        url = _smtp_url(server, user="city:secret@")
        assert deliver_waiting(session, _transport(url), now=NOW) == 0
        assert _message(session, message_id).state is MailState.WAITING
        assert server.behaviour.received == []
        assert server.behaviour.logins == []


def test_a_wrong_password_is_said_so(session, smtp):
    server = smtp(Behaviour(answers={"AUTH": "535 no"}))
    message_id = _send(session)
    assert deliver_waiting(session, _transport(_smtp_url(server, user="a:b@")), now=NOW) == 0
    assert "ログイン" in _message(session, message_id).last_error


@pytest.mark.parametrize("url", ["", "folder://", "folder://host/x", "smtp://", "http://x", "/tmp"])
def test_other_addresses_are_refused_at_start(url):
    with pytest.raises(SettingsError, match="MAIL_URL"):
        _transport(url)


def test_the_worker_sends_what_waits(app, session, settings):
    from participation.core import clock
    from participation.jobs.worker import run_duties

    message_id = _send(session)
    run_duties(app, clock.now())
    folder = settings.data_dir / "mail"
    assert [path.name for path in folder.iterdir()] == [f"{message_id}.eml"]
    # The name of the site's own address, never of a request.
    assert f"{message_id}@localhost" in (folder / f"{message_id}.eml").read_text()
