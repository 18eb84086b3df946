"""What reading a sheet gives: a header, rows with their line numbers, limits and refusals."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from participation.core.errors import InvalidInput
from participation.core.text import compare_key

Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Limits:
    """How much of a file is accepted. Sizes in bytes, or as the name says."""

    file_bytes: int = 64 * 1024 * 1024
    rows: int = 200_000
    columns: int = 200
    cell_characters: int = 32_767  # Excel's own
    inflated_bytes: int = 256 * 1024 * 1024
    zip_entries: int = 2_000


DEFAULT_LIMITS = Limits()


class BadRow(InvalidInput):
    """One row that cannot be taken as it is; the rows around it can."""

    def __init__(self, line: int, reason: str, *, column: str | None = None) -> None:
        place = f"{line}行目「{column}」" if column else f"{line}行目"
        super().__init__(f"{place}：{reason}")
        self.line = line
        self.column = column
        self.reason = reason


@dataclass(frozen=True)
class Table:
    """A sheet being read. ``rows`` can be walked once."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str | None
    sheet: str | None = None
    notes: tuple[str, ...] = ()


def shown_name(filename: str) -> str:
    """Return the file's name as messages show it: without folders, not endless, printable."""
    name = os.path.basename(filename.replace("\\", "/"))  # noqa: PTH119 -- may be no path here
    return "".join(c for c in name if c.isprintable())[:80] or "ファイル"


def column_letter(index: int) -> str:
    """Return Excel's name for a column; 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def check_header(cells: Sequence[str], limits: Limits, *, first_column: int = 0) -> tuple[str, ...]:
    """Return the header without blank columns at its end.

    ``first_column`` is the sheet's column (0 is A) in which the first cell stands.

    Raises:
        InvalidInput: too many columns, a nameless one between others, or a name twice.

    """
    header = list(cells)
    while header and not header[-1].strip():
        header.pop()
    if len(header) > limits.columns:
        raise InvalidInput(
            f"列が{len(header):,}あります。読み取れるのは{limits.columns}列までです。"
        )
    seen: dict[str, int] = {}
    for index, name in enumerate(header):
        letter = column_letter(first_column + index)
        if len(name) > limits.cell_characters:
            raise InvalidInput(f"{letter}列の見出しが長すぎます。")
        key = compare_key(name).casefold()
        if not key:
            raise InvalidInput(
                f"{letter}列の見出しが空です。見出しを入れるか、その列を削除してください。"
            )
        if key in seen:
            raise InvalidInput(
                f"見出し「{name}」が{column_letter(first_column + seen[key])}列と{letter}列に"
                "あります。片方の名前を変えるか、列を削除してください。"
            )
        seen[key] = index
    return tuple(header)


def fitted(
    records: Iterable[tuple[int, Sequence[str]]],
    header: tuple[str, ...],
    limits: Limits,
    on_bad_row: Callable[[BadRow], None] | None,
) -> Iterator[Row]:
    """Yield the rows as long as the header, without blank ones.

    A row that does not fit goes to ``on_bad_row`` and is left out, or is raised without one.

    Raises:
        BadRow: a row has more values than the header, or too long a cell.
        InvalidInput: more rows than ``limits`` allows.

    """
    width = len(header)
    longest = limits.cell_characters
    left = limits.rows
    for line, record in records:
        cells = tuple(record)
        together = "".join(cells)
        if not together.strip():
            continue
        left -= 1
        if left < 0:
            raise too_many_rows(limits)
        problem = None
        if len(cells) != width:
            if any(map(str.strip, cells[width:])):
                problem = BadRow(
                    line,
                    f"見出しは{width}列ですが、{len(cells)}列目までの値があります。"
                    "文中のコンマや余分な列を確かめてください。",
                )
            cells = cells[:width] + ("",) * (width - len(cells))
        if problem is None and len(together) > longest and max(map(len, cells)) > longest:
            problem = _too_long(line, cells, header, longest)
        if problem is None:
            yield line, cells
        elif on_bad_row is None:
            raise problem
        else:
            on_bad_row(problem)


def too_many_rows(limits: Limits) -> InvalidInput:
    """Return the refusal of a file with more rows than ``limits.rows``."""
    return InvalidInput(
        f"行が多すぎます。一度に読み取れるのは{limits.rows:,}行までです。"
        "ファイルを分けて読み込んでください。"
    )


def _too_long(line: int, cells: tuple[str, ...], header: tuple[str, ...], longest: int) -> BadRow:
    index = next(i for i, cell in enumerate(cells) if len(cell) > longest)
    return BadRow(
        line,
        f"{len(cells[index]):,}文字あります。1つのセルは{longest:,}文字までです。",
        column=header[index],
    )
