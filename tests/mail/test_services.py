"""The outbox: encrypted rows, one recipient, nothing that a header could be made of."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.mail import services
from participation.mail.letter import open_letter
from participation.mail.models import MailState, OutboxMessage
from participation.mail.queries import count_failed, get_message, outbox_lines
from participation.privacy.crypto import DecryptionError

NOW = datetime(2024, 6, 1, 3, tzinfo=UTC)


def send(session, recipient="canary-hanako@example.jp", subject="招待の件名", body="秘密の本文"):
    return services.send(
        session,
        kind="accounts.invitation",
        recipient=recipient,
        subject=subject,
        body=body,
        now=NOW,
    )


def test_nothing_of_a_message_is_to_be_seen_in_the_database(session, settings):
    message = send(session)
    session.commit()
    stored = session.execute(text("SELECT recipient, subject, body FROM outbox_message")).one()
    for value in stored:
        assert value.startswith("v1.")
        assert not any(word in value for word in ("canary", "招待", "秘密"))
    assert repr(open_letter(session, message)).count("canary") == 0
    session.rollback()
    if settings.database_url.startswith("sqlite"):
        for path in settings.data_dir.parent.glob("test.sqlite3*"):
            raw = path.read_bytes()
            assert b"canary" not in raw
            assert "秘密".encode() not in raw


def test_a_message_is_read_back(session):
    message = send(session)
    session.commit()
    letter = open_letter(session, get_message(session, message.id))
    assert (letter.recipient, letter.subject, letter.body) == (
        "canary-hanako@example.jp",
        "招待の件名",
        "秘密の本文",
    )


def test_the_body_of_another_message_does_not_open(session):
    one, other = send(session), send(session)
    one.body = other.body
    session.flush()
    with pytest.raises(DecryptionError):
        open_letter(session, one)


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "hanako",
        "hanako@",
        "@example.jp",
        "a@example.jp, b@example.jp",
        "a@example.jp;b@example.jp",
        "a@example.jp\nBcc: b@example.jp",
        "a@example.jp\r\nBcc: b@example.jp",
        "a@example.jp\n",
        "花子 <a@example.jp>",
        "<a@example.jp>",
        "a b@example.jp",
        "花子@example.jp",
        "a@ex ample.jp",
        "a@example..jp",
        '"a@b"@example.jp',
        f"{'a' * 65}@example.jp",
        f"a@{'example.' * 40}jp",
    ],
)
def test_only_one_plain_address_is_taken(session, recipient):
    with pytest.raises(InvalidInput) as refused:
        send(session, recipient=recipient)
    assert refused.value.field == "email"
    assert session.query(OutboxMessage).count() == 0


@pytest.mark.parametrize(
    "subject", ["", "  ", "件名\nBcc: b@example.jp", "件\r名", "件\0名", "件\x1b名"]
)
def test_a_subject_is_one_line(session, subject):
    with pytest.raises(InvalidInput) as refused:
        send(session, subject=subject)
    assert refused.value.field == "subject"


def test_the_list_masks_addresses_and_shows_no_text(session):
    send(session)
    session.commit()
    [line] = outbox_lines(session, limit=9)
    assert line.recipient == "c***@example.jp"
    assert line.kind == "accounts.invitation"
    assert not any(word in repr(line) for word in ("canary", "招待の件名", "秘密"))


def test_the_list_is_paged_and_filtered(session):
    ids = []
    for number in range(5):
        # Three of one moment: the id decides among them.
        moment = NOW.replace(minute=0 if number < 3 else number)
        message = services.send(
            session, kind=f"k{number}", recipient="a@example.jp", subject="s", body="b", now=moment
        )
        ids.append(message.id)
    failed = session.get_one(OutboxMessage, ids[2])
    failed.state = MailState.FAILED
    session.commit()
    whole = outbox_lines(session, limit=9)
    assert [line.kind for line in whole[:2]] == ["k4", "k3"]
    assert {line.id for line in whole} == set(ids)
    paged, before = [], None
    while lines := outbox_lines(session, limit=2, before=before):
        paged += lines
        before = lines[-1].cursor
    assert paged == whole
    assert outbox_lines(session, limit=9, before="nonsense") == whole
    assert [line.id for line in outbox_lines(session, limit=9, state=MailState.FAILED)] == [ids[2]]
    assert count_failed(session) == 1


def test_only_a_failed_message_is_sent_again(session):
    message = send(session)
    with pytest.raises(StateConflict):
        services.retry(session, message, now=NOW)
    message.state, message.attempts, message.last_error = MailState.FAILED, 8, "だめ"
    session.flush()
    services.retry(session, message, now=NOW)
    assert (message.state, message.attempts, message.last_error) == (MailState.WAITING, 0, "")


def test_a_message_that_is_not_there_is_said_so(session):
    import uuid

    with pytest.raises(NotFound):
        get_message(session, uuid.uuid4())
