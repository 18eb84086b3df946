"""Importing in the browser: upload, preview, a yes or a no; what hostile files get."""

import io
import re

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from participation.core import clock
from participation.jobs.worker import run_pending
from participation.reports.models import Entry, EntryState, ImportBatch, ImportState
from participation.sheets.read import read_table
from participation.sheets.write_csv import write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx
from tests.factories import csrf, post, sign_in
from tests.reports.world import World, make_world
from tests.sheets.hostile import bomb, workbook

HEADER = ("項目番号", "年度", "実績・予定", "担当課", "内容")
GOOD = ("1-1", "R5", "実績", "経営企画課", "会議を開催した。")
HOSTILE = "<script>alert(1)</script> & {{ 7*7 }}"


@pytest.fixture
def world(session) -> World:
    return make_world(session, now=clock.now())


def table(*rows):
    return write_csv(HEADER, rows, encoding="utf-8-sig").data


def upload(client, data, *, name="記載.csv", **fields):
    file = FileStorage(io.BytesIO(data), filename=name)
    values = {"csrf_token": csrf(client), "file": file, **fields}
    # Encoded here: the client itself would leave a temporary file open.
    boundary, body = encode_multipart(values)
    return client.post(
        "/staff/reports/imports/new",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def send(app, client, world, data, *, name="記載.csv", user=None, **fields):
    """Upload as ``user``, let the worker read, and return the batch."""
    sign_in(client, world.session, user or world.coordinator)
    if user is None:
        fields = {"state": "confirmed", **fields}
    answer = upload(client, data, name=name, **fields)
    assert answer.status_code == 303, answer.text
    assert "/staff/jobs/" in answer.location
    work(app, world)
    return world.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()


def work(app, world):
    """Let the worker do what waits; our own transaction would keep it from writing."""
    world.session.rollback()
    run_pending(app)


def count(world):
    world.session.rollback()
    found = world.session.scalar(select(func.count()).select_from(Entry))
    world.session.rollback()
    return found


def page_of(client, batch):
    return client.get(f"/staff/reports/imports/{batch.id}")


def test_upload_preview_and_store(app, client, world):
    batch = send(app, client, world, table(GOOD, (*GOOD[:4], HOSTILE)))
    assert batch.state is ImportState.READY
    page = page_of(client, batch)
    assert page.status_code == 200
    assert "新しい記載が2件あります" in page.text
    assert "「確認済」の状態で取り込みます" in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "{{ 7*7 }}" in page.text
    assert count(world) == 0
    answer = post(client, f"/staff/reports/imports/{batch.id}/store")
    assert answer.status_code == 303
    assert count(world) == 0
    work(app, world)
    assert count(world) == 2
    page = page_of(client, batch)
    assert "2件を取り込みました" in page.text
    listing = client.get("/staff/reports/imports").text
    assert "記載.csv" in listing
    assert "取り込み済み" in listing
    # The job's page goes on to the batch.
    assert client.get(answer.location).location == f"/staff/reports/imports/{batch.id}"


def test_storing_asks_once(app, client, world):
    batch = send(app, client, world, table(GOOD))
    assert post(client, f"/staff/reports/imports/{batch.id}/store").status_code == 303
    assert "進み具合を見る" in page_of(client, batch).text
    assert post(client, f"/staff/reports/imports/{batch.id}/store").status_code == 409
    assert post(client, f"/staff/reports/imports/{batch.id}/discard").status_code == 409
    work(app, world)
    assert post(client, f"/staff/reports/imports/{batch.id}/store").status_code == 409
    assert count(world) == 1


def test_the_same_file_again_has_nothing_new(app, client, world):
    batch = send(app, client, world, table(GOOD))
    post(client, f"/staff/reports/imports/{batch.id}/store")
    work(app, world)
    again = send(app, client, world, table(GOOD))
    page = page_of(client, again)
    assert "新しい記載はありません" in page.text
    assert "/store" not in page.text


def test_bad_rows_are_shown_and_can_be_saved_as_a_workbook(app, client, world):
    batch = send(app, client, world, table(GOOD, ("9-9", *GOOD[1:]), (*GOOD[:3], HOSTILE, "x")))
    assert batch.state is ImportState.REFUSED
    page = page_of(client, batch)
    assert "このファイルは取り込めません" in page.text
    assert "この番号の項目は指針にありません。" in page.text
    assert "<script>alert" not in page.text
    assert "/store" not in page.text
    answer = client.get(f"/staff/reports/imports/{batch.id}/problems.xlsx")
    rows = [cells for _, cells in read_table(answer.data, filename="x.xlsx").rows]
    assert rows[0] == ("3", "項目番号", "9-9", "この番号の項目は指針にありません。")
    assert rows[1][:3] == ("4", "担当課", HOSTILE)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert post(client, f"/staff/reports/imports/{batch.id}/store").status_code == 409
    assert count(world) == 0


def test_discarding(app, client, world):
    batch = send(app, client, world, table(GOOD))
    assert post(client, f"/staff/reports/imports/{batch.id}/discard").status_code == 303
    assert "取りやめ" in client.get("/staff/reports/imports").text
    assert post(client, f"/staff/reports/imports/{batch.id}/store").status_code == 409
    assert count(world) == 0


def test_a_contributor_sees_the_form_for_the_own_department(app, client, world):
    year = world.round.fiscal_year
    batch = send(
        app,
        client,
        world,
        table((GOOD[0], str(year - 1), *GOOD[2:])),
        user=world.writer,
        department=str(world.department.id),
    )
    form = client.get("/staff/reports/imports/new").text
    assert "経営企画課" in form
    assert "青少年課" not in form
    assert "確定した内容として" not in form
    assert (batch.state, batch.entry_state) == (ImportState.READY, EntryState.DRAFT)
    # A colleague may go on with it, another department must not even see it.
    sign_in(client, world.session, world.colleague)
    assert page_of(client, batch).status_code == 200
    sign_in(client, world.session, world.stranger)
    for answer in (
        page_of(client, batch),
        post(client, f"/staff/reports/imports/{batch.id}/store"),
        post(client, f"/staff/reports/imports/{batch.id}/discard"),
        client.get(f"/staff/reports/imports/{batch.id}/problems.xlsx"),
    ):
        assert answer.status_code == 404
    assert "記載.csv" not in client.get("/staff/reports/imports").text
    world.session.rollback()
    world.session.refresh(batch)
    assert batch.state is ImportState.READY


def test_a_contributor_does_not_see_the_whole_citys_imports(app, client, world):
    batch = send(app, client, world, table(GOOD))
    sign_in(client, world.session, world.writer)
    assert page_of(client, batch).status_code == 404
    assert "記載.csv" not in client.get("/staff/reports/imports").text


def test_a_posted_department_of_others_is_refused(client, world):
    sign_in(client, world.session, world.writer)
    answer = upload(client, table(GOOD), department=str(world.other.id))
    assert answer.status_code == 200
    assert world.session.scalar(select(func.count()).select_from(ImportBatch)) == 0
    # and a state that the form does not offer is not listened to
    upload(client, table(GOOD), department=str(world.department.id), state="confirmed")
    world.session.rollback()
    batch = world.session.scalars(select(ImportBatch)).one()
    assert batch.entry_state is EntryState.DRAFT


@pytest.mark.parametrize("who", ["auditor", None])
def test_others_may_not_import(client, world, who):
    if who:
        sign_in(client, world.session, getattr(world, who))
    answer = client.get("/staff/reports/imports")
    assert answer.status_code == (403 if who else 303)


def test_without_a_file_the_form_says_so(client, world):
    sign_in(client, world.session, world.coordinator)
    answer = post(client, "/staff/reports/imports/new", {"state": "draft"})
    assert answer.status_code == 200
    assert "ファイルを選んでください" in answer.text


UTF16 = "項目番号,年度\r\n".encode("utf-16")
BROKEN = HEADER[0].encode() + b"\r\n\x81\xff\xfe\x82"


@pytest.mark.parametrize(
    "case",
    [
        (b"", "空.csv", "空です"),
        (UTF16, "記載.csv", "UTF-16"),
        (BROKEN, "記載.csv", "CP932"),
        (b"%PDF-1.7 ...", "記載.xlsx", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "記載.xls", "古いExcel"),
        (b"PK\x03\x04 not a workbook", "記載.xlsx", "記載.xlsx"),
        (b"<html><table></table></html>", "記載.xls", "HTML"),
        (table(GOOD).replace("内容".encode(), "本文".encode()), "記載.csv", "必要な列がありません"),
        (table(GOOD) + b'1-1,R5,"', "記載.csv", "引用符"),
    ],
)
def test_files_that_cannot_be_read_get_a_clear_answer(app, client, world, case):
    data, name, words = case
    batch = send(app, client, world, data, name=name)
    assert batch.state is ImportState.REFUSED
    page = page_of(client, batch)
    assert page.status_code == 200
    assert words in page.text
    assert count(world) == 0


@pytest.mark.slow
def test_a_workbook_that_inflates_to_a_gigabyte_is_refused(app, client, world):
    data = bomb(1 << 30)
    assert len(data) < 4 << 20
    batch = send(app, client, world, data, name="爆弾.xlsx")
    assert batch.state is ImportState.REFUSED
    (problem,) = batch.problems
    assert re.search("大き|展開|多すぎ", problem["reason"]), problem


def test_formulas_give_their_value_and_control_characters_go(app, client, world):
    cells = "".join(
        f'<c r="{"ABCDE"[i]}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for i, name in enumerate(HEADER)
    )
    values = "".join(
        f'<c r="{"ABCD"[i]}2" t="inlineStr"><is><t>{value}</t></is></c>'
        for i, value in enumerate(GOOD[:4])
    )
    formula = (
        '<c r="E2" t="str"><f>CONCATENATE("会議","_x0007_")</f><v>会議_x0007_を開催した。</v></c>'
    )
    data = workbook(f'<row r="1">{cells}</row><row r="2">{values}{formula}</row>')
    batch = send(app, client, world, data, name="数式.xlsx")
    assert batch.state is ImportState.READY, batch.problems
    post(client, f"/staff/reports/imports/{batch.id}/store")
    work(app, world)
    text = world.session.scalars(select(Entry.text)).one()
    assert "会議" in text
    assert "\x07" not in text
    assert "CONCATENATE" not in text


def test_other_sheets_are_mentioned(app, client, world):
    created = clock.now()
    data = write_xlsx(
        [Sheet("記載", HEADER, [GOOD]), Sheet("メモ", ("a",), [("b",)])], title="", created=created
    )
    batch = send(app, client, world, data, name="記載.xlsx")
    assert "シート「記載」だけを読み取りました" in page_of(client, batch).text


def test_a_hostile_file_name_is_only_text(app, client, world):
    batch = send(app, client, world, table(GOOD), name="../../<img src=x>.csv")
    page = page_of(client, batch)
    assert "<img" not in page.text
    assert "&lt;img src=x&gt;.csv" in page.text
