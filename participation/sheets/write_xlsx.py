"""Writing XLSX: texts as texts, a header that stays in view, the same bytes for the same input."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from participation.core.errors import InvalidInput
from participation.core.text import compare_key
from participation.sheets.table import column_letter

_CELL_CHARACTERS = 32_767  # Excel's limit, in UTF-16 units
_ROWS = 1_048_576
_DEFAULT_WIDTH = 16
_NAME_CHARACTERS = 31
_FORBIDDEN_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# No XML file can hold these, escaped or not.
_UNFIT = re.compile("[\0\ud800-\udfff\ufffe\uffff]")
# Excel writes a control character as _x0001_, and the _ of a text that looks like that as _x005F_.
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile("[\x01-\x08\x0b-\x1f]")


@dataclass(frozen=True)
class Sheet:
    """One sheet to write. ``widths`` are in characters; columns without one get a usual width."""

    name: str
    header: tuple[str, ...]
    rows: Iterable[Sequence[str | int]]
    widths: tuple[int, ...] = ()


class _TextSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A worksheet whose texts are texts.

    XlsxWriter 3.3.1 writes a text that begins with <r> and ends with </r> as markup, unescaped: a
    resident's sentence could close the cell and open another with a formula. And of _x0000_x0001_
    it escapes only the first half, so that other characters come back. It asks this method before
    both; the tests of the round trip fail when a later version no longer does.
    """

    @staticmethod
    def _escape_control_characters(data: str) -> str:
        data = _LOOKS_ESCAPED.sub("_x005F_", data)
        data = _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", data)
        return f"_x003C_{data[1:]}" if data.startswith("<r>") else data


def write_xlsx(sheets: Iterable[Sheet], *, title: str, created: datetime) -> bytes:
    """Return a workbook; arguments and errors are those of ``write_xlsx_into``."""
    target = io.BytesIO()
    write_xlsx_into(target, sheets, title=title, created=created)
    return target.getvalue()


def continued(sheet: Sheet, *, most: int = _ROWS - 1) -> Iterator[Sheet]:
    """Yield a sheet and, where it has more than ``most`` rows, further ones of the same name.

    The rows of one have to be taken before the next is asked for, as ``write_xlsx`` does.
    """
    rows = iter(sheet.rows)
    while True:
        yield replace(sheet, rows=islice(rows, most))
        following = next(rows, None)
        if following is None:
            return
        rows = chain((following,), rows)


def write_xlsx_into(
    target: BinaryIO, sheets: Iterable[Sheet], *, title: str, created: datetime
) -> None:
    """Write a workbook with bold, frozen headers, filters, wrapped cells and print settings.

    Texts are written as texts whatever they begin with, so that nothing is calculated or linked;
    an int is written as a number. ``title`` and ``created`` (aware) go into the properties; the
    same arguments give the same bytes.

    Raises:
        InvalidInput: a text is longer than a cell of Excel, or there are more rows than it has.
        ValueError: a row is not as long as the header, or ``created`` has no time zone.

    """
    if created.tzinfo is None:
        raise ValueError("the moment of creation needs a time zone")
    # constant_memory keeps one row at a time; 100,000 rows would otherwise take 400 MB.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": "游ゴシック", "font_size": 11},
    }
    moment = created.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    taken: set[str] = set()
    with xlsxwriter.Workbook(target, options) as book:  # closes its scratch files on a refusal too
        book.set_properties({"title": _fit(title), "created": moment})
        for sheet in sheets:
            _write_sheet(book, sheet, _sheet_name(sheet.name, taken))


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet, name: str) -> None:
    page = book.add_worksheet(name, worksheet_class=_TextSheet)
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E8F1FE", "border": 1}
    )
    body = book.add_format({"text_wrap": True, "valign": "top"})
    for index in range(len(sheet.header)):
        width = sheet.widths[index] if index < len(sheet.widths) else _DEFAULT_WIDTH
        page.set_column(index, index, width)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    for column, text in enumerate(sheet.header):
        page.write_string(0, column, _cell_text(text, name, 0, column), head)
    number = 0
    for number, row in enumerate(sheet.rows, start=1):
        if len(row) != len(sheet.header):
            raise ValueError(f"a row of {len(row)} cells under {len(sheet.header)} columns")
        if number >= _ROWS:
            raise InvalidInput(
                f"Excelのシートに書ける{_ROWS:,}行を超えました。条件で絞り込むか、"
                "CSVで書き出してください。"
            )
        for column, value in enumerate(row):
            if value == "":
                page.write_blank(number, column, None, body)
            elif isinstance(value, str):
                page.write_string(number, column, _cell_text(value, name, number, column), body)
            else:
                page.write_number(number, column, value, body)
    if sheet.header:
        page.autofilter(0, 0, number, len(sheet.header) - 1)


def _cell_text(text: str, sheet: str, row: int, column: int) -> str:
    # Half the limit in code points is always below it in UTF-16.
    if len(text) * 2 > _CELL_CHARACTERS and _utf16_units(text) > _CELL_CHARACTERS:
        raise InvalidInput(
            f"シート「{sheet}」の{column_letter(column)}{row + 1}セルの文章が長すぎて、Excelに"
            f"書き出せません（{_CELL_CHARACTERS:,}文字まで）。CSVで書き出すか、文章を分けてください。"
        )
    return _fit(text)


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """Return a name that Excel accepts: short, without its special signs, and not yet taken."""
    base = _FORBIDDEN_IN_NAME.sub("・", _fit(wanted)).strip("' ") or "Sheet"
    number, name = 1, base[:_NAME_CHARACTERS]
    while compare_key(name).casefold() in taken:
        number += 1
        suffix = f"（{number}）"
        name = base[: _NAME_CHARACTERS - len(suffix)] + suffix
    taken.add(compare_key(name).casefold())
    return name
