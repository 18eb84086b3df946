"""The staff's list and page of submissions: never a name, flags with reasons, disclosure."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from participation.audit.models import AuditEvent
from participation.campaigns.models import Submission
from participation.campaigns.queries import submissions as queries
from participation.campaigns.queries.submissions import FLAGS, SubmissionFilter
from participation.campaigns.services.flags import fingerprint, flags_of
from participation.campaigns.services.intake import NewOpinion, NewSubmission, store_submissions
from participation.core import clock
from participation.core.actors import Role, system_actor
from participation.submissions.models import Channel, Receipt
from participation.submissions.services.sealed_files import seal
from tests.campaigns.arrange import make_campaign, make_submission
from tests.factories import make_department, make_user, post, sign_in

TODAY = clock.local_date(clock.now())


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


@pytest.fixture
def clerk(session, department):
    return make_user(session, Role.CONTRIBUTOR, department)


@pytest.fixture
def campaign(session, department):
    return make_campaign(session, department)


@pytest.fixture
def named(session, campaign):
    """A submission with a sender and a file."""
    now = clock.now()
    actor = system_actor("test")
    sealed = seal(
        session,
        b"%PDF-1.4 secret",
        name="見本花子の意見.pdf",
        media_type="application/pdf",
        actor=actor,
        now=now,
    )
    [stored] = store_submissions(
        session,
        [
            NewSubmission(
                campaign_id=campaign.id,
                channel=Channel.FAX,
                received_at=now,
                arrived_on=TODAY,
                opinions=(NewOpinion("木陰を増やしてください。"),),
                sender={"name": "見本 花子", "phone": "0463-00-0000"},
                attachments=(sealed,),
                idempotency_key="k",
            )
        ],
        actor=actor,
        now=now,
    )
    session.commit()
    return session.get_one(Submission, stored.submission_id)


def url(campaign, submission=None, tail=""):
    one = "" if submission is None else f"/{submission.id}{tail}"
    return f"/staff/campaigns/{campaign.id}/submissions{one}"


def number(session, submission):
    return session.get_one(Receipt, submission.receipt_id).number


def test_the_list_shows_everything_but_a_name(client, session, clerk, campaign, named):
    make_submission(session, campaign, "一つめ", "二つめ", anonymous=True, late=True)
    sign_in(client, session, clerk)
    page = client.get(url(campaign))
    assert page.status_code == 200
    assert number(session, named) in page.text
    assert "木陰を増やしてください。" in page.text
    for mark in ("期限後", "匿名", "添付あり"):
        assert mark in page.text
    detail = client.get(url(campaign, named))
    for secret in ("見本 花子", "0463-00-0000", "見本花子の意見"):
        assert secret not in page.text
        assert secret not in detail.text


def test_filters(session, campaign, named, clerk):
    now = clock.now()
    late = make_submission(session, campaign, late=True)
    unnamed = make_submission(session, campaign, anonymous=True)
    outside = make_submission(session, campaign, out_of_scope=True)
    twin = make_submission(session, campaign, duplicate_of_id=late.id)
    moved = make_submission(session, campaign, rerouted_to="市長への手紙")
    typed = make_submission(session, campaign, channel=Channel.POST, typed_by=clerk.id)
    noted = make_submission(session, campaign, flag_note="確認する")
    old = make_submission(session, campaign, received_at=now - timedelta(days=3))
    wanted = {
        "late": [late],
        "anonymous": [unnamed],
        "out_of_scope": [outside],
        "duplicate": [twin],
        "rerouted": [moved],
        "unchecked": [typed],
        "attachment": [named],
        "noted": [noted],
    }
    assert set(wanted) == set(FLAGS)
    for flag, expected in wanted.items():
        lines = queries.submission_lines(
            session, campaign.id, SubmissionFilter(flag=flag), limit=10
        )
        assert [line.id for line in lines] == [one.id for one in expected], flag
    fax = SubmissionFilter(channel=Channel.FAX)
    assert [o.id for o in queries.submission_lines(session, campaign.id, fax, limit=9)] == [
        named.id
    ]
    day = SubmissionFilter(day=clock.local_date(now - timedelta(days=3)))
    assert [o.id for o in queries.submission_lines(session, campaign.id, day, limit=9)] == [old.id]


def test_pages_follow_each_other_without_gap_or_overlap(session, campaign):
    at = datetime(2026, 4, 1, tzinfo=UTC)
    made = [  # many at the same moment, as an import makes them
        make_submission(session, campaign, received_at=at + timedelta(seconds=n // 4)).id
        for n in range(12)
    ]
    seen, before = [], None
    while page := queries.submission_lines(
        session, campaign.id, SubmissionFilter(), limit=5, before=before
    ):
        seen += [line.id for line in page]
        before = page[-1].cursor
    assert seen == sorted(made, reverse=True)
    wrong = queries.submission_lines(
        session, campaign.id, SubmissionFilter(), limit=50, before="x~'; DROP TABLE"
    )
    assert len(wrong) == len(made)


@pytest.mark.parametrize("wanted", [SubmissionFilter(), SubmissionFilter(flag="late")])
def test_a_page_is_read_from_an_index(session, campaign, queries_sent, wanted):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("the planner of PostgreSQL looks at the number of rows")
    queries.submission_lines(session, campaign.id, wanted, limit=51, before="1790000000000000~5")
    [(statement, values)] = queries_sent
    plan = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values)
    lines = " / ".join(row[3] for row in plan)
    index = "ix_submission_marked" if wanted.flag else "ix_submission_burst"
    assert index in lines
    assert "campaign_id=? AND (received_at,id)<(?,?)" in lines or "received_at<?" in lines, lines
    assert "SCAN submission" not in lines


@pytest.fixture
def queries_sent(session):
    from sqlalchemy import event

    sent = []
    engine = session.get_bind()

    def note(_c, _cursor, statement, values, *_rest):
        if statement.startswith("SELECT") and "submission" in statement:
            sent.append((statement, values))

    session.execute(text("SELECT 1"))
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_flags_need_a_reason_and_are_on_record(client, session, clerk, campaign, named):
    original = make_submission(session, campaign, "木陰を増やしてください。")
    sign_in(client, session, clerk)
    fields = {
        "late": "1",
        "out_of_scope": "y",
        "rerouted_to": "市長への手紙",
        "duplicate_of": number(session, original),
        "seen": fingerprint(flags_of(session, named)),
    }
    refused = post(client, url(campaign, named, "/flags"), fields)
    assert refused.status_code == 422
    assert "市長への手紙" in refused.text
    done = post(client, url(campaign, named, "/flags"), {**fields, "note": "本人に確認した"})
    assert done.status_code == 303, done.text
    session.rollback()
    session.refresh(named)
    assert (named.late, named.out_of_scope, named.rerouted_to) == (True, True, "市長への手紙")
    assert named.duplicate_of_id == original.id
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "campaigns.submission.flagged")
    ).one()
    assert event.reason == "本人に確認した"
    assert event.before["late"] is False
    assert "本人に確認した" in client.get(url(campaign, named)).text
    # What somebody else changed meanwhile is not overwritten.
    stale = post(client, url(campaign, named, "/flags"), {**fields, "late": "", "note": "x"})
    assert stale.status_code == 409
    session.refresh(named)
    assert named.late


def test_a_duplicate_is_of_the_same_campaign_and_of_an_original(  # noqa: PLR0917
    client, session, clerk, department, campaign, named
):
    other = make_submission(session, make_campaign(session, department), "よその意見")
    first = make_submission(session, campaign)
    second = make_submission(session, campaign, duplicate_of_id=first.id)
    sign_in(client, session, clerk)
    for wrong in (other, second, named):
        answer = post(
            client,
            url(campaign, named, "/flags"),
            {
                "late": "",
                "duplicate_of": number(session, wrong),
                "note": "同じ",
                "seen": fingerprint(flags_of(session, named)),
            },
        )
        assert answer.status_code == 422, answer.text
    session.rollback()
    session.refresh(named)
    assert named.duplicate_of_id is None


def test_disclosure_needs_a_reason_and_leaves_a_record(client, session, clerk, campaign, named):
    sign_in(client, session, clerk)
    refused = post(client, url(campaign, named, "/sender"), {"reason": ""})
    assert refused.status_code == 422
    assert "見本 花子" not in refused.text
    shown = post(client, url(campaign, named, "/sender"), {"reason": "内容の確認の電話"})
    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "no-store"
    for secret in ("見本 花子", "0463-00-0000", "見本花子の意見.pdf"):
        assert secret in shown.text
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "submissions.sender.disclosed")
    ).one()
    assert (event.actor_id, event.reason) == (clerk.id, "内容の確認の電話")
    assert "見本 花子" not in client.get(url(campaign, named)).text


def test_a_file_is_handed_out_to_be_saved_and_on_record(client, session, clerk, campaign, named):
    sign_in(client, session, clerk)
    file = queries.attachments_of(session, named.receipt_id)[0]
    target = url(campaign, named, f"/attachments/{file.id}")
    assert post(client, target, {"reason": ""}).status_code == 422
    answer = post(client, target, {"reason": "内容の確認"})
    assert answer.data == b"%PDF-1.4 secret"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert (
        session.scalar(
            select(func.count()).where(AuditEvent.action == "submissions.attachment.downloaded")
        )
        == 1
    )
    elsewhere = make_submission(session, campaign)
    other = url(campaign, elsewhere, f"/attachments/{file.id}")
    assert post(client, other, {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR])
def test_the_coordinator_and_the_auditor_read_without_names(client, session, campaign, named, role):
    sign_in(client, session, make_user(session, role))
    page = client.get(url(campaign, named))
    assert page.status_code == 200
    assert "連絡先を表示する" not in page.text
    assert post(client, url(campaign, named, "/sender"), {"reason": "x"}).status_code == 403
    assert post(client, url(campaign, named, "/flags"), {"note": "x"}).status_code == 403


def test_another_department_sees_nothing(client, session, campaign, named):
    stranger = make_user(session, Role.CONTRIBUTOR, make_department(session, "よその課"))
    sign_in(client, session, stranger)
    assert client.get(url(campaign)).status_code == 404
    assert client.get(url(campaign, named)).status_code == 404
    assert post(client, url(campaign, named, "/sender"), {"reason": "x"}).status_code == 404


def test_a_submission_belongs_to_its_campaign(client, session, clerk, department, named):
    other = make_campaign(session, department)
    sign_in(client, session, clerk)
    assert client.get(url(other, named)).status_code == 404
    assert post(client, url(other, named, "/sender"), {"reason": "x"}).status_code == 404
