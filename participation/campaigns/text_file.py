"""Grouping the texts of any file: a past campaign in Excel, a survey, in English too."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from participation.campaigns.grouping import THRESHOLD
from participation.campaigns.texts import comparable
from participation.core.errors import InvalidInput
from participation.sheets.columns import match_columns
from participation.sheets.read import read_table
from participation.sheets.table import Limits
from participation.sheets.write_csv import write_csv

HEADER = ("row", "group", "representative", "similarity")
# Larger than for an upload: the file is the operator's own.
LIMITS = Limits(file_bytes=2 * 1024**3, rows=2_000_000, inflated_bytes=4 * 1024**3)

Encoding = Literal["utf-8-sig", "cp932"]


@dataclass(frozen=True)
class GroupedFile:
    """What came of a file."""

    data: bytes  # CSV with HEADER
    texts: int
    groups: int  # of two texts or more
    alike: int  # texts in these
    notes: tuple[str, ...]  # of the reading, in Japanese


def group_file(
    path: Path,
    *,
    column: str,
    threshold: float = THRESHOLD,
    encoding: Encoding = "utf-8-sig",
    progress: Callable[[int, int, str], None] | None = None,
) -> GroupedFile:
    """Group the texts in a column of a CSV or XLSX file.

    A row of the outcome stands for a row of the file: its number as Excel shows it, the number of
    its group (in the order of the file), the row of the text that stands for the group, and how
    alike the two are (1.000: the same). A row without a text has no group.

    Args:
        path: the file.
        column: the header of the column with the texts.
        threshold: how alike texts of a group must be, above 0 and up to 1.
        encoding: of the outcome.
        progress: told how far it has come.

    Raises:
        InvalidInput: the file cannot be read, has no such column or no text.

    """
    from participation.campaigns.grouping.groups import group_texts

    table = read_table(path, filename=path.name, limits=LIMITS)
    place = match_columns(table.header, {"text": (column,)})["text"]
    rows = [(line, cells[place]) for line, cells in table.rows]
    lines = [line for line, text in rows if comparable(text)]
    texts = [text for _line, text in rows if comparable(text)]
    if not texts:
        raise InvalidInput(f"「{column}」の列に文がありません。列の名前を確かめてください。")
    groups = group_texts(texts, threshold=threshold, progress=progress)
    labels = groups.labels
    found = {
        line: (label + 1, lines[representative], f"{similarity:.3f}")
        for line, label, representative, similarity in zip(
            lines, labels, groups.representatives, groups.similarities, strict=True
        )
    }
    written = write_csv(
        HEADER,
        ((line, *found.get(line, ("", "", ""))) for line, _text in rows),
        encoding=encoding,
    )
    sizes = [0] * (max(labels) + 1)
    for label in labels:
        sizes[label] += 1
    several = [size for size in sizes if size > 1]
    return GroupedFile(written.data, len(texts), len(several), sum(several), table.notes)
