"""Reading XLSX: the archive checked here, the parsing done in a child process under limits."""

import itertools
import json
import struct
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from participation.core.errors import InvalidInput
from participation.sheets.archive import broken, check_archive
from participation.sheets.table import (
    BadRow,
    Limits,
    Table,
    check_header,
    column_letter,
    fitted,
    shown_name,
    too_many_rows,
)

_PROGRAM = Path(__file__).with_name("calamine_process.py")
# For the parser alone; the largest accepted files need about half of each.
_MEMORY_BYTES = 1 << 30
_SECONDS = 60
_HEAD = struct.Struct("<II")


def read_workbook(
    data: bytes, filename: str, limits: Limits, on_bad_row: Callable[[BadRow], None] | None
) -> Table:
    """Return the table in the first visible sheet of ``data``; see ``read.read_table``."""
    name = shown_name(filename)
    check_archive(data, filename, limits)
    # The rows wait in a file without a name, so that the child is gone, and every refusal known,
    # before the first row is looked at; the caller may leave off at any row.
    parsed = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the iterator below
    try:
        found = _parse(data, parsed, limits, name)
        _refuse(found, name, limits)
        records = _records(parsed, found["first_line"], found["width"])
        weakref.finalize(records, parsed.close)
    except BaseException:
        parsed.close()
        raise
    for _line, cells in records:
        if any(map(str.strip, cells)):
            header = check_header(cells, limits, first_column=found["first_column"])
            break
    else:
        raise InvalidInput(f"「{name}」のシート「{found['sheet']}」には見出しも行もありません。")
    return Table(
        header=header,
        rows=fitted(records, header, limits, on_bad_row),
        encoding=None,
        sheet=found["sheet"],
        notes=_notes(found),
    )


def _parse(data: bytes, target: BinaryIO, limits: Limits, name: str) -> dict[str, Any]:
    descriptor = target.fileno()
    figures = (descriptor, limits.rows, limits.inflated_bytes, _MEMORY_BYTES, _SECONDS)
    try:
        done = subprocess.run(  # noqa: S603 -- our own program, with numbers for arguments
            [sys.executable, "-I", str(_PROGRAM), *map(str, figures)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            env={},  # none of our settings and keys
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise broken(name) from None
    if done.returncode == 1:
        raise OSError("the child process that reads workbooks failed on its own account")
    if done.returncode != 0:  # ended by its limits
        raise broken(name)
    target.seek(0)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _refuse(found: dict[str, Any], name: str, limits: Limits) -> None:
    match found.get("refused"):
        case None:
            return
        case "password":
            raise InvalidInput(
                f"「{name}」はパスワードで保護されています。パスワードを解除して保存し直してください。"
            )
        case "no_sheet":
            raise InvalidInput(
                f"「{name}」に表示されているシートがありません。シートを再表示して保存し直してください。"
            )
        case "empty":
            raise InvalidInput(f"「{name}」の最初のシートは空です。")
        case "rows":
            raise too_many_rows(limits)
        case "text":
            raise InvalidInput(
                f"「{name}」の文字が多すぎます。ファイルを分けて読み込んでください。"
            )
        case "nul":
            raise InvalidInput(
                f"「{name}」の{found['line']:,}行目に、文字ではないデータ（NUL）が含まれています。"
                "その行を入力し直してください。"
            )
        case "merged":
            ranges = "、".join(map(_range_name, found["merged"]))
            raise InvalidInput(
                f"「{name}」のシート「{found['sheet']}」に結合されたセルがあります（{ranges}など）。"
                "セルの結合を解除し、すべての行に値を入れて保存し直してください。"
            )
        case _:
            raise broken(name)


def _range_name(corners: list[list[int]]) -> str:
    return ":".join(f"{column_letter(column)}{row + 1}" for row, column in corners)


def _records(parsed: BinaryIO, line: int, width: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    with parsed:
        while head := parsed.read(_HEAD.size):
            _rows, length = _HEAD.unpack(head)
            cells = iter(parsed.read(length).decode("utf-16-le").split("\0"))
            # The same iterator ``width`` times: zip cuts the flat list into rows.
            batch = list(zip(*itertools.repeat(cells, width), strict=True))
            yield from enumerate(batch, line)
            line += len(batch)


def _notes(found: dict[str, Any]) -> tuple[str, ...]:
    others, hidden = found["visible_others"], found["hidden_others"]
    if not others and not hidden:
        return ()
    unseen = f"（うち非表示{hidden}枚）" if hidden else ""
    sentence = (
        f"シート「{found['sheet']}」だけを読み取りました。"
        f"ほかの{others + hidden}枚{unseen}は読み取っていません。"
    )
    return (sentence,)
