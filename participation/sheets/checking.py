"""Checking the rows of a sheet: the tools that every import has in common.

An import reads a file, shows what it would do and stores it as a whole or not at all. What its
cells mean is its own; how a fault is named, kept and handed back is the same everywhere.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

from participation.core.errors import InvalidInput
from participation.sheets.write_xlsx import Sheet, write_xlsx

KEPT_PROBLEMS = 1_000

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Problem:
    """Why one cell or one row cannot be taken. ``row`` is None when it is the whole file."""

    row: int | None
    column: str
    value: str
    reason: str

    def plain(self) -> dict[str, int | str | None]:
        """Return it as it is kept with the import."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
        }


class ImportRefused(InvalidInput):
    """The file has rows that cannot be taken; nothing was stored."""

    def __init__(self, message: str, problems: Sequence[Problem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Memo(dict[K, V]):
    """Cells repeat: each distinct one is looked up once."""

    def __init__(self, look_up: Callable[[K], V]) -> None:
        """Look up with ``look_up`` what was not asked for before."""
        super().__init__()
        self.look_up = look_up

    def __missing__(self, cell: K) -> V:
        """Look ``cell`` up and keep the answer."""
        answer = self[cell] = self.look_up(cell)
        return answer


def picker(
    found: Mapping[str, int], wanted: Iterable[str]
) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return what picks a row's cells in the order of ``wanted``; those not found are blank.

    Args:
        found: the position of each column, as ``match_columns`` gives it.
        wanted: two columns or more.

    """
    names = tuple(wanted)
    if [found.get(name) for name in names] == list(range(len(names))):
        return tuple  # as our own sheets have them: no copy is made of a tuple
    absent = -1
    pick = itemgetter(*(found.get(name, absent) for name in names))
    if len(found) == len(names):
        return pick
    return lambda cells: pick((*cells, ""))


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Leave Python's garbage alone while 100,000 rows are made that all live: a fifth of the time.

    Whoever switched the collector off switches it on again, whatever other threads do meanwhile.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def problems_xlsx(problems: Sequence[Mapping[str, Any]], *, title: str, created: datetime) -> bytes:
    """Return what is wrong with a file as a workbook: a line for each cell to be put right.

    Args:
        problems: as ``Problem.plain`` gives them.
        title: of the workbook.
        created: when the file was chosen, so that the same import gives the same bytes.

    """
    rows = [
        (
            "" if problem["row"] is None else int(problem["row"]),
            str(problem["column"] or ""),
            str(problem["value"] or ""),
            str(problem["reason"]),
        )
        for problem in problems
    ]
    sheet = Sheet("直すところ", ("行", "列", "値", "直すところ"), rows, (8, 18, 36, 66))
    return write_xlsx([sheet], title=title, created=created)
