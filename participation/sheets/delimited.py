"""Reading CSV and tab-separated text: UTF-8 with or without BOM, or CP932."""

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from participation.core.errors import InvalidInput
from participation.sheets.guard import unguard
from participation.sheets.table import BadRow, Limits, Table, check_header, fitted, shown_name

if TYPE_CHECKING:
    import _csv

_SLICE = 1 << 20
_ENOUGH_JAPANESE = 3
# One line never needs more; without a bound, 60 MB of commas become 60 million cells.
_LINE_CHARACTERS = 1 << 21

_SAVE_AS_UTF8 = (
    "Excelで開き、「名前を付けて保存」で「CSV UTF-8（コンマ区切り）」を選んで保存し直してください。"
)


def read_delimited(
    data: bytes, filename: str, limits: Limits, on_bad_row: Callable[[BadRow], None] | None
) -> Table:
    """Return the table in ``data``; see ``read.read_table``."""
    encoding = _encoding_of(data, filename)
    stream = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    delimiter = _delimiter(stream.readline(_LINE_CHARACTERS))
    stream.seek(0)
    # strict: a stray quote is an error here instead of a row that swallowed the next ones.
    records = _records(csv.reader(_lines(stream), delimiter=delimiter, strict=True))
    for _line, cells in records:
        if any(map(str.strip, cells)):
            header = check_header(cells, limits)
            break
    else:
        raise InvalidInput(f"「{shown_name(filename)}」には見出しも行もありません。")
    return Table(
        header=header,
        rows=fitted(records, header, limits, on_bad_row),
        encoding=encoding.removesuffix("-sig"),
    )


def _encoding_of(data: bytes, filename: str) -> str:
    name = shown_name(filename)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InvalidInput(
            f"「{name}」はUTF-16（Excelの「Unicodeテキスト」）で保存されています。" + _SAVE_AS_UTF8
        )
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise InvalidInput(
            f"「{name}」の{line:,}行目に、文字ではないデータ（NUL）が含まれています。"
            "CSVかExcel（.xlsx）のファイルかどうかを確かめてください。UTF-16で保存した場合は、"
            + _SAVE_AS_UTF8
        )
    utf8_error = _first_error(data, "utf-8")
    if utf8_error is None:
        return "utf-8-sig"
    cp932_error = _first_error(data, "cp932")
    meant_as_utf8 = _meant_as_utf8(data, utf8_error)
    if cp932_error is None and not meant_as_utf8:
        return "cp932"
    # The encoding that came further is the one that was meant.
    position = utf8_error if meant_as_utf8 else max(utf8_error, cp932_error or 0)
    line = data.count(b"\n", 0, position) + 1
    raise InvalidInput(
        f"「{name}」の{line:,}行目に、UTF-8としてもシフトJIS（CP932）としても読めない文字が"
        "あります。" + _SAVE_AS_UTF8
    )


def _first_error(data: bytes, encoding: str) -> int | None:
    """Return the offset of the first byte that is not ``encoding``, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    for start in range(0, len(data), _SLICE):
        kept = len(decoder.getstate()[0])  # the beginning of a character cut by the slice
        try:
            decoder.decode(view[start : start + _SLICE], final=start + _SLICE >= len(data))
        except UnicodeDecodeError as error:
            return start - kept + error.start
    return None


def _meant_as_utf8(data: bytes, error: int) -> bool:
    """Whether a file is UTF-8 with a broken byte at ``error`` rather than CP932.

    A short one would often pass for CP932 and come out as 縺ｾ縺｡. CP932 on the other hand never
    gives several kana or kanji in UTF-8 before the first error.
    """
    if data.startswith(codecs.BOM_UTF8):
        return True
    japanese = (character for character in data[:error].decode() if "\u3040" <= character <= "龥")
    return len(tuple(itertools.islice(japanese, _ENOUGH_JAPANESE))) == _ENOUGH_JAPANESE


def _delimiter(first_line: str) -> str:
    return "\t" if first_line.count("\t") > first_line.count(",") else ","


def _lines(stream: io.TextIOWrapper) -> Iterator[str]:
    while line := stream.readline(_LINE_CHARACTERS):
        if len(line) == _LINE_CHARACTERS:
            raise InvalidInput(
                f"1行が{_LINE_CHARACTERS:,}文字を超えています。CSVファイルかどうかを"
                "確かめてください。"
            )
        yield line


def _records(reader: "_csv.Reader") -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins."""
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken(line, str(error)) from None
        yield line, [unguard(cell) if cell[:1] == "'" else cell for cell in record]


def _broken(line: int, reason: str) -> InvalidInput:
    if "field larger" in reason:
        return InvalidInput(
            f'{line:,}行目から始まるセルが長すぎます。引用符「"」が閉じられていない可能性があります。'
        )
    return InvalidInput(
        f'{line:,}行目から始まる行の引用符「"」の使い方が正しくありません。文中の引用符は2つ重ねて書き、'
        "セル全体を引用符で囲んでください。"
    )
