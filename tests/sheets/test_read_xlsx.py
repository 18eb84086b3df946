"""Reading XLSX: what Excel shows is what comes, and what cannot be meant is refused."""

import datetime as dt
import gc
import io
import os
import zipfile

import openpyxl
import pytest
import xlsxwriter

from participation.core.errors import InvalidInput
from participation.sheets.read import read_table
from participation.sheets.table import BadRow, Limits
from tests.sheets.hostile import text_cell, workbook


def made(fill):
    """Return the bytes of a workbook that ``fill`` wrote with xlsxwriter."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        fill(book)
    return target.getvalue()


def read(data, **options):
    table = read_table(data, filename="実績.xlsx", **options)
    return table, list(table.rows)


def test_cells_come_as_excel_shows_them():
    def fill(book):
        sheet = book.add_worksheet("実績")
        day = book.add_format({"num_format": "yyyy/m/d"})
        moment = book.add_format({"num_format": "yyyy/m/d h:mm"})
        clock = book.add_format({"num_format": "h:mm"})
        span = book.add_format({"num_format": "[h]:mm"})
        sheet.write_row(0, 0, ["値", "次"])
        sheet.write_row(1, 0, [5, 5.5])
        sheet.write_row(2, 0, [0.1 + 0.2, -12345678901234])
        sheet.write_row(3, 0, [1e20, "007"])
        sheet.write_datetime(4, 0, dt.datetime(2024, 4, 1), day)  # noqa: DTZ001
        sheet.write_datetime(4, 1, dt.datetime(2024, 4, 1, 12, 30), moment)  # noqa: DTZ001
        sheet.write_datetime(5, 0, dt.time(9, 5), clock)
        sheet.write_number(5, 1, 1.5, span)
        sheet.write_boolean(6, 0, True)
        sheet.write_boolean(6, 1, False)
        sheet.write_row(7, 0, [1, "　前後　"])
        sheet.write_string(8, 0, "髙﨑𠮷①")
        sheet.write_string(8, 1, "一行目\n二行目")

    table, rows = read(made(fill))
    assert table.header == ("値", "次")
    assert (table.sheet, table.encoding, table.notes) == ("実績", None, ())
    assert rows == [
        (2, ("5", "5.5")),
        (3, ("0.3", "-12345678901234")),
        (4, ("1e+20", "007")),
        (5, ("2024-04-01", "2024-04-01 12:30:00")),
        (6, ("09:05:00", "36:00:00")),
        (7, ("TRUE", "FALSE")),
        (8, ("1", "　前後　")),
        (9, ("髙﨑𠮷①", "一行目\n二行目")),
    ]


def test_formulas_give_the_value_that_excel_had():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_formula(1, 0, "=1+1", None, 2)
        sheet.write_formula(1, 1, '=HYPERLINK("http://example.jp/","x")', None, "x")
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")

    assert read(made(fill))[1] == [(2, ("2", "x", ""))]


def test_a_formula_never_calculated_is_blank():
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["=1+1", "x"])
    target = io.BytesIO()
    book.save(target)
    assert read(target.getvalue())[1] == [(2, ("", "x"))]


def test_the_first_visible_sheet_is_read_and_the_others_are_named_in_a_note():
    def fill(book):
        book.add_worksheet("個人情報").write_row(0, 0, ["氏名"])
        book.add_worksheet("実績").write_row(0, 0, ["課名"])
        book.add_worksheet("予定").write_row(0, 0, ["課名"])
        book.get_worksheet_by_name("実績").activate()
        book.get_worksheet_by_name("実績").set_first_sheet()
        book.get_worksheet_by_name("個人情報").hide()

    table, _rows = read(made(fill))
    assert (table.sheet, table.header) == ("実績", ("課名",))
    assert table.notes == (
        "シート「実績」だけを読み取りました。ほかの2枚（うち非表示1枚）は読み取っていません。",
    )


def test_a_chart_sheet_is_no_table():
    def fill(book):
        chart = book.add_chart({"type": "bar"})
        book.add_chartsheet("グラフ").set_chart(chart)
        sheet = book.add_worksheet("表")
        sheet.write_row(0, 0, ["a"])
        chart.add_series({"values": "=表!$A$1:$A$2"})

    assert read(made(fill))[0].sheet == "表"


def test_merged_cells_are_refused_by_place():
    def fill(book):
        sheet = book.add_worksheet("実績")
        sheet.write_row(0, 0, ["課名", "内容"])
        sheet.merge_range("A2:A4", "市民協働課")

    with pytest.raises(InvalidInput, match=r"A2:A4.*結合を解除"):
        read(made(fill))


def test_blank_rows_and_columns_before_the_table_don_t_shift_the_numbers():
    rows = (
        f'<row r="3">{text_cell("C3", "課名")}{text_cell("D3", "内容")}</row>'
        f'<row r="7">{text_cell("C7", "市民協働課")}</row>'
    )
    table, found = read(workbook(rows))
    assert table.header == ("課名", "内容")
    assert found == [(7, ("市民協働課", ""))]


def test_a_nameless_column_is_named_as_excel_does():
    rows = (
        f'<row r="2">{text_cell("C2", "課名")}{text_cell("E2", "内容")}</row>'
        f'<row r="3">{text_cell("D3", "x")}</row>'
    )
    with pytest.raises(InvalidInput, match="D列の見出しが空"):
        read(workbook(rows))


def test_values_beside_the_header_are_bad_rows():
    rows = (
        f'<row r="1">{text_cell("A1", "課名")}</row>'
        f'<row r="2">{text_cell("A2", "市民協働課")}{text_cell("B2", "余り")}</row>'
        f'<row r="3">{text_cell("A3", "広報戦略課")}</row>'
    )
    with pytest.raises(BadRow, match=r"^2行目"):
        read(workbook(rows))
    problems = []
    assert read(workbook(rows), on_bad_row=problems.append)[1] == [(3, ("広報戦略課",))]
    assert [problem.line for problem in problems] == [2]


def test_furigana_is_not_part_of_the_text():
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>課</t></r><r><t>名</t></r>'
        '<rPh sb="0" eb="2"><t>カメイ</t></rPh></is></c></row>'
    )
    assert read(workbook(rows))[0].header == ("課名",)


def test_empty_workbooks_and_sheets():
    with pytest.raises(InvalidInput, match="空です"):
        read(made(lambda book: book.add_worksheet()))
    with pytest.raises(InvalidInput, match="見出しも行もありません"):
        read(workbook(f'<row r="1">{text_cell("A1", " ")}</row>'))
    table, rows = read(workbook(f'<row r="1">{text_cell("A1", "課名")}</row>'))
    assert (table.header, rows) == (("課名",), [])


def test_limits_of_rows_columns_and_characters():
    rows = "".join(f'<row r="{n}">{text_cell(f"A{n}", "x" * n)}</row>' for n in range(1, 6))
    data = workbook(rows)
    assert len(read(data, limits=Limits(rows=4))[1]) == 4
    with pytest.raises(InvalidInput, match="3行まで"):
        read(data, limits=Limits(rows=3))
    with pytest.raises(BadRow, match="5行目「x」：5文字"):
        read(data, limits=Limits(cell_characters=4))
    wide = workbook(f'<row r="1">{"".join(text_cell(f"A{c}1", "x") for c in "ABC")}</row>')
    with pytest.raises(InvalidInput, match="2列まで"):
        read(wide, limits=Limits(columns=2))
    with pytest.raises(InvalidInput, match="大きすぎます"):
        read(data, limits=Limits(file_bytes=100))


@pytest.mark.slow
def test_100_000_rows_come_in_order():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["番号", "年度"])
        for number in range(1, 100_001):
            sheet.write_row(number, 0, [f"n{number}", 2024])

    count = 0
    for line, cells in read_table(made(fill), filename="x.xlsx").rows:
        count += 1
        assert cells == (f"n{line - 1}", "2024")
    assert count == 100_000


@pytest.mark.parametrize(
    ("part", "advice"),
    [
        ("xl/workbook.bin", "xlsb"),
        ("content.xml", "ods"),
        ("Index/Document.iwa", "numbers"),
        ("word/document.xml", "Word"),
        ("photo.jpg", "Excelファイルではありません"),
    ],
)
def test_other_archives_are_refused_with_advice(part, advice):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(InvalidInput, match=advice):
        read(target.getvalue())


def test_a_macro_workbook_is_read_as_a_table():
    cells = f'<row r="1">{text_cell("A1", "課名")}</row>'
    data = workbook(cells, more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    assert read(data)[0].header == ("課名",)


@pytest.mark.slow
def test_leaving_off_early_leaves_nothing_open():
    cells = "".join(f'<row r="{n}">{text_cell(f"A{n}", "x")}</row>' for n in range(1, 2000))
    data = workbook(cells)
    gc.collect()  # what earlier tests left behind is not counted
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for taken in (0, 1):
        table = read_table(data, filename="x.xlsx")
        for _ in range(taken):
            next(table.rows)
        del table
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
