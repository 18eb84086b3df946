"""Reading a file of entries against the database: what its cells mean, and what of it is new."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from participation.core import clock
from participation.departments import queries as departments
from participation.reports import labels
from participation.reports.queries import imports as queries
from participation.reports.services.import_rows import (
    Directory,
    FileRow,
    Findings,
    UnknownDepartment,
    read_rows,
)
from participation.sheets.checking import Problem, collecting_nothing
from participation.sheets.read import read_table
from participation.sheets.table import BadRow


@dataclass(frozen=True)
class Reading:
    """A file as read: what its rows say, and what is to be told about the file itself."""

    findings: Findings
    encoding: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Sifted:
    """The rows that are new, each with its position in its cell, and how many are there already."""

    new: list[tuple[FileRow, int]]
    known: int


def directory_for(session: Session, department_id: int | None, *, now: datetime) -> Directory:
    """Return what the cells of a file are looked up in.

    Args:
        session: the session.
        department_id: whose file it is; None for the whole city, which may hold any year.
        now: when; names of departments are those of the day that each year is shown with.

    """
    today = clock.local_date(now)
    book = queries.DepartmentBook(session, today)

    def find(name: str, year: int) -> int:
        found = book.find(name, year)
        if found is None:
            raise UnknownDepartment("この名称の課は登録されていません。")
        return found

    items = queries.item_ids(session)
    if department_id is None:
        return Directory(items=items, department=find, last_years=book.last_years)
    own = departments.predecessor_closure(session, [department_id], today)
    return Directory(
        items=items,
        department=find,
        last_years=book.last_years,
        departments=own[department_id],
        columns=queries.open_columns(session),
    )


@collecting_nothing()
def read_file(source: bytes | Path, *, filename: str, directory: Directory) -> Reading:
    """Read a file and check each row by itself; needs no database.

    Raises:
        InvalidInput: the file as a whole cannot be read.

    """
    bad_rows: list[BadRow] = []
    table = read_table(source, filename=filename, on_bad_row=bad_rows.append)
    findings = read_rows(table, bad_rows, directory)
    return Reading(findings, table.encoding or "xlsx", table.notes)


@collecting_nothing()
def sift(session: Session, findings: Findings) -> Sifted:
    """Tell new rows from those that are there already or stand twice in the file.

    A row is there already if a living entry of the same item, department, kind and year has a
    text that is the same after NFKC. New rows that contradict a 「該当なし」 or stand where
    nothing new may be written are added to the problems of ``findings``.
    """
    new: list[tuple[FileRow, int]] = []
    places = queries.standing(session, dict.fromkeys(row.place for row in findings.rows))
    for row in findings.rows:
        _line, place, text, key, nothing, _activity_type = row
        there = places[place]
        if text in there.texts or key in there.keys:
            continue
        there.keys.add(key)
        if place in findings.doubts:
            findings.refuse([Problem(row.line, *findings.doubts[place])])
        elif there.nothing or (nothing and there.next_position):
            findings.refuse([_contradiction(row)])
        else:
            new.append((row, there.next_position))
            there.next_position += 1
            there.nothing = nothing
    return Sifted(new, len(findings.rows) - len(new))


def _contradiction(row: FileRow) -> Problem:
    reason = (
        "ほかの記載があるため「該当なし」にできません。どちらかを削ってください。"
        if row.nothing
        else "この項目・課・年度は「該当なし」と回答されています。どちらかを削ってください。"
    )
    return Problem(row.line, "", labels.NOTHING if row.nothing else row.text[:80], reason)
