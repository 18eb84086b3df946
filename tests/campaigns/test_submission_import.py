"""Importing submissions: preview without names, all or nothing, the same file twice, erased."""

import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from participation.audit.models import AuditEvent
from participation.campaigns.models import (
    CampaignImport,
    CampaignState,
    ImportState,
    Opinion,
    Submission,
)
from participation.campaigns.services import submission_import as services
from participation.core import clock
from participation.core.actors import Role
from participation.files.models import StoredFile
from participation.files.objects import ObjectMissingError
from participation.files.services import object_key, object_store
from participation.jobs.models import Job
from participation.jobs.worker import run_pending
from participation.sheets.read import read_table
from participation.sheets.write_csv import write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx
from participation.submissions.models import Channel, Receipt, Sender
from participation.submissions.services.senders import contents_of
from tests.campaigns.arrange import make_campaign
from tests.factories import csrf, make_department, make_user, post, sign_in

NOW = clock.now()
TODAY = clock.local_date(NOW)
HEADER = (
    "通番",
    "到達日",
    "消印日",
    "提出方法",
    "区分",
    "氏名",
    "住所",
    "該当箇所",
    "意見",
    "理由",
)
NAME = "見本・花子ノ助"
DAY = TODAY.isoformat()
GOOD = (
    "1",
    DAY,
    "",
    "FAX",
    "市内に住所を有する方",
    NAME,
    "見本市1-1",
    "3ページ",
    "木陰を。",
    "暑い",
)
MORE = ("1", "", "", "", "", "", "", "5ページ", "ベンチを。", "")
OTHER = ("2", DAY, DAY, "郵送", "", "", "", "", "反対の立場からの意見です。", "")
SINGLE = ("", DAY, "", "電子申請", "", "別の 人", "", "", "駐輪場を。", "")


@pytest.fixture
def department(session):
    return make_department(session, "みどり課")


@pytest.fixture
def clerk(session, department):
    return make_user(session, Role.CONTRIBUTOR, department)


@pytest.fixture
def campaign(session, department):
    return make_campaign(session, department)


def csv_of(*rows, header=HEADER):
    return write_csv(header, rows, encoding="utf-8-sig").data


def xlsx_of(*rows):
    return write_xlsx([Sheet("意見", HEADER, rows)], title="意見", created=NOW)


def url(campaign, upload=None, tail=""):
    one = "" if upload is None else f"/{upload.id}{tail}"
    return f"/staff/campaigns/{campaign.id}/submission-imports{one}"


def upload(app, client, session, campaign, data, name="見本花子さんの意見.csv"):  # noqa: PLR0917
    file = FileStorage(io.BytesIO(data), filename=name)
    boundary, body = encode_multipart({"csrf_token": csrf(client), "file": file})
    answer = client.post(
        url(campaign), data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert answer.status_code == 303, answer.text
    work(app, session)
    return session.scalars(select(CampaignImport).order_by(CampaignImport.id.desc())).first()


def work(app, session):
    session.rollback()
    run_pending(app)
    session.rollback()


def count(session, what):
    session.rollback()
    return session.scalar(select(func.count()).select_from(what))


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_upload_preview_and_store(app, client, session, clerk, campaign, make):  # noqa: PLR0917
    sign_in(client, session, clerk)
    begun = upload(app, client, session, campaign, make(GOOD, MORE, OTHER, SINGLE))
    assert (begun.state, begun.total_rows, begun.new_rows) == (ImportState.READY, 4, 3)
    file_id = begun.file_id
    raw = b"".join(object_store(session).chunks(object_key(file_id)))
    assert NAME.encode() not in raw  # sealed
    page = client.get(url(campaign, begun))
    assert "新しい意見が3通あります" in page.text
    assert "木陰を。" in page.text
    assert NAME not in page.text
    assert "見本花子さん" not in client.get(url(campaign)).text + page.text
    assert count(session, Submission) == 0
    assert post(client, url(campaign, begun, "/store")).status_code == 303
    work(app, session)
    session.refresh(begun)
    assert (begun.state, begun.new_rows, begun.same_rows) == (ImportState.STORED, 3, 0)
    assert (begun.file_id, begun.data_key) == (None, None)
    assert session.get(StoredFile, file_id) is None
    with pytest.raises(ObjectMissingError):
        object_store(session).chunks(object_key(file_id))
    stored = session.scalars(select(Submission).order_by(Submission.id)).all()
    by_channel = {one.channel: one for one in stored}
    assert set(by_channel) == {Channel.FAX, Channel.POST, Channel.WEB}
    texts = session.scalars(
        select(Opinion.text)
        .where(Opinion.submission_id == by_channel[Channel.FAX].id)
        .order_by(Opinion.number)
    ).all()
    assert texts == ["木陰を。", "ベンチを。"]
    assert by_channel[Channel.POST].anonymous
    assert by_channel[Channel.FAX].eligibility_id == campaign.eligibilities[0].id
    assert all(one.import_id == begun.id and one.typed_by is None for one in stored)
    sender = session.scalars(
        select(Sender).where(Sender.receipt_id == by_channel[Channel.FAX].receipt_id)
    ).one()
    assert contents_of(session, sender) == {"name": NAME, "address": "見本市1-1"}
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "campaigns.import.stored")
    ).one()
    assert (event.after["rows"], event.after["new"]) == (4, 3)
    kept = json.dumps([begun.sample, begun.problems, begun.notes, event.after], ensure_ascii=False)
    kept += json.dumps([job.payload for job in session.scalars(select(Job))])
    assert NAME not in kept


def test_the_same_file_twice_is_recognised(app, client, session, clerk, campaign):
    sign_in(client, session, clerk)
    data = csv_of(GOOD, OTHER)
    first = upload(app, client, session, campaign, data)
    post(client, url(campaign, first, "/store"))
    work(app, session)
    again = upload(app, client, session, campaign, data)
    assert (again.state, again.new_rows, again.same_rows) == (ImportState.READY, 0, 2)
    assert "取り込み済み" in client.get(url(campaign, again)).text
    post(client, url(campaign, again, "/store"))
    work(app, session)
    session.refresh(again)
    assert (again.state, again.new_rows, again.same_rows) == (ImportState.STORED, 0, 2)
    assert count(session, Submission) == 2


BAD = [
    (("9", "", "", "FAX", "", "", "", "", "意見", ""), "到達日", "日付が空です"),
    (("9", "2026-02-30", "", "FAX", "", "", "", "", "意見", ""), "到達日", "暦にない"),
    (
        ("9", (TODAY + timedelta(days=1)).isoformat(), "", "FAX", "", "", "", "", "意見", ""),
        "到達日",
        "今日より後",
    ),
    (("9", DAY, "", "のろし", "", "", "", "", "意見", ""), "提出方法", "分かりません"),
    (("9", DAY, DAY, "FAX", "", "", "", "", "意見", ""), "消印日", "郵送のとき"),
    (("9", DAY, "", "FAX", "火星の方", "", "", "", "意見", ""), "区分", "ない区分"),
    (("9", DAY, "", "FAX", "", NAME * 30, "", "", "意見", ""), "氏名", "文字以内"),
    (("9", DAY, "", "FAX", "", "", "", "", "  ", ""), "意見", "空です"),
    (("1", DAY, "", "郵送", "", "", "", "", "意見", ""), "提出方法", "同じ通番"),
    (("1", "", "", "", "", "別人の名前", "", "", "意見", ""), "氏名", "同じ通番"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("row", "column", "reason"), BAD)
def test_a_bad_row_is_named_and_nothing_is_stored(  # noqa: PLR0917
    app, client, session, clerk, campaign, row, column, reason
):
    sign_in(client, session, clerk)
    refused = upload(app, client, session, campaign, csv_of(GOOD, row))
    assert refused.state is ImportState.REFUSED
    assert (refused.file_id, refused.data_key) == (None, None)
    [problem] = refused.problems
    assert (problem["row"], problem["column"]) == (3, column)
    assert reason in problem["reason"]
    assert NAME not in problem["value"]
    assert "別人の名前" not in str(problem)
    page = client.get(url(campaign, refused))
    assert reason in page.text
    sheet = client.get(url(campaign, refused, "/problems.xlsx"))
    assert next(iter(read_table(sheet.data, filename="x").rows))[1][1] == column
    assert post(client, url(campaign, refused, "/store")).status_code == 409
    assert count(session, Submission) == 0


def test_a_missing_column_refuses_the_file(app, client, session, clerk, campaign):
    sign_in(client, session, clerk)
    refused = upload(app, client, session, campaign, csv_of(("x",), header=("感想",)))
    assert refused.state is ImportState.REFUSED
    assert "必要な列がありません" in refused.problems[0]["reason"]


def test_our_own_sample_can_be_read(app, client, session, clerk, campaign):
    sign_in(client, session, clerk)
    sample = client.get(url(campaign) + "/sample.xlsx")
    assert sample.status_code == 200
    begun = upload(app, client, session, campaign, sample.data, name="a.xlsx")
    assert (begun.state, begun.new_rows, begun.total_rows) == (ImportState.READY, 1, 2)


def test_discarding_erases_the_file(app, client, session, clerk, campaign):
    sign_in(client, session, clerk)
    begun = upload(app, client, session, campaign, csv_of(GOOD))
    file_id = begun.file_id
    assert post(client, url(campaign, begun, "/discard")).status_code == 303
    session.refresh(begun)
    assert (begun.state, begun.file_id, begun.data_key) == (ImportState.DISCARDED, None, None)
    with pytest.raises(ObjectMissingError):
        object_store(session).chunks(object_key(file_id))
    assert session.get(StoredFile, file_id) is None


def test_nobody_decided_for_a_week(app, client, session, clerk, campaign):
    sign_in(client, session, clerk)
    begun = upload(app, client, session, campaign, csv_of(GOOD))
    services.discard_undecided(session, NOW + timedelta(days=6))
    assert begun.state is ImportState.READY
    services.discard_undecided(session, NOW + timedelta(days=8))
    session.commit()
    assert (begun.state, begun.file_id) == (ImportState.DISCARDED, None)


def test_late_rows_are_kept_and_marked(app, session, department, tmp_path):
    closes = TODAY - timedelta(days=20)
    campaign = make_campaign(
        session,
        department,
        state=CampaignState.CLOSED,
        opens_on=closes - timedelta(days=30),
        closes_on=closes,
    )
    day = (closes + timedelta(days=1)).isoformat()
    file = tmp_path / "意見.csv"
    file.write_bytes(
        csv_of(
            ("", day, "", "FAX", "", "", "", "", "遅れた意見", ""),
            ("", day, closes.isoformat(), "郵送", "", "", "", "", "消印は間に合った意見", ""),
        )
    )
    session.rollback()
    done = app.test_cli_runner().invoke(
        args=["campaigns", "load-submissions", str(campaign.id), str(file)]
    )
    assert done.exit_code == 0, done.output
    assert "2行から2通" in done.output
    late = dict(
        session.execute(
            select(Opinion.text, Submission.late).join(
                Submission, Submission.id == Opinion.submission_id
            )
        ).all()
    )
    assert late == {"遅れた意見": True, "消印は間に合った意見": False}
    again = app.test_cli_runner().invoke(
        args=["campaigns", "load-submissions", str(campaign.id), str(file)]
    )
    assert "0通を取り込みました（取り込み済み2通）" in again.output
    file.write_bytes(csv_of(("", "いつか", "", "FAX", "", "", "", "", "意見", "")))
    bad = app.test_cli_runner().invoke(
        args=["campaigns", "load-submissions", str(campaign.id), str(file)]
    )
    assert bad.exit_code == 1
    assert "2行目 「到達日」" in bad.output
    assert count(session, Submission) == 2


def test_a_web_row_gets_a_secret_that_nobody_has(app, client, session, clerk, campaign):
    sign_in(client, session, clerk)
    begun = upload(app, client, session, campaign, csv_of(SINGLE))
    post(client, url(campaign, begun, "/store"))
    work(app, session)
    receipt = session.scalars(select(Receipt)).one()
    assert receipt.channel is Channel.WEB
    assert len(receipt.secret_hash) == 64


def test_another_departments_import_does_not_exist(app, client, session, clerk, campaign):
    sign_in(client, session, clerk)
    begun = upload(app, client, session, campaign, csv_of(GOOD))
    sign_in(client, session, make_user(session, Role.CONTRIBUTOR, make_department(session, "他課")))
    assert client.get(url(campaign, begun)).status_code == 404
    assert post(client, url(campaign, begun, "/store")).status_code == 404
