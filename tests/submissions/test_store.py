"""Storing submissions: one transaction, each form once, the audit chain whole."""

import hashlib

from sqlalchemy import func, select

from participation.audit.models import AuditEvent
from participation.audit.verification import verify
from participation.campaigns.models import Opinion, Submission
from participation.campaigns.services.intake import NewOpinion, NewSubmission, store_submissions
from participation.core import clock
from participation.core.actors import Actor
from participation.submissions.models import Attachment, Channel, Receipt, Sender
from participation.submissions.services.sealed_files import open_sealed, seal
from participation.submissions.services.senders import contents_of, disclose, erase
from tests.campaigns.arrange import make_campaign
from tests.factories import make_department

RESIDENT = Actor(None, "提出者")


def new(campaign, key, *texts, **more):
    now = clock.now()
    values = {
        "campaign_id": campaign.id,
        "channel": Channel.WEB,
        "received_at": now,
        "arrived_on": clock.local_date(now),
        "opinions": tuple(NewOpinion(text=text) for text in texts or ("木陰を増やしてください。",)),
        "sender": {"name": "山田 太郎", "address": "中央1-2-3"},
        "idempotency_key": key,
        "secret": "SECRET",
        **more,
    }
    return NewSubmission(**values)


def store(session, *submissions, **more):
    return store_submissions(session, submissions, actor=RESIDENT, now=clock.now(), **more)


def test_everything_of_a_submission_is_stored(session):
    campaign = make_campaign(session, make_department(session))
    sealed = seal(
        session, b"map", name="地図.txt", media_type="text/plain", actor=RESIDENT, now=clock.now()
    )
    first, second = store(
        session,
        new(campaign, "a", "一つ目", "二つ目", attachments=(sealed,)),
        new(campaign, "b", sender={}, anonymous=True),
    )
    session.commit()
    assert (first.again, second.again) == (False, False)
    receipt = session.get(Receipt, first.receipt_id)
    assert receipt.number == first.number
    assert receipt.subject == f"campaign:{campaign.id}"
    assert receipt.secret_hash == hashlib.sha256(b"SECRET").hexdigest()
    texts = session.scalars(
        select(Opinion.text)
        .where(Opinion.submission_id == first.submission_id)
        .order_by(Opinion.number)
    ).all()
    assert texts == ["一つ目", "二つ目"]
    sender = session.scalar(select(Sender))
    assert "山田" not in sender.contents
    assert contents_of(session, sender) == {"name": "山田 太郎", "address": "中央1-2-3"}
    assert session.get(Submission, second.submission_id).person_key is None
    attachment = session.scalar(select(Attachment))
    assert open_sealed(session, attachment) == b"map"
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.subject for event in events] == [
        f"submission:{first.submission_id}",
        f"submission:{second.submission_id}",
    ]
    assert events[0].department_id == campaign.department_id
    assert verify(session).fault_count == 0


def test_the_same_key_is_stored_once(session):
    campaign = make_campaign(session, make_department(session))
    one, two, three = store(
        session, new(campaign, "a", "先"), new(campaign, "a", "後"), new(campaign, "b")
    )
    assert one.number == two.number != three.number
    assert (one.again, two.again, three.again) == (False, True, False)
    session.commit()
    (later,) = store(session, new(campaign, "a", "さらに後"))
    session.commit()
    assert later.again
    assert (later.number, later.submission_id) == (one.number, one.submission_id)
    assert session.scalar(select(func.count()).select_from(Submission)) == 2
    assert session.scalar(select(func.count()).select_from(Sender)) == 2
    assert session.scalars(select(Opinion.text).order_by(Opinion.id)).first() == "先"


def test_an_import_of_many_takes_a_few_statements(session, queries):
    campaign = make_campaign(session, make_department(session))
    many = [new(campaign, f"k{n}", channel=Channel.POST, secret=None) for n in range(400)]
    queries.clear()
    stored = store(session, *many, audit=False)
    session.commit()
    assert len({one.number for one in stored}) == 400
    assert len(queries) < 12
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == 0


def test_equal_senders_have_equal_person_keys(session):
    campaign = make_campaign(session, make_department(session))
    other = make_campaign(session, make_department(session, "みどり課"))
    stored = store(
        session,
        new(campaign, "a"),
        new(campaign, "b", sender={"name": "山田　太郎", "address": "中央１－２－３"}),
        new(campaign, "c", sender={"name": "山田 花子", "address": "中央1-2-3"}),
        new(other, "d"),
    )
    keys = [session.get(Submission, one.submission_id).person_key for one in stored]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_disclosure_is_on_record_and_erasure_leaves_nothing(session):
    campaign = make_campaign(session, make_department(session))
    sealed = seal(
        session, b"map", name="地図.txt", media_type="text/plain", actor=RESIDENT, now=clock.now()
    )
    (one,) = store(session, new(campaign, "a", attachments=(sealed,)))
    found = disclose(
        session, one.receipt_id, actor=RESIDENT, now=clock.now(), reason="記載の確認のため"
    )
    assert found["name"] == "山田 太郎"
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.reason) == ("submissions.sender.disclosed", "記載の確認のため")
    assert "山田" not in str(event.after)
    assert erase(session, [one.receipt_id], now=clock.now()) == 1
    session.commit()
    sender = session.scalar(select(Sender))
    attachment = session.scalar(select(Attachment))
    assert (sender.contents, attachment.data_key, attachment.name) == (None, None, None)
