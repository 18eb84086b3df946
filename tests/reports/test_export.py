"""Exports: what leaves the system can come back without changing anything."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from sqlalchemy import select

from participation.core import clock
from participation.core.actors import system_actor
from participation.departments.services import rename_department
from participation.reports import export
from participation.reports.models import Entry, EntryKind, EntryState
from participation.reports.queries import exports as queries
from participation.reports.queries.entries import LIVE
from participation.reports.services import entry_import
from participation.sheets.read import read_table
from tests.factories import sign_in
from tests.reports.small_report import small_snapshot
from tests.reports.test_import import NASTY
from tests.reports.world import NOW, World, make_world


@pytest.fixture
def world(session) -> World:
    return make_world(session, now=clock.now())


def fill(world):
    for text in NASTY:
        world.old_entry(text, kind=EntryKind.RESULT)
    world.old_entry("", code="1-2", kind=EntryKind.PLAN, year=2024)
    world.old_entry("青少年課の予定", code="2-1", department=world.other, state=EntryState.DRAFT)
    world.old_entry("取り下げた", state=EntryState.WITHDRAWN)


def exported(world, years=(2023, 2024), departments=None, states=LIVE):
    return list(
        queries.exported_entries(
            world.session, years, department_ids=departments, states=states, now=NOW
        )
    )


def living(world):
    return [
        (e.id, e.text, e.nothing, e.state, e.version, e.position, e.updated_at)
        for e in world.session.scalars(select(Entry).order_by(Entry.id))
    ]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_read_back_changes_nothing(world, form):
    fill(world)
    before = living(world)
    entries = exported(world)
    assert len(entries) == len(NASTY) + 2
    data = (
        export.entries_csv(entries, encoding="utf-8-sig").data
        if form == "csv"
        else export.entries_xlsx(entries, created=NOW)
    )
    table = read_table(data, filename=f"x.{form}")
    assert table.header == export.ENTRY_HEADER
    texts = [cells[6] for _, cells in table.rows if cells[8] == "確認済" and cells[4] == "実績"]
    assert texts == list(NASTY)
    batch = entry_import.import_file(
        world.session,
        data,
        filename="x",
        entry_state=EntryState.CONFIRMED,
        create_departments=False,
        actor=system_actor("test"),
        now=NOW,
    )
    assert (batch.new_rows, batch.known_rows) == (0, len(NASTY) + 2)
    assert living(world) == before


def test_cp932_says_what_it_lacks_and_the_rest_comes_back(world):
    world.old_entry("髙﨑①Ⅳ㈱～〜−－と𠮷", kind=EntryKind.RESULT)
    world.old_entry("ふつうの文〜−", kind=EntryKind.RESULT)
    result = export.entries_csv(exported(world), encoding="cp932")
    assert result.replaced == ("𠮷",)
    batch = entry_import.import_file(
        world.session,
        result.data,
        filename="x",
        entry_state=EntryState.CONFIRMED,
        create_departments=False,
        actor=system_actor("test"),
        now=NOW,
    )
    assert (batch.known_rows, batch.new_rows) == (1, 1)


def test_the_words_are_those_of_the_year(world):
    rename_department(
        world.session,
        world.department,
        name="企画戦略課",
        division="",
        valid_from=date(2023, 4, 1),
        actor=system_actor("test"),
        now=NOW,
    )
    world.old_entry("旧", kind=EntryKind.RESULT, year=2022)
    world.old_entry("新", kind=EntryKind.RESULT, year=2023)
    rows = [export.entry_row(entry) for entry in exported(world, years=[2022, 2023])]
    assert [(row[2], row[3], row[5]) for row in rows] == [
        (2022, "令和4年度", "経営企画課"),
        (2023, "令和5年度", "企画戦略課"),
    ]
    assert rows[0][:2] == ("1-1", "アンケート")


def test_filters(world):
    fill(world)
    assert {e.department for e in exported(world, departments={world.other.id})} == {"青少年課"}
    assert [e.text for e in exported(world, states=(EntryState.WITHDRAWN,))] == ["取り下げた"]
    assert [e.nothing for e in exported(world, years=[2024])] == [True]


def test_the_workbook_has_no_formula_and_no_link(world):
    fill(world)
    book = openpyxl.load_workbook(io.BytesIO(export.entries_xlsx(exported(world), created=NOW)))
    for row in book.active.iter_rows():
        for cell in row:
            assert cell.data_type in {"s", "n"}
            assert cell.hyperlink is None


# --- of a report ---


def test_one_line_a_statement_and_one_datum_a_cell():
    snapshot = small_snapshot(depth=2)
    text = export.report_csv(snapshot, encoding="utf-8-sig").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    statements = sum(len(cell) for item in snapshot.items() for cell in item.cells)
    assert len(rows) == statements + 1  # and the item that has none
    first = rows[0]
    assert first == {
        "項目番号": "1-1",
        "見出し1": "1　見出し1",
        "見出し2": "◎いちばん下の見出し",
        "基本的な取り組み": "市民会議",
        "指針の記載内容": "適切なテーマを選び、活用",
        "区分": "Ⅱ",
        "対応方針": "担当課で進める。",
        "区分（2）": "Ⅲ",
        "対応方針（2）": "各課で行う。",
        "年度（西暦）": "2021",
        "年度（和暦）": "令和3年度",
        "実績・予定": "実績",
        "担当課": "見本課",
        "内容": "市民会議を３回開催した。",
    } | {"年度（西暦）": first["年度（西暦）"], "年度（和暦）": first["年度（和暦）"]}
    assert (first["年度（西暦）"], first["年度（和暦）"]) == ("2022", "令和4年度")
    assert rows[-1]["項目番号"] == "1-3"
    assert rows[-1]["内容"] == rows[-1]["担当課"] == ""


def test_the_same_report_gives_the_same_bytes():
    snapshot = small_snapshot()
    assert export.report_xlsx(snapshot, created=NOW) == export.report_xlsx(snapshot, created=NOW)


def test_the_workbook_explains_itself():
    book = openpyxl.load_workbook(
        io.BytesIO(export.report_xlsx(small_snapshot(), created=NOW)), read_only=True
    )
    assert book.sheetnames == ["取り組み", "区分の説明", "この資料について"]
    assert [cell.value for cell in next(book["区分の説明"].iter_rows(min_row=2))] == [
        "Ⅱ",
        "担当課で進める。",
    ]
    assert book.properties.title == "『見本市市民参加指針』の進捗状況"
    book.close()


# --- in the browser ---


def get_file(client, **arguments):
    return client.get("/staff/reports/export/file", query_string=arguments)


def test_staff_save_what_is_within_their_rights(client, world):
    fill(world)
    sign_in(client, world.session, world.writer)
    page = client.get("/staff/reports/export")
    assert page.status_code == 200
    assert "青少年課" not in page.text
    answer = get_file(client, format="csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = answer.data.decode("utf-8-sig")
    assert "青少年課の予定" not in text
    assert "1-2" in text
    assert get_file(client, format="csv", department=world.other.id).status_code == 404
    sign_in(client, world.session, world.coordinator)
    assert "青少年課の予定" in get_file(client, format="csv").data.decode("utf-8-sig")
    xlsx = get_file(client, format="xlsx", year="2024", department=world.department.id)
    rows = [cells for _, cells in read_table(xlsx.data, filename="x.xlsx").rows]
    assert [row[6] for row in rows] == ["該当なし"]


def test_before_a_cp932_file_the_lost_characters_are_shown(client, world):
    world.old_entry("𠮷野と😀", kind=EntryKind.RESULT)
    sign_in(client, world.session, world.coordinator)
    page = get_file(client, format="csv-cp932", year="2023")
    assert page.mimetype == "text/html"
    assert "𠮷" in page.text
    assert "😀" in page.text
    answer = get_file(client, format="csv-cp932", year="2023", accept="1")
    assert "〓野と〓" in answer.data.decode("cp932")


def test_the_query_cannot_steer_the_links(client, world):
    world.old_entry("𠮷", kind=EntryKind.RESULT)
    sign_in(client, world.session, world.coordinator)
    page = get_file(client, format="csv-cp932", _scheme="javascript", _external="1", _anchor="x")
    assert "javascript:" not in page.text


@pytest.mark.parametrize(
    "arguments",
    [
        {"format": "exe"},
        {"format": "csv", "year": "1066"},
        {"format": "csv", "state": "x"},
        {"format": "csv", "department": "x"},
        {"format": "csv", "department": "999999999999999999999"},
    ],
)
def test_other_arguments_are_refused(client, world, arguments):
    sign_in(client, world.session, world.coordinator)
    assert get_file(client, **arguments).status_code == 404
