"""Our own exports: safe to open, the same bytes every time, and importable without a change."""

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta, timezone

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participation.core.errors import InvalidInput
from participation.core.text import same_text
from participation.sheets.read import read_table
from participation.sheets.write_csv import write_csv
from participation.sheets.write_xlsx import Sheet, continued, write_xlsx

CREATED = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
# What a clean text may hold, with what troubles spreadsheets over-represented.
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffe\uffff"), max_size=30),
    st.text("'=+-@＝＋－＠−–\t\r\n\",;_x0005F髙﨑𠮷〜 　\x01\x0b\x1f\x7f", max_size=12),
    st.lists(st.sampled_from(["_", "x", "0001", "005F", "_x000D_", "<r>", "</r>", "<t>", "a"])).map(
        "".join
    ),
    st.sampled_from(["_x0041_", "_x005F_x0041_", "_x000D_", "{=1}", "http://example.jp", "007"]),
)
TABLES = st.lists(
    st.tuples(st.just("行"), TEXTS, TEXTS), min_size=1, max_size=5
)  # the first cell keeps a row from being blank
HEADER = ("種", "内容", "備考")


def csv_rows(data):
    return [cells for _, cells in read_table(data, filename="x.csv").rows]


def xlsx_rows(data):
    return [cells for _, cells in read_table(data, filename="x.xlsx").rows]


def one_sheet(rows, **more):
    sheet = Sheet("実績", HEADER, rows, **more)
    return write_xlsx([sheet], title="進捗状況", created=CREATED)


@given(TABLES)
def test_utf8_csv_gives_every_text_back(rows):
    result = write_csv(HEADER, rows, encoding="utf-8-sig")
    assert csv_rows(result.data) == rows
    assert result.replaced == ()


@given(TABLES)
def test_cp932_csv_gives_back_what_it_can_and_says_what_it_cannot(rows):
    result = write_csv(HEADER, rows, encoding="cp932")
    back = csv_rows(result.data)
    if not result.replaced:
        assert all(
            same_text(a, b)
            for ra, rb in zip(rows, back, strict=True)
            for a, b in zip(ra, rb, strict=True)
        )
    # Once through CP932, nothing changes any more.
    again = write_csv(HEADER, back, encoding="cp932")
    assert (again.data, again.replaced) == (result.data, ())


@pytest.mark.slow
@settings(max_examples=40)
@given(TABLES)
def test_xlsx_gives_every_text_back(rows):
    assert xlsx_rows(one_sheet(rows)) == rows


@given(TABLES, st.sampled_from(["utf-8-sig", "cp932"]))
def test_no_cell_of_a_csv_begins_a_formula(rows, encoding):
    data = write_csv(HEADER, rows, encoding=encoding).data
    for row in csv.reader(io.StringIO(data.decode(encoding), newline="")):
        for cell in row:
            assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


def test_a_csv_for_excel_has_bom_and_crlf():
    data = write_csv(("課名", "内容"), [("髙﨑課", "a\nb")], encoding="utf-8-sig").data
    assert data == b"\xef\xbb\xbf" + '課名,内容\r\n髙﨑課,"a\nb"\r\n'.encode()


def test_cp932_lists_what_it_lacks():
    result = write_csv(("a",), [("𠮷野〜😀",), ("😀髙",)], encoding="cp932")
    assert result.data.decode("cp932") == "a\r\n〓野～〓\r\n〓髙\r\n"
    assert result.replaced == ("😀", "𠮷")


def test_numbers_are_written_as_numbers():
    assert write_csv(("a", "b"), [(-5, "-5")], encoding="utf-8-sig").data.endswith(b"-5,'-5\r\n")
    page = openpyxl.load_workbook(io.BytesIO(one_sheet([(-5, "-5", "")]))).active
    assert (page["A2"].value, page["B2"].value) == (-5, "-5")


@pytest.mark.parametrize(
    "write", [one_sheet, lambda rows: write_csv(HEADER, rows, encoding="cp932")]
)
def test_a_row_of_another_length_is_the_caller_s_mistake(write):
    with pytest.raises(ValueError, match="2 cells under 3 columns"):
        write([("a", "b")])


@pytest.mark.parametrize("unfit", ["\0", "\ud800", "a\udfffb"])
def test_what_no_file_can_hold_does_not_break_an_export(unfit):
    rows = [("行", unfit, "")]
    expected = unfit.replace("\0", "\ufffd").replace("\ud800", "\ufffd").replace("\udfff", "\ufffd")
    assert csv_rows(write_csv(HEADER, rows, encoding="utf-8-sig").data)[0][1] == expected
    assert xlsx_rows(one_sheet(rows))[0][1] == expected
    assert write_csv(HEADER, rows, encoding="cp932").replaced == ("\ufffd",)


def test_noncharacters_do_not_break_a_workbook():
    assert xlsx_rows(one_sheet([("行", "a\ufffeb\uffff", "")]))[0][1] == "a\ufffdb\ufffd"


HOSTILE = [
    "=1+1",
    "=cmd|'/c calc'!A1",
    "{=SUM(A1)}",
    "http://example.jp/",
    "mailto:a@example.jp",
    "file:///etc/passwd",
    "internal:Sheet1!A1",
    "+1",
    "@x",
    "123",
    "1e5",
]


def test_in_a_workbook_every_text_is_a_text_and_nothing_is_linked():
    data = one_sheet([("行", text, "") for text in HOSTILE])
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    for row, text in enumerate(HOSTILE, start=2):
        cell = page.cell(row, 2)
        assert (cell.value, cell.hyperlink) == (text, None)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        assert not [name for name in archive.namelist() if "externalLink" in name]


def test_a_text_that_looks_like_markup_opens_no_cell():
    evil = (
        '<r><t>a</t></r></is></c><c r="C2"><f>HYPERLINK("http://example.jp/","x")</f><v>0</v></c>'
        '<c r="D2" t="inlineStr"><is><r><t>x</t></r>'
    )
    data = one_sheet([("行", evil, "")])
    assert xlsx_rows(data) == [("行", evil, "")]
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.data_type for cell in page[2]] == ["s", "s", "n"]
    assert page["C2"].value is None


def test_the_same_input_gives_the_same_bytes():
    rows = [("行", f"内容{n}", "") for n in range(300)]
    assert one_sheet(rows) == one_sheet(iter(rows))


def test_the_moment_of_creation_is_the_given_one_in_utc():
    tokyo = CREATED.astimezone(timezone(timedelta(hours=9)))
    data = write_xlsx([Sheet("a", ("x",), ())], title="題名", created=tokyo)
    assert data == write_xlsx([Sheet("a", ("x",), ())], title="題名", created=CREATED)
    properties = openpyxl.load_workbook(io.BytesIO(data)).properties
    assert (properties.title, properties.created) == ("題名", CREATED.replace(tzinfo=None))
    assert properties.modified == CREATED.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        write_xlsx([], title="a", created=CREATED.replace(tzinfo=None))


def test_a_sheet_is_ready_to_work_with():
    book = openpyxl.load_workbook(
        io.BytesIO(one_sheet([("行", "長い文章", "")] * 3, widths=(8, 60)))
    )
    page = book.active
    assert page.title == "実績"
    assert page["A1"].font.bold
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:C4"
    assert page["B2"].alignment.wrap_text
    assert page["B2"].alignment.vertical == "top"
    assert round(page.column_dimensions["B"].width) in {60, 61}
    assert page.print_title_rows == "$1:$1"
    assert page.page_setup.orientation == "landscape"


def test_sheet_names_are_made_to_fit():
    names = ["R5/R6 [実績]", "R5:R6 (実績)", "長" * 40, "長" * 41, "", "'a'", "A"]
    data = write_xlsx([Sheet(name, ("x",), ()) for name in names], title="a", created=CREATED)
    made = openpyxl.load_workbook(io.BytesIO(data)).sheetnames
    assert made == [
        "R5・R6 ・実績・",
        "R5・R6 (実績)",
        "長" * 31,
        "長" * 28 + "（2）",
        "Sheet",
        "a",
        "A（2）",
    ]


def test_a_text_longer_than_a_cell_is_refused_by_its_place():
    assert xlsx_rows(one_sheet([("行", "あ" * 32_767, "")]))[0][1] == "あ" * 32_767
    assert len(xlsx_rows(one_sheet([("行", "𠮷" * 16_383, "")]))[0][1]) == 16_383
    for text in ("あ" * 32_768, "𠮷" * 16_384):
        with pytest.raises(InvalidInput, match="「実績」のB3セル"):
            one_sheet([("行", "", ""), ("行", text, "")])


def test_a_refused_export_leaves_no_scratch_files(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(InvalidInput):
        one_sheet([("行", "あ" * 40_000, "")])
    assert list(tmp_path.iterdir()) == []


def test_a_long_export_is_written_row_by_row():
    rows = [("行", f"=市民参加{n}", "続き\n次") for n in range(20_000)]
    assert xlsx_rows(one_sheet(iter(rows))) == rows
    assert csv_rows(write_csv(HEADER, iter(rows), encoding="cp932").data) == rows


@pytest.mark.parametrize("number", [0, 1, 3, 4, 6, 7])
def test_a_sheet_that_is_full_goes_on_in_another_of_its_name(number):
    rows = [("行", str(index), "") for index in range(number)]
    data = write_xlsx(
        continued(Sheet("意見", HEADER, iter(rows)), most=3), title="意見", created=CREATED
    )
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["意見", "意見（2）", "意見（3）"][: max(1, -(-number // 3))]
    found = []
    for sheet in book:
        head, *lines = sheet.iter_rows(values_only=True)
        assert head == HEADER
        assert len(lines) <= 3
        found += [line[1] for line in lines]
    assert found == [row[1] for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_long_csv_is_one_file(encoding):
    """Whatever pieces it is written in: one mark at the start, every row, every lost character."""
    rows = [("行", f"{index}番", "𠮷" if index in {0, 2_500} else "髙") for index in range(3_001)]
    rows[1_700] = ("行", "1700番", "👍")
    result = write_csv(HEADER, rows, encoding=encoding)
    assert result.data.count(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    back = csv_rows(result.data)
    assert [row[:2] for row in back] == [row[:2] for row in rows]
    assert result.replaced == (("👍", "𠮷") if encoding == "cp932" else ())
