"""Rows of a file of entries: each cell is checked, each fault is named, nothing is stored here."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeVar

from participation.core import fiscal_year
from participation.core.errors import InvalidInput
from participation.core.text import clean_input, compare_key
from participation.reports import labels
from participation.reports.models import EntryKind
from participation.reports.queries.imports import Target
from participation.sheets.checking import KEPT_PROBLEMS, Memo, Problem, picker
from participation.sheets.columns import match_columns
from participation.sheets.table import BadRow, Row, Table

# The first name of each is the one that our own export writes.
COLUMNS: Mapping[str, Sequence[str]] = {
    "item_id": ("項目番号", "item_id", "項目ID"),
    "fiscal_year": ("年度（西暦）", "年度", "fiscal_year"),
    "kind": ("実績・予定", "実績／予定", "種別", "区別", "kind"),
    "department": ("担当課", "課名", "課", "担当部署", "部署", "department"),
    "text": ("内容", "取り組み内容", "取組内容", "記載内容", "text"),
    "activity_type": ("活動の種類", "activity_type"),
}
OPTIONAL = ("activity_type",)

TEXT_CHARACTERS = 4_000
ACTIVITY_CHARACTERS = 60
_SHOWN_VALUE = 80

_KINDS = {
    "result": EntryKind.RESULT,
    "実績": EntryKind.RESULT,
    "取り組み実績": EntryKind.RESULT,
    "取組実績": EntryKind.RESULT,
    "plan": EntryKind.PLAN,
    "予定": EntryKind.PLAN,
    "取り組み予定": EntryKind.PLAN,
    "取組予定": EntryKind.PLAN,
}
_NO_DEPARTMENT = "課名が空です。"
_NOTHING_CHARACTERS = 10
_NOTHING = re.compile(r"[(「]?該当(?:なし|無し)[)」]?。?")
_LOOKS_LIKE_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}.*|\d{1,2}月\d{1,2}日")


Doubt = tuple[str, str, str]  # column, value, reason


class FileRow(NamedTuple):
    """One row that is right by itself; ``key`` is what its text is compared by."""

    line: int
    place: Target
    text: str
    key: str
    nothing: bool
    activity_type: str


@dataclass(frozen=True)
class Directory:
    """What cells are looked up in, read from the database once a file."""

    items: Mapping[str, int]  # compare_key of the code -> id
    # (name as typed, fiscal year) -> id of the department; raises InvalidInput with the reason.
    department: Callable[[str, int], int]
    # The last fiscal year of a department that is no more.
    last_years: Mapping[int, int] = field(default_factory=dict)
    # Where new rows may go; None means everywhere.
    departments: frozenset[int] | None = None
    columns: frozenset[tuple[EntryKind, int]] | None = None


@dataclass
class Findings:
    """What was found in a file: the good rows, and what is wrong with the others."""

    rows: list[FileRow] = field(default_factory=list)
    # Why no new entry may stand there. One that is there already may: what our own export
    # contains can always be read back.
    doubts: dict[Target, Doubt] = field(default_factory=dict)
    total: int = 0
    problems: list[Problem] = field(default_factory=list)
    bad_lines: int = 0
    # In order of appearance, each with the earliest year that it is named in.
    unknown_departments: dict[str, int] = field(default_factory=dict)

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Note the problems of one row; the first ``KEPT_PROBLEMS`` of all are kept."""
        self.bad_lines += 1
        self.problems += problems[: max(0, KEPT_PROBLEMS - len(self.problems))]


class UnknownDepartment(InvalidInput):
    """No department of this name is known."""


def read_rows(table: Table, bad_rows: Sequence[BadRow], directory: Directory) -> Findings:
    """Check every row of ``table`` by itself.

    Args:
        table: a sheet, opened with ``on_bad_row=bad_rows.append``.
        bad_rows: the list that the sheet puts its broken rows into.
        directory: what the cells are looked up in.

    Raises:
        InvalidInput: a column is missing, or the file breaks off in the middle.

    """
    found = match_columns(table.header, COLUMNS, optional=OPTIONAL)
    reader = _RowReader({name: table.header[index] for name, index in found.items()}, directory)
    reader.take(table.rows, picker(found, COLUMNS))
    findings = reader.findings
    findings.total += len(bad_rows)
    for bad in bad_rows:
        findings.refuse([Problem(bad.line, bad.column or "", "", bad.reason)])
    findings.problems.sort(key=lambda problem: problem.row or 0)
    return findings


def _shown(value: str) -> str:
    """Return a cell as it is shown beside its fault: not endless, printable."""
    return clean_input(value if len(value) <= _SHOWN_VALUE else value[:_SHOWN_VALUE] + "…")


K = TypeVar("K")
V = TypeVar("V")


def _or_reason(look_up: Callable[[K], V]) -> Callable[[K], V | str]:
    """Return the same look-up with the reason of a refusal as its answer."""

    def answer(cell: K) -> V | str:
        try:
            return look_up(cell)
        except InvalidInput as error:
            return str(error)

    return answer


class _RowReader:
    """Checks the rows of one file."""

    def __init__(self, titles: Mapping[str, str], directory: Directory) -> None:
        self.titles = titles
        self.findings = Findings()
        # None of them refers back to the reader: in a circle with it, everything looked up would
        # stay until the collector had walked over it all.
        self.items = Memo(_or_reason(partial(_item, directory)))
        self.years = Memo(_or_reason(_year))
        self.kinds = Memo(_or_reason(_kind))
        self.departments = Memo(_or_reason(partial(_department, directory, self.findings)))
        self.places = Memo(
            _Places(
                self.items,
                self.years,
                self.kinds,
                self.departments,
                partial(_doubt, titles, directory),
                self.findings.doubts,
            )
        )
        self.activities = Memo(_activity)

    def take(self, rows: Iterable[Row], pick: Callable[[Sequence[str]], tuple[str, ...]]) -> None:
        """Check each row, its cells picked in the order of COLUMNS; keep it or its problems."""
        places, activities = self.places, self.activities
        keep = self.findings.rows.append
        new = tuple.__new__  # a named tuple's own one takes twice as long
        for line, cells in rows:
            picked = pick(cells)
            item, year, kind, department, text, activity = picked
            if not text.isprintable():
                text = clean_input(text)
            key = compare_key(text)
            place = places[item, year, kind, department]
            activity_type = activities[activity]
            if place is None or not key or len(text) > TEXT_CHARACTERS or activity_type is None:
                self._refuse(line, picked)
            elif len(key) < _NOTHING_CHARACTERS and _NOTHING.fullmatch(key):
                keep(new(FileRow, (line, place, "", "", True, activity_type)))
            else:
                keep(new(FileRow, (line, place, text, key, False, activity_type)))
        self.findings.total += len(self.findings.rows)

    def _refuse(self, line: int, cells: tuple[str, ...]) -> None:
        """Name everything that is wrong with a row, not only the first thing."""
        if not any(cell.strip() for cell in cells[1:5]):
            return  # an item without entries, as our own export lists it
        self.findings.total += 1
        self.findings.refuse(
            [
                Problem(line, self.titles.get(column, ""), _shown(value), reason)
                for column, value, reason in self._reasons(cells)
            ]
        )

    def _reasons(self, cells: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
        """Yield the column, the value and the reason of each fault."""
        item, year, kind, department, text, activity = cells
        fiscal = self.years[year]
        blank: str | int = 0 if compare_key(department) else _NO_DEPARTMENT
        answers = {
            "item_id": (item, self.items[item]),
            "fiscal_year": (year, fiscal),
            "kind": (kind, self.kinds[kind]),
            # Which department it is, only the year can tell.
            "department": (
                department,
                self.departments[department, fiscal] if isinstance(fiscal, int) else blank,
            ),
        }
        for column, (value, answer) in answers.items():
            if isinstance(answer, str):
                yield column, value, answer
        if not compare_key(text):
            yield (
                "text",
                text,
                f"内容が空です。取り組みがないときは「{labels.NOTHING}」と書いてください。",
            )
        elif len(text) > TEXT_CHARACTERS:
            yield (
                "text",
                text,
                f"{len(text):,}文字です。{TEXT_CHARACTERS:,}文字以内にしてください。",
            )
        if self.activities[activity] is None:
            yield "activity_type", activity, f"{ACTIVITY_CHARACTERS}文字以内にしてください。"


@dataclass(frozen=True)
class _Places:
    """Finds where a row goes by its item, year, kind and department; None if nowhere."""

    items: Mapping[str, int | str]
    years: Mapping[str, int | str]
    kinds: Mapping[str, EntryKind | str]
    departments: Mapping[tuple[str, int], int | str]
    doubt: Callable[[Target, str], Doubt | None]
    doubts: dict[Target, Doubt]
    known: dict[tuple[int, int, EntryKind, int], Target] = field(default_factory=dict)

    def __call__(self, cells: tuple[str, str, str, str]) -> Target | None:
        """Return the place, the same object for the same place."""
        item, year, kind = self.items[cells[0]], self.years[cells[1]], self.kinds[cells[2]]
        if isinstance(item, str) or isinstance(year, str) or isinstance(kind, str):
            return None
        department = self.departments[cells[3], year]
        if isinstance(department, str):
            return None
        key = (item, department, kind, year)
        place = self.known.get(key)
        if place is None:
            place = self.known[key] = Target(*key)
            doubt = self.doubt(place, cells[3])
            if doubt is not None:
                self.doubts[place] = doubt
        return place


def _item(directory: Directory, cell: str) -> int:
    key = compare_key(cell)
    if not key:
        raise InvalidInput("項目番号が空です。")
    if key in directory.items:
        return directory.items[key]
    if _LOOKS_LIKE_DATE.fullmatch(key):
        raise InvalidInput(
            "項目番号が日付に変わっています。セルの書式を「文字列」にして入力し直してください。"
        )
    raise InvalidInput("この番号の項目は指針にありません。")


def _year(cell: str) -> int:
    if not cell.strip():
        raise InvalidInput("年度が空です。")
    return fiscal_year.parse_fiscal_year(cell)


def _kind(cell: str) -> EntryKind:
    key = compare_key(cell).casefold()
    if key not in _KINDS:
        raise InvalidInput("「実績」か「予定」（result、plan でも可）と書いてください。")
    return _KINDS[key]


def _activity(cell: str) -> str | None:
    text = clean_input(cell).strip()
    return text if len(text) <= ACTIVITY_CHARACTERS else None


def _department(directory: Directory, findings: Findings, cells: tuple[str, int]) -> int:
    name, year = cells
    if not compare_key(name):
        raise InvalidInput(_NO_DEPARTMENT)
    try:
        department_id = directory.department(name, year)
    except UnknownDepartment:
        unknown = findings.unknown_departments
        unknown[name.strip()] = min(year, unknown.get(name.strip(), year))
        raise
    if directory.departments is not None and department_id not in directory.departments:
        raise InvalidInput("ほかの課の記載は取り込めません。")
    return department_id


def _doubt(
    titles: Mapping[str, str], directory: Directory, place: Target, name: str
) -> Doubt | None:
    """Return why no new entry may stand at ``place``, if so; ``name`` is its department's cell."""
    last_year = directory.last_years.get(place.department_id)
    columns = directory.columns
    if columns is not None and (place.kind, place.fiscal_year) not in columns:
        column = labels.column_label(place.kind, place.fiscal_year)
        return titles["fiscal_year"], column, f"{column}は、いま照会中ではありません。"
    if last_year is not None and place.fiscal_year > last_year:
        label = fiscal_year.label(last_year)
        reason = f"この課は{label}で終わっています。後継の課名にしてください。"
        return titles["department"], name, reason
    return None
