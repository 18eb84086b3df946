"""The child process that reads a workbook: started by ``workbook``, it sees one file and no more.

The parser (calamine, native code) keeps a sheet as one dense block: a file of one kilobyte with a
cell in A1 and one in XFD1048576 asks for 500 GB, and a failed allocation ends the process on the
spot, with every other request in it. So it runs here, under limits, and what a hostile file can
end is this process.

The workbook comes on stdin. The rows go to the file descriptor named by the first argument, in
batches: an 8-byte head (rows, bytes) and the cells, joined by NUL, in UTF-16, which takes a
fifth of the time that UTF-8 does on both sides. A JSON object on stdout says
what was found or why it was refused. Imports nothing of the package, so that it starts in 20 ms.
"""

import datetime as dt
import functools
import gc
import io
import itertools
import json
import os
import resource
import struct
import sys
from typing import Any, BinaryIO

import python_calamine

_BATCH = 500
_SHEET_ROWS = 1_048_576
_INTEGRAL_BELOW = 1e15  # Excel keeps 15 digits


def main() -> None:
    """Read the workbook on stdin. Arguments: descriptor, rows, characters, bytes, seconds."""
    descriptor, rows, characters, memory, seconds = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # rows make no cycles, and looking for some takes a tenth of the time
    try:
        answer = read(sys.stdin.buffer, descriptor, rows, characters)
    except OSError:
        raise  # the disk is full: the operator's trouble, not the file's
    except BaseException as error:  # noqa: BLE001 -- a panic of the parser is a BaseException
        answer = {"refused": "password" if _is_password(error) else "broken"}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # without taking 100,000 rows apart piece by piece first


def _is_password(error: BaseException) -> bool:
    return isinstance(error, python_calamine.PasswordError)


def read(source: BinaryIO, descriptor: int, max_rows: int, max_characters: int) -> dict[str, Any]:
    """Write the rows of the first visible sheet to ``descriptor``; return what it was."""
    book = python_calamine.load_workbook(io.BytesIO(source.read()))
    sheets = book.sheets_metadata
    readable = [
        index
        for index, sheet in enumerate(sheets)
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    if not readable:
        return {"refused": "no_sheet"}
    sheet = book.get_sheet_by_index(readable[0])
    answer: dict[str, Any] = {
        "sheet": sheet.name,
        "visible_others": len(readable) - 1,
        "hidden_others": len(sheets) - len(readable),
    }
    if sheet.start is None or sheet.end is None:
        return {"refused": "empty"}
    (first_row, first_column), (last_row, _) = sheet.start, sheet.end
    if last_row >= _SHEET_ROWS:
        return {"refused": "broken"}
    if last_row - first_row > max_rows:
        return {"refused": "rows"}
    merged = sheet.merged_cell_ranges
    if merged:
        return {"refused": "merged", "merged": merged[:3], **answer}
    answer |= {"first_line": first_row + 1, "first_column": first_column, "width": sheet.width}
    rows = itertools.islice(sheet.iter_rows(), first_row, None)  # it begins at row 1 in any case
    with os.fdopen(descriptor, "wb", closefd=False) as target:
        return answer | _write_batches(rows, target, sheet.width, first_row + 1, max_characters)


def _write_batches(
    rows: "itertools.islice[list[Any]]",
    target: BinaryIO,
    width: int,
    first_line: int,
    max_characters: int,
) -> dict[str, Any]:
    line = first_line
    left = max_characters
    while batch := list(itertools.islice(rows, _BATCH)):
        cells = list(itertools.chain.from_iterable(batch))
        try:
            text = "\0".join(cells)
        except TypeError:  # numbers among them
            text = "\0".join([c if c.__class__ is str else as_text(c) for c in cells])
        if text.count("\0") != len(batch) * width - 1:
            bad = next(i for i, row in enumerate(batch) if any("\0" in str(c) for c in row))
            return {"refused": "nul", "line": line + bad}
        left -= len(text)
        if left < 0:
            return {"refused": "text"}
        encoded = text.encode("utf-16-le")
        target.write(struct.pack("<II", len(batch), len(encoded)))
        target.write(encoded)
        line += len(batch)
    return {}


@functools.lru_cache(maxsize=1024, typed=True)  # typed: 1.0 and TRUE are equal, but not the same
def as_text(value: Any) -> str:
    """Return a cell's value as a person would type it: 5 for 5.0, ISO dates, TRUE and FALSE."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _INTEGRAL_BELOW
        return str(int(value)) if whole else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return _whole_seconds(value).isoformat(sep=" ")
    if isinstance(value, dt.time):
        return str(_whole_seconds(dt.datetime.combine(dt.date.min, value)).time())
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)  # a date is ISO of itself


def _whole_seconds(value: dt.datetime) -> dt.datetime:
    # Excel counts days in floating point: 12:30 arrives as 12:29:59.999999.
    return (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)


if __name__ == "__main__":
    main()
