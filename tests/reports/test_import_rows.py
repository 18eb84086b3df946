"""Rows of a file of entries: what is accepted, and how each fault is named. No database."""

import gc

import pytest

from participation.core.errors import InvalidInput
from participation.reports.models import EntryKind
from participation.reports.services.import_rows import (
    Directory,
    UnknownDepartment,
    read_rows,
)
from participation.sheets.checking import KEPT_PROBLEMS, Memo
from participation.sheets.read import read_table
from participation.sheets.write_csv import write_csv

HEADER = ("item_id", "fiscal_year", "kind", "department", "text", "activity_type")
GOOD = ("1-1", "R5", "result", "市民協働課", "会議を開催した。", "meeting")


def department(name: str, _year: int) -> int:
    if name == "二つある課":
        raise InvalidInput("同じ名称の課が複数あり、どの課か決められません。")
    if name not in {"市民協働課", "青少年課"}:
        raise UnknownDepartment("この名称の課は登録されていません。")
    return {"市民協働課": 1, "青少年課": 2}[name]


def read(*rows, header=HEADER, **directory):
    data = write_csv(header, rows, encoding="utf-8-sig").data
    bad = []
    table = read_table(data, filename="x.csv", on_bad_row=bad.append)
    known = Directory(items={"1-1": 11, "1-2": 12}, department=department, **directory)
    return read_rows(table, bad, known)


def reasons(findings):
    return [(problem.row, problem.column, problem.reason) for problem in findings.problems]


def test_a_good_row():
    found = read(GOOD)
    (row,) = found.rows
    assert (row.line, row.text, row.nothing, row.activity_type) == (
        2,
        "会議を開催した。",
        False,
        "meeting",
    )
    place = row.place
    assert (place.item_id, place.department_id, place.kind, place.fiscal_year) == (
        11,
        1,
        EntryKind.RESULT,
        2023,
    )
    assert (found.total, found.bad_lines, found.problems) == (1, 0, [])


@pytest.mark.parametrize(
    "header",
    [
        ("項目番号", "年度", "種別", "担当課", "内容"),
        ("項目番号", "年度（西暦）", "実績・予定", "課名", "取り組み内容"),
        ("項目番号", "年度(西暦)", "実績／予定", "課", "取組内容"),
        ("ITEM_ID", "Fiscal_Year", "KIND", "Department", "TEXT"),
    ],
)
def test_headers_people_write(header):
    assert len(read(GOOD[:5], header=header).rows) == 1


def test_other_columns_do_not_disturb():
    header = (*HEADER[:3], "備考", *HEADER[3:])
    assert len(read((*GOOD[:3], "メモ", *GOOD[3:]), header=header).rows) == 1


def test_a_missing_column_is_named():
    with pytest.raises(InvalidInput, match="担当課"):
        read(GOOD[:3] + GOOD[4:], header=HEADER[:3] + HEADER[4:])


@pytest.mark.parametrize(
    ("year", "kind", "expected"),
    [
        ("R5", "result", (EntryKind.RESULT, 2023)),
        ("令和５年度", "実績", (EntryKind.RESULT, 2023)),
        ("2023", "取り組み実績", (EntryKind.RESULT, 2023)),
        ("令和元年度", "予定", (EntryKind.PLAN, 2019)),
        ("H31", "ＰＬＡＮ", (EntryKind.PLAN, 2019)),
        (" R6 ", "取組予定", (EntryKind.PLAN, 2024)),
    ],
)
def test_years_and_kinds_people_write(year, kind, expected):
    (row,) = read((GOOD[0], year, kind, *GOOD[3:])).rows
    assert (row.place.kind, row.place.fiscal_year) == expected


@pytest.mark.parametrize(
    "text", ["該当なし", "該当なし。", "該当無し", "（該当なし）", " 該当なし "]
)
def test_an_explicit_nothing(text):
    (row,) = read((*GOOD[:4], text, "")).rows
    assert (row.nothing, row.text) == (True, "")


def test_a_text_that_only_speaks_of_nothing_is_a_text():
    (row,) = read((*GOOD[:4], "該当なしと答えた課へ聞き取りを行った。", "")).rows
    assert not row.nothing


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (0, "", "項目番号が空です。"),
        (0, "9-9", "この番号の項目は指針にありません。"),
        (0, "2001-01-01", "項目番号が日付に変わっています"),
        (0, "1月1日", "項目番号が日付に変わっています"),
        (1, "", "年度が空です。"),
        (1, "そのうち", "年度として読み取れません"),
        (2, "", "「実績」か「予定」"),
        (2, "結果", "「実績」か「予定」"),
        (3, "", "課名が空です。"),
        (3, "まぼろし課", "この名称の課は登録されていません。"),
        (3, "二つある課", "同じ名称の課が複数あり"),
        (4, "", "内容が空です"),
        (4, " \n　", "内容が空です"),
        (4, "あ" * 4001, "4,001文字です。4,000文字以内"),
        (5, "あ" * 61, "60文字以内"),
    ],
)
def test_each_fault_has_its_row_column_and_reason(column, value, reason):
    row = list(GOOD)
    row[column] = value
    found = read(GOOD, row)
    assert (len(found.rows), found.total, found.bad_lines) == (1, 2, 1)
    (problem,) = found.problems
    assert (problem.row, problem.column) == (3, HEADER[column])
    assert problem.reason.startswith(reason)
    assert len(problem.value) <= 81


def test_all_faults_of_a_row_are_named_at_once():
    found = read(("9-9", "いつか", "なにか", "", "", ""))
    assert [problem.column for problem in found.problems] == list(HEADER[:5])
    assert found.bad_lines == 1


def test_unknown_departments_are_collected_with_their_first_year():
    found = read(
        ("1-1", "R5", "result", "まぼろし課", "あ", ""),
        ("1-1", "R4", "result", "まぼろし課", "い", ""),
        ("1-1", "R5", "result", "新しい課", "う", ""),
    )
    assert found.unknown_departments == {"まぼろし課": 2022, "新しい課": 2023}
    assert found.bad_lines == 3


def test_a_row_without_an_entry_is_passed_over():
    found = read(("1-2", "", "", "", "", ""), GOOD)
    assert (found.total, found.bad_lines, len(found.rows)) == (1, 0, 1)


def test_rows_that_the_sheet_refuses_are_counted_with_the_others():
    data = (
        write_csv(HEADER, [GOOD], encoding="utf-8-sig").data + b"1-1,R5,result,x,y,z,too,many\r\n"
    )
    bad = []
    table = read_table(data, filename="x.csv", on_bad_row=bad.append)
    found = read_rows(table, bad, Directory(items={"1-1": 1}, department=department))
    assert (found.total, found.bad_lines) == (2, 1)
    assert found.problems[0].row == 3


def test_another_department_is_refused_always_and_a_closed_year_only_for_new_rows():
    allowed = {"departments": frozenset({1}), "columns": frozenset({(EntryKind.PLAN, 2024)})}
    found = read(
        ("1-1", "R6", "plan", "市民協働課", "よい", ""),
        ("1-1", "R5", "result", "市民協働課", "年度が違う", ""),
        ("1-1", "R6", "plan", "青少年課", "課が違う", ""),
        **allowed,
    )
    assert reasons(found) == [(4, "department", "ほかの課の記載は取り込めません。")]
    doubtful = [row.text for row in found.rows if row.place in found.doubts]
    assert doubtful == ["年度が違う"]


def test_a_department_that_has_ended_is_doubted():
    found = read(GOOD, ("1-1", "R7", "plan", "市民協働課", "まだある", ""), last_years={1: 2024})
    assert [row.text for row in found.rows if row.place in found.doubts] == ["まだある"]
    ((_, _, reason),) = found.doubts.values()
    assert "令和6年度で終わっています" in reason


def test_problems_are_counted_all_but_kept_up_to_a_number():
    found = read(*[("9-9", *GOOD[1:])] * (KEPT_PROBLEMS + 5))
    assert found.bad_lines == KEPT_PROBLEMS + 5
    assert len(found.problems) == KEPT_PROBLEMS


def test_hostile_cells_stay_text():
    nasty = "=cmd|' /C calc'!A0"
    (row,) = read((*GOOD[:4], nasty, "+1")).rows
    assert (row.text, row.activity_type) == (nasty, "+1")
    (problem,) = read(("<script>\x07", *GOOD[1:])).problems
    assert problem.value == "<script>"


def test_what_cells_were_looked_up_in_goes_with_the_reading():
    """Hundreds of thousands of cells need not wait for the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        found = read(GOOD, ("9-9", *GOOD[1:]), (*GOOD[:3], "ない課", *GOOD[4:]))
        left = [each for each in gc.get_objects() if isinstance(each, Memo)]
    finally:
        gc.enable()
    assert len(found.rows) == 1
    assert found.bad_lines == 2
    assert left == []
