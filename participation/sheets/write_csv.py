"""Writing CSV that opens in Excel as what it is: text, in UTF-8 with BOM or in CP932."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Literal

from participation.core.text import cp932_safe
from participation.sheets.guard import guard

# What clean_input keeps out of the database all the same: half characters and NUL.
_UNFIT = re.compile("[\0\ud800-\udfff]")
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class CsvResult:
    """The file and, for CP932, the characters that it lacks and that stand as 〓 in it."""

    data: bytes
    replaced: tuple[str, ...]


def write_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[str | int]],
    *,
    encoding: Literal["utf-8-sig", "cp932"],
) -> CsvResult:
    """Return a CSV with CRLF line ends.

    Texts pass the formula guard; an int is written as the number it is, -5 too. ``read_table``
    gives back the same texts (for CP932 apart from look-alike signs, see ``cp932_safe``, and from
    what ``replaced`` names).

    Raises:
        ValueError: a row is not as long as the header.

    """
    target = io.BytesIO()
    replaced = write_csv_into(target, header, rows, encoding=encoding)
    return CsvResult(target.getvalue(), replaced)


def write_csv_into(
    target: BinaryIO,
    header: Sequence[str],
    rows: Iterable[Sequence[str | int]],
    *,
    encoding: Literal["utf-8-sig", "cp932"],
) -> tuple[str, ...]:
    """Write the same CSV piece by piece; return the characters that its encoding lacks.

    Raises:
        ValueError: a row is not as long as the header.

    """
    if encoding == "utf-8-sig":
        target.write(codecs.BOM_UTF8)
    lost: set[str] = set()
    remaining = iter(rows)
    piece: list[Sequence[str | int]] = [header]
    while piece:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        for row in piece:
            if len(row) != len(header):
                raise ValueError(f"a row of {len(row)} cells under {len(header)} columns")
            writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
        # A piece ends with a row: no character belongs together with one of the next.
        text = _UNFIT.sub("\ufffd", buffer.getvalue())
        if encoding == "utf-8-sig":
            target.write(text.encode())
        else:
            text, replaced = cp932_safe(text)
            lost.update(replaced)
            target.write(text.encode(encoding))
        piece = list(islice(remaining, _ROWS_AT_ONCE))
    return tuple(sorted(lost))
