"""Erasure of senders: on their day, on request; nothing readable is left, what was said stays."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from participation.audit.models import AuditEvent
from participation.campaigns.models import (
    CampaignImport,
    CampaignState,
    ImportKind,
    ImportState,
    Opinion,
    Submission,
)
from participation.campaigns.services import retention
from participation.campaigns.services.intake import NewOpinion, NewSubmission, store_submissions
from participation.campaigns.sweeps import keep_terms
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.db.base import Base
from participation.db.encryption import encrypted_columns
from participation.files.models import StoredFile
from participation.files.objects import ObjectMissingError
from participation.files.services import FileUnavailable, object_key, object_store
from participation.jobs.worker import run_duties
from participation.mail.models import MailState, OutboxMessage
from participation.mail.services import send
from participation.privacy.crypto import keyring
from participation.submissions.models import Attachment, Channel, Receipt, Sender
from participation.submissions.services import senders
from participation.submissions.services.sealed_files import attachment_name, open_sealed, seal
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department, make_user, sign_in

NOW = clock.now()
TODAY = clock.local_date(NOW)
ACTOR = system_actor("test")
NAME = "見本花子ノ助"


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


def submit(session, campaign, key, name=NAME, channel=Channel.FAX, at=NOW):  # noqa: PLR0917
    """One submission with a sender and a sealed file, through the real intake."""
    sealed = seal(
        session,
        f"中身{key}".encode(),
        name=f"{name}.txt",
        media_type="text/plain",
        actor=ACTOR,
        now=NOW,
    )
    [stored] = store_submissions(
        session,
        [
            NewSubmission(
                campaign_id=campaign.id,
                channel=channel,
                received_at=at,
                arrived_on=TODAY,
                opinions=(NewOpinion("木陰を増やしてください。"),),
                sender={"name": name, "address": "見本市1-1"},
                attachments=(sealed,),
                network_key="n" * 64,
                secret="s" if channel is Channel.WEB else None,
                idempotency_key=key,
            )
        ],
        actor=ACTOR,
        now=NOW,
    )
    session.commit()
    return session.get_one(Submission, stored.submission_id)


def sender_of(session, submission):
    return session.scalars(select(Sender).where(Sender.receipt_id == submission.receipt_id)).one()


def file_of(session, submission):
    return session.scalars(
        select(Attachment).where(Attachment.receipt_id == submission.receipt_id)
    ).one()


def run(app, session, *arguments):
    session.rollback()
    return app.test_cli_runner().invoke(args=["submissions", *arguments])


def number(session, submission):
    return session.get_one(Receipt, submission.receipt_id).number


def test_the_day_follows_from_the_publication(session, department):
    campaign = make_campaign(session, department, retention_days=90)
    first = submit(session, campaign, "a")
    other = submit(session, make_campaign(session, department), "b")
    assert retention.set_erasure_dates(session, campaign, TODAY) == 1
    assert retention.set_erasure_dates(session, campaign, TODAY) == 0
    session.expire_all()
    assert sender_of(session, first).erase_on == TODAY + timedelta(days=90)
    assert sender_of(session, other).erase_on is None


def test_what_comes_after_the_publication_or_a_cancellation_gets_its_day_too(session, department):
    cancelled = make_campaign(session, department, state=CampaignState.CANCELLED, retention_days=10)
    cancelled.updated_at = NOW
    running = make_campaign(session, department)
    over, on = submit(session, cancelled, "a"), submit(session, running, "b")
    keep_terms(session, NOW)
    session.expire_all()
    assert sender_of(session, over).erase_on == TODAY + timedelta(days=10)
    assert sender_of(session, on).erase_on is None


def test_on_the_day_nothing_yet_and_on_the_next_everything(app, session, department):
    campaign = make_campaign(session, department, retention_days=0)
    one = submit(session, campaign, "a")
    twin = submit(session, campaign, "b", channel=Channel.POST)
    other = submit(session, campaign, "c", name="別の人")
    key, file_id = one.person_key, file_of(session, one).file_id
    assert twin.person_key == key
    retention.set_erasure_dates(session, campaign, TODAY)
    session.commit()
    run_duties(app, NOW)  # its last day
    session.rollback()
    assert senders.contents_of(session, sender_of(session, one))["name"] == NAME
    session.rollback()
    run_duties(app, NOW + timedelta(days=1))
    session.rollback()
    session.expire_all()
    for submission in (one, twin, other):
        sender, file = sender_of(session, submission), file_of(session, submission)
        assert (sender.contents, file.data_key, file.name) == (None, None, None)
        assert sender.erased_at is not None
        assert submission.network_key is None
        with pytest.raises(FileUnavailable):
            open_sealed(session, file)
    # Two of one person are still two of one person, but nobody can be recognised any more.
    assert one.person_key == twin.person_key != key
    assert other.person_key not in {one.person_key, None}
    with pytest.raises(ObjectMissingError):
        object_store(session).chunks(object_key(file_id))
    assert session.get(StoredFile, file_id) is not None
    assert session.scalars(select(Opinion.text)).all() == ["木陰を増やしてください。"] * 3
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "submissions.sender.erased")
    ).one()
    assert event.after["count"] == 3


def test_on_request_one_is_erased_with_its_reason(app, session, department):
    campaign = make_campaign(session, department)
    one, other = submit(session, campaign, "a"), submit(session, campaign, "b", name="別の人")
    refused = run(app, session, "erase", number(session, one), "--reason", " ")
    assert refused.exit_code == 1
    done = run(app, session, "erase", number(session, one).lower(), "--reason", "本人の求め")
    assert done.exit_code == 0, done.output
    session.expire_all()
    assert sender_of(session, one).contents is None
    assert sender_of(session, other).contents is not None
    assert run(app, session, "erase", number(session, one), "--reason", "x").exit_code == 1
    assert run(app, session, "erase", "0000-0000-0000", "--reason", "x").exit_code == 1
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "submissions.sender.erased")
    ).one()
    assert (event.reason, event.subject) == ("本人の求め", f"receipt:{one.receipt_id}")


def test_the_command_erases_in_batches(app, session, department, monkeypatch):
    from participation.submissions.services import erasure

    campaign = make_campaign(session, department, retention_days=0)
    for n in range(5):
        submit(session, campaign, str(n), name=f"人{n}")
    retention.set_erasure_dates(session, campaign, TODAY - timedelta(days=1))
    session.commit()
    monkeypatch.setattr(erasure.erase_due, "__kwdefaults__", {"limit": 2})
    done = run(app, session, "erase-expired")
    assert "5件" in done.output
    session.expire_all()
    assert {sender.contents for sender in session.scalars(select(Sender))} == {None}
    assert "0件" in run(app, session, "erase-expired").output


def test_a_person_gets_everything_that_is_held(app, session, department, tmp_path):
    one = submit(session, make_campaign(session, department), "a")
    target = tmp_path / "person.json"
    done = run(
        app,
        session,
        "export-person",
        number(session, one),
        "--reason",
        "開示請求 第1号",
        "--output",
        str(target),
    )
    assert done.exit_code == 0, done.output
    assert NAME not in done.output
    assert target.stat().st_mode & 0o077 == 0
    held = json.loads(target.read_text())
    assert held["提出者"]["name"] == NAME
    assert held["添付ファイル"][0]["名前"] == f"{NAME}.txt"
    assert held["内容"]["意見"][0]["意見"] == "木陰を増やしてください。"
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "submissions.sender.exported")
    ).one()
    assert event.reason == "開示請求 第1号"
    assert NAME not in json.dumps([event.before, event.after])


def test_who_saw_whom_is_one_question(app, session, department):
    one = submit(session, make_campaign(session, department), "a")
    senders.disclose(session, one.receipt_id, actor=ACTOR, now=NOW, reason="電話")
    old = NOW - timedelta(days=40)
    senders.disclose(session, one.receipt_id, actor=ACTOR, now=old, reason="むかし")
    session.commit()
    since = (TODAY - timedelta(days=7)).isoformat()
    listed = run(app, session, "disclosures", "--since", since)
    assert listed.exit_code == 0, listed.output
    [_header, line] = listed.output.splitlines()
    assert number(session, one) in line
    assert line.endswith("電話")
    assert NAME not in listed.output


def test_old_mail_to_senders_goes_and_other_mail_stays(session):
    for kind, days, state in (
        ("campaigns.receipt", 31, MailState.SENT),
        ("campaigns.receipt", 29, MailState.SENT),
        ("campaigns.receipt", 31, MailState.WAITING),
        ("campaigns.saved_form", 31, MailState.FAILED),
        ("accounts.invitation", 31, MailState.SENT),
    ):
        at = NOW - timedelta(days=days)
        message = send(
            session, kind=kind, recipient="a@example.jp", subject="件名", body="本文", now=at
        )
        message.state, message.sent_at = state, at if state is MailState.SENT else None
    assert retention.erase_old_mail(session, NOW) == 2
    assert len(session.scalars(select(OutboxMessage)).all()) == 3


def test_networks_are_forgotten_after_their_days(session, department):
    campaign = make_campaign(session, department)
    old = submit(session, campaign, "a", at=NOW - timedelta(days=31))
    fresh = submit(session, campaign, "b", at=NOW - timedelta(days=29))
    assert retention.forget_networks(session, NOW) == 1
    session.expire_all()
    assert (old.network_key, fresh.network_key) == (None, "n" * 64)
    assert retention.forget_networks(session, NOW) == 0


def test_keys_rotate_over_senders_attachments_and_imports(app, session, department):
    campaign = make_campaign(session, department)
    one = submit(session, campaign, "a")
    gone = submit(session, campaign, "b", name="消えた人")
    senders.erase(session, [gone.receipt_id], now=NOW)
    upload = CampaignImport(
        campaign_id=campaign.id,
        kind=ImportKind.SUBMISSIONS,
        state=ImportState.READY,
        file_name="x",
        created_at=NOW,
    )
    session.add(upload)
    session.flush()
    place = {"table": "campaign_import", "column": "data_key", "row": str(upload.id)}
    upload.data_key = keyring(session).encrypt("鍵", **place)
    session.commit()
    columns = {(p.table.name, p.column.name) for p in encrypted_columns(Base.metadata)}
    assert columns >= {
        ("sender", "contents"),
        ("attachment", "data_key"),
        ("attachment", "name"),
        ("saved_form", "contents"),
        ("campaign_import", "data_key"),
    }
    before = [sender_of(session, one).contents, file_of(session, one).name, upload.data_key]
    session.rollback()
    for step in ("add", "rotate", "retire"):
        done = app.test_cli_runner().invoke(args=["keys", step], input="y\n")
        assert done.exit_code == 0, done.output
    session.expire_all()
    after = [sender_of(session, one).contents, file_of(session, one).name, upload.data_key]
    assert all(new != old for new, old in zip(after, before, strict=True))
    assert senders.contents_of(session, sender_of(session, one))["name"] == NAME
    assert attachment_name(session, file_of(session, one)) == f"{NAME}.txt"
    assert open_sealed(session, file_of(session, one)) == "中身a".encode()
    assert keyring(session).decrypt(upload.data_key, **place) == "鍵"
    assert sender_of(session, gone).contents is None


def test_the_page_says_what_goes_when(client, session, department):
    campaign = make_campaign(session, department, retention_days=90)
    one = submit(session, campaign, "a")
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, department))
    url = f"/staff/campaigns/{campaign.id}/retention"
    assert "結果を公表すると決まります" in client.get(url).text
    retention.set_erasure_dates(session, campaign, TODAY)
    senders.erase(session, [submit(session, campaign, "b").receipt_id], now=NOW)
    session.commit()
    page = client.get(url)
    assert "の翌日" in page.text
    assert NAME not in page.text
    assert number(session, one) not in page.text
