"""Writing CSV that opens in Excel as what it is: text, in UTF-8 with BOM or in CP932."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from participation.core.text import cp932_safe
from participation.sheets.guard import guard

# What clean_input keeps out of the database all the same: half characters and NUL.
_UNFIT = re.compile("[\0\ud800-\udfff]")


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
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(map(guard, header))
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} cells under {len(header)} columns")
        writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])
    text = _UNFIT.sub("\ufffd", target.getvalue())
    if encoding == "utf-8-sig":
        return CsvResult(text.encode(encoding), ())
    text, replaced = cp932_safe(text)
    return CsvResult(text.encode(encoding), replaced)
