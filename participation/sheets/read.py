"""Reading a sheet that somebody sends: CSV or Excel, told apart by content, within limits."""

import re
from collections.abc import Callable
from pathlib import Path

from participation.core.errors import InvalidInput
from participation.sheets.delimited import read_delimited
from participation.sheets.table import DEFAULT_LIMITS, BadRow, Limits, Table, shown_name
from participation.sheets.workbook import read_workbook

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:[!?]|html|table|workbook)", re.IGNORECASE)

_SAVE_AS_XLSX = (
    "Excelで開き、「名前を付けて保存」で「Excelブック（*.xlsx）」を選んで保存し直してください。"
)


def read_table(
    source: bytes | Path,
    *,
    filename: str,
    limits: Limits = DEFAULT_LIMITS,
    on_bad_row: Callable[[BadRow], None] | None = None,
) -> Table:
    """Open a CSV (UTF-8 with or without BOM, CP932; commas or tabs) or an XLSX.

    The first row that is not blank is the header. Rows come lazily, each with its line as the
    person sees it: the row in Excel, or the line in an editor on which a CSV record begins. Blank
    rows are skipped, short ones padded; cells are as typed (see ``clean_input`` for storing).
    From a CSV the formula guard of our own export is taken off.

    Of a workbook the first visible sheet is read, and ``notes`` says what was not. Numbers come
    as "5", dates as ISO, formulas as the value that Excel had calculated; a formula never
    calculated and an error value (#N/A) come as "".

    Args:
        source: the file's bytes, or where it lies.
        filename: its name, for messages only: what it is, is seen from its content.
        limits: how much is accepted.
        on_bad_row: takes the rows that don't fit, which are then left out; without it the first
            one is raised while iterating.

    Raises:
        InvalidInput: the file is refused as a whole; the text says what to do. While iterating
            too: a quote never closed, or too many rows.

    """
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    name = shown_name(filename)
    if size > limits.file_bytes:
        raise InvalidInput(
            f"「{name}」は大きすぎます（{size / 1e6:,.0f}MB）。"
            f"{limits.file_bytes / 1e6:,.0f}MBまでのファイルを選んでください。"
        )
    data = source.read_bytes() if isinstance(source, Path) else source
    if not data.strip(b"\xef\xbb\xbf\r\n\t ,"):
        raise InvalidInput(f"「{name}」は空です。見出しと行のあるファイルを選んでください。")
    if data.startswith(_ZIP):
        return read_workbook(data, filename, limits, on_bad_row)
    _refuse_other_types(data, name)
    return read_delimited(data, filename, limits, on_bad_row)


def _refuse_other_types(data: bytes, name: str) -> None:
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise InvalidInput(
                f"「{name}」はパスワードで保護されています。パスワードを解除して保存し直してください。"
            )
        raise InvalidInput(f"「{name}」は古いExcel形式（.xls）などです。" + _SAVE_AS_XLSX)
    if data.startswith(b"%PDF"):
        raise InvalidInput(
            f"「{name}」はPDFです。元のExcelファイル（.xlsx）かCSVを選んでください。"
        )
    if _MARKUP.match(data):
        raise InvalidInput(f"「{name}」はHTMLやXMLで書かれた表です。" + _SAVE_AS_XLSX)
