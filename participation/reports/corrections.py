"""The table of corrections (正誤表): what a new edition says otherwise than the one before it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import TypeVar

from participation.reports.snapshot import ItemRow, Snapshot, Statement

T = TypeVar("T")

# Below this two statements have so little in common that one was taken out and one put in.
_ALIKE = 0.5
# Pairs are sought by comparing each with each; a rewritten cell longer than this is not paired.
_PAIRED = 60
_ORDER = "（並び順の変更）"


@dataclass(frozen=True)
class Correction:
    """One line: 誤 and 正. An empty ``before`` was added, an empty ``after`` taken out."""

    item: str
    column: str
    department: str
    before: str
    after: str

    def plain(self) -> dict[str, str]:
        """Return it as it is kept in ``Edition.corrections``."""
        return asdict(self)


def corrections(before: Snapshot, after: Snapshot) -> list[Correction]:
    """Return the differences in the printed order of ``after``, then what is gone from it."""
    found = list(_frame(before, after))
    old = {row.code: row for row in before.items()}
    for row in after.items():
        earlier = old.pop(row.code, None)
        if earlier is None:
            found.append(Correction(row.name, after.headers[0], "", "", row.name))
            found += _added(row, after)
        else:
            found += _item(earlier, row, before, after)
    for row in old.values():
        found.append(Correction(row.name, before.headers[0], "", row.name, ""))
    return found


def _frame(before: Snapshot, after: Snapshot) -> Iterator[Correction]:
    if before.title != after.title:
        yield Correction("", "表題", "", before.title, after.title)
    old = [column.label for column in before.columns]
    new = [column.label for column in after.columns]
    if old != new:
        yield Correction("", "欄の構成", "", "、".join(old), "、".join(new))
    old = [node.heading for node in before.nodes()]
    new = [node.heading for node in after.nodes()]
    if old != new:
        gone, come = _without_common(old, new)
        yield Correction("", "見出し", "", "、".join(gone) or _ORDER, "、".join(come) or _ORDER)
    old = [f"{row.code}　{row.label}" for row in before.legend]
    new = [f"{row.code}　{row.label}" for row in after.legend]
    if old != new:
        gone, come = _without_common(old, new)
        yield Correction(
            "", after.legend_title, "", "\n".join(gone) or _ORDER, "\n".join(come) or _ORDER
        )


def _added(row: ItemRow, after: Snapshot) -> Iterator[Correction]:
    for column, cell in zip(after.columns, row.cells, strict=True):
        for statement in cell:
            yield Correction(row.name, column.label, statement.department, "", statement.text)


def _item(old: ItemRow, new: ItemRow, before: Snapshot, after: Snapshot) -> Iterator[Correction]:
    categories = [
        "、".join(f"{row.code}　{row.policy}".strip() for row in item.categories)
        for item in (old, new)
    ]
    for column, was, becomes in (
        (after.headers[0], old.name, new.name),
        (after.headers[1], old.guideline_text, new.guideline_text),
        (f"{after.headers[2]}・{after.headers[3]}", categories[0], categories[1]),
    ):
        if was != becomes:
            yield Correction(new.name, column, "", was, becomes)
    places = {(column.kind, column.fiscal_year): i for i, column in enumerate(before.columns)}
    for place, year in enumerate(after.columns):
        # A column that the edition before did not have is no correction of its statements.
        earlier = places.get((year.kind, year.fiscal_year))
        if earlier is not None:
            yield from _cell(new.name, year.label, old.cells[earlier], new.cells[place])


def _cell(
    item: str, column: str, old: Sequence[Statement], new: Sequence[Statement]
) -> Iterator[Correction]:
    if old == new:
        return
    gone, come = _without_common(old, new)
    if not gone and not come:
        yield Correction(item, column, "", _ORDER, _ORDER)
        return
    for was, becomes in _pairs(gone, come):
        yield Correction(
            item,
            column,
            _department(was, becomes),
            was.text if was else "",
            becomes.text if becomes else "",
        )


def _department(was: Statement | None, becomes: Statement | None) -> str:
    if was is not None and becomes is not None and was.department != becomes.department:
        return f"{was.department} → {becomes.department}"
    statement = becomes or was
    assert statement is not None
    return statement.department


def _pairs(
    gone: list[Statement], come: list[Statement]
) -> list[tuple[Statement | None, Statement | None]]:
    """Put together what was rewritten: the likest first, of the same department before others."""
    scores = []
    if len(gone) <= _PAIRED and len(come) <= _PAIRED:
        for i, was in enumerate(gone):
            for j, becomes in enumerate(come):
                alike = SequenceMatcher(None, was.text, becomes.text, autojunk=False).ratio()
                same = was.department == becomes.department
                if alike >= _ALIKE or (same and len(gone) == len(come) == 1):
                    scores.append((same, alike, -i, -j))
    partner_of: dict[int, int] = {}
    taken: set[int] = set()
    for _same, _alike, i, j in sorted(scores, reverse=True):
        if -i not in partner_of and -j not in taken:
            partner_of[-i] = -j
            taken.add(-j)
    found: list[tuple[Statement | None, Statement | None]] = [
        (was, come[partner_of[i]] if i in partner_of else None) for i, was in enumerate(gone)
    ]
    return found + [(None, becomes) for j, becomes in enumerate(come) if j not in taken]


def _without_common(old: Sequence[T], new: Sequence[T]) -> tuple[list[T], list[T]]:
    """Return what only the one and only the other has, doubles counted, in their own order."""
    return _minus(old, Counter(new)), _minus(new, Counter(old))


def _minus(values: Sequence[T], others: Counter[T]) -> list[T]:
    left = []
    for value in values:
        if others[value]:
            others[value] -= 1
        else:
            left.append(value)
    return left
