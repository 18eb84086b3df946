"""Reading CSV: every encoding of a city office, and line numbers that can be found again."""

import csv

import pytest

from participation.core.errors import InvalidInput
from participation.sheets.read import read_table
from participation.sheets.table import BadRow, Limits

TEXT = "課名,内容\r\n髙﨑課,①Ⅳ㈱～を実施した。\r\n"


def read(data, **options):
    table = read_table(data, filename="entries.csv", **options)
    return table, list(table.rows)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("cp932"), "cp932"),
        (TEXT.replace("\r\n", "\n").encode("cp932"), "cp932"),
        (TEXT.replace("\r\n", "\r").encode("utf-8"), "utf-8"),
        (TEXT.replace(",", "\t").encode("utf-8"), "utf-8"),
    ],
    ids=["utf-8", "utf-8 with BOM", "cp932", "LF", "CR", "tabs"],
)
def test_the_encodings_of_an_office(data, encoding):
    table, rows = read(data)
    assert table.header == ("課名", "内容")
    assert rows == [(2, ("髙﨑課", "①Ⅳ㈱～を実施した。"))]
    assert (table.encoding, table.sheet, table.notes) == (encoding, None, ())


def test_a_path_reads_like_its_bytes(tmp_path):
    path = tmp_path / "entries.csv"
    path.write_bytes(TEXT.encode("cp932"))
    table = read_table(path, filename=path.name)
    assert [cells for _, cells in table.rows] == [("髙﨑課", "①Ⅳ㈱～を実施した。")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_the_way_to_save_it(encoding):
    with pytest.raises(InvalidInput, match="UTF-16") as caught:
        read(TEXT.encode(encoding))
    assert "CSV UTF-8（コンマ区切り）" in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\r\n1,\x81\xff\xfe\r\n",
        "a,b\r\n1,市民協働課".encode()[:-1],
        "\ufeff課名,b\r\n".encode() + "市民協働課".encode("cp932"),
        "a,b\r\n市民,".encode() + b"\xff",
    ],
    ids=["neither", "cut character", "CP932 after a BOM", "UTF-8 with a broken byte"],
)
def test_bytes_of_no_encoding_are_refused_with_their_line(data):
    with pytest.raises(InvalidInput, match="2行目"):
        read(data)


def test_a_broken_byte_far_behind_is_found_on_its_line():
    data = b"a,b\n" + "市,民\n".encode() * 300_000 + b"\xff\n"
    with pytest.raises(InvalidInput, match="300,002行目"):
        read(data)


def test_a_line_cut_between_two_reads_is_still_the_right_line():
    for shift in range(4):  # a character lies across the border of the first slice
        data = b"x" * ((1 << 20) - shift - 1) + "\n市民協働課\n".encode() + b"\xff\n"
        with pytest.raises(InvalidInput, match="3行目に"):
            read(data)


def test_half_width_kana_in_cp932_are_not_taken_for_utf_8():
    data = "ﾄｳ,ﾂｿ\nﾄｳ,内容\n".encode("cp932")
    assert "ĳ" in data[:2].decode("utf-8")
    assert read(data)[1] == [(2, ("ﾄｳ", "内容"))]


def test_nul_is_refused_with_its_line():
    with pytest.raises(InvalidInput, match=r"3行目.*NUL"):
        read(b"a,b\n1,2\n3,\x004\n")


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b" , ,\n", b"\xef\xbb\xbf,,\r\n"]
)
def test_an_empty_file_is_refused(data):
    with pytest.raises(InvalidInput, match="空です"):
        read(data)


def test_full_width_blanks_alone_are_no_header():
    with pytest.raises(InvalidInput, match="見出しも行もありません"):
        read("　,　\n".encode())


def test_a_header_without_rows_is_an_empty_table():
    table, rows = read(b"a,b\n")
    assert table.header == ("a", "b")
    assert rows == []


def test_a_name_twice_is_refused_in_any_width():
    with pytest.raises(InvalidInput, match=r"A列とC列"):
        read("課名,内容,課名　\n".encode())
    with pytest.raises(InvalidInput, match=r"A列とB列"):
        read("ＩＤ,id\n".encode())


def test_a_nameless_column_is_refused_unless_it_is_the_last():
    with pytest.raises(InvalidInput, match="B列の見出しが空"):
        read(b"a,,c\n1,2,3\n")
    table, rows = read(b"a,b,,\n1,2,,\n")
    assert (table.header, rows) == (("a", "b"), [(2, ("1", "2"))])


def test_blank_rows_are_skipped_and_line_numbers_stay_those_of_the_editor():
    data = 'a,b\n\n1,"two\nlines"\n,,\n　,\n2,x\n'
    _table, rows = read(b"\n\n" + data.encode())
    assert rows == [(5, ("1", "two\nlines")), (9, ("2", "x"))]


def test_short_rows_are_padded_and_blank_surplus_is_dropped():
    _table, rows = read(b"a,b,c\n1\n1,2,3,,  \n")
    assert rows == [(2, ("1", "", "")), (3, ("1", "2", "3"))]


def test_a_row_with_too_many_values_is_refused_by_number():
    table = read_table(b"a,b\n1,2\n3,4,5\n6,7\n", filename="x.csv")
    assert next(table.rows) == (2, ("1", "2"))
    with pytest.raises(BadRow, match=r"^3行目：見出しは2列") as caught:
        next(table.rows)
    assert (caught.value.line, caught.value.column) == (3, None)


def test_bad_rows_can_be_collected_while_reading_goes_on():
    problems = []
    limits = Limits(cell_characters=5)
    _table, rows = read(
        b"a,b\n1,2,3\n4,5\n6,toolong\n7,8\n", limits=limits, on_bad_row=problems.append
    )
    assert rows == [(3, ("4", "5")), (5, ("7", "8"))]
    assert [(p.line, p.column) for p in problems] == [(2, None), (4, "b")]
    assert "4行目「b」：7文字あります" in str(problems[1])


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'a,b\n1,2\n3,"never closed\n4,5\n6,7\n', 3),
        (b'a,b\n1,"x"y\n', 2),
        (b'a,b\n1,2\n\n3,"x" \n', 4),
    ],
    ids=["unclosed", "text after the quote", "blank after the quote"],
)
def test_broken_quotes_are_refused_with_the_line_where_they_begin(data, line):
    with pytest.raises(InvalidInput, match=f"{line}行目から.*引用符"):
        read(data)


def test_an_unclosed_quote_in_a_long_file_does_not_swallow_it():
    data = b'a,b\n1,"x\n' + b"2,y\n" * 100_000
    with pytest.raises(InvalidInput, match=r"2行目から.*引用符"):
        read(data)


def test_a_stray_quote_inside_a_text_is_text():
    _table, rows = read('a,b\n1,高さ5"の看板\n'.encode())
    assert rows == [(2, ("1", '高さ5"の看板'))]


def test_the_global_limit_of_the_csv_module_is_left_alone():
    before = csv.field_size_limit()
    read(TEXT.encode())
    assert csv.field_size_limit() == before


def test_millions_of_commas_cost_no_memory():
    with pytest.raises(InvalidInput, match="1行が"):
        read(b"a,b\n" + b"," * 10_000_000)
    with pytest.raises(InvalidInput, match="列が"):
        read(b"a," * 100_000)


def test_limits_of_rows_columns_and_bytes():
    with pytest.raises(InvalidInput, match="2行まで"):
        read(b"a\n1\n2\n3\n", limits=Limits(rows=2))
    assert len(read(b"a\n1\n\n2\n", limits=Limits(rows=2))[1]) == 2
    with pytest.raises(InvalidInput, match="列が3あります"):
        read(b"a,b,c\n", limits=Limits(columns=2))
    with pytest.raises(InvalidInput, match="大きすぎます"):
        read(b"a" * 11, limits=Limits(file_bytes=10))


def test_a_path_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InvalidInput, match="大きすぎます"):
        read_table(path, filename=path.name)


def test_codes_keep_their_zeros_and_cells_their_blanks():
    _table, rows = read("コード,名\n0142140, 伊勢原市　\n".encode())
    assert rows == [(2, ("0142140", " 伊勢原市　"))]


def test_formulas_of_others_are_only_text():
    _table, rows = read(b"a,b\n=1+1,@SUM(A1)\n")
    assert rows == [(2, ("=1+1", "@SUM(A1)"))]


def test_100_000_rows():
    data = "課名,内容\n" + "市民協働課,市民参加を進めた。\n" * 100_000
    _table, rows = read(data.encode("cp932"))
    assert len(rows) == 100_000
    assert rows[-1] == (100_001, ("市民協働課", "市民参加を進めた。"))


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (b"%PDF-1.7\n%...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "名前を付けて保存"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le"),
            "パスワード",
        ),
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        (b'<?xml version="1.0"?><Workbook></Workbook>', "XML"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "NUL"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "NUL"),
    ],
    ids=["pdf", "xls", "encrypted", "html", "xml", "png", "gzip"],
)
def test_other_files_are_refused_with_advice(data, advice):
    with pytest.raises(InvalidInput, match=advice):
        read(data)


def test_the_name_in_messages_is_short_and_without_folders():
    for name in ("C:\\秘密\\実績\x00.csv", "/etc/実績.csv"):
        with pytest.raises(InvalidInput) as caught:
            read_table(b"", filename=name)
        assert "「実績.csv」" in str(caught.value)
    with pytest.raises(InvalidInput) as caught:
        read_table(b"", filename="長" * 5000)
    assert len(str(caught.value)) < 200
