"""The table of contents of a report with its counts, and how a long report is read in pages.

Kept beside the frozen words, so that a page of a report of twenty thousand statements is found
without reading them all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from participation.reports.snapshot import ItemRow, Snapshot

# Up to so many statements a report is one page; a longer one is read a section at a time.
PAGE_STATEMENTS = 600


@dataclass(frozen=True)
class Filter:
    """What a reader asked for; None means everything."""

    item: str | None = None  # code of an item
    department: str | None = None  # name as printed
    column: int | None = None  # index of a column

    def __bool__(self) -> bool:
        """Whether anything was asked for at all."""
        return (self.item, self.department, self.column) != (None, None, None)

    def counted(self, item: "ContentsItem") -> int:
        """Return how many statements of ``item`` are asked for."""
        if self.item is not None and item.code != self.item:
            return 0
        counts = item.counts if self.column is None else (item.counts[self.column],)
        if self.department is None:
            return sum(map(sum, (cell.values() for cell in counts)))
        return sum(cell.get(self.department, 0) for cell in counts)

    def wants(self, item: "ContentsItem") -> bool:
        """Whether ``item`` is shown: an empty one too, unless a department is asked for."""
        if self.item is not None and item.code != self.item:
            return False
        return self.department is None or self.counted(item) > 0

    def narrow(self, row: ItemRow) -> ItemRow | None:
        """Return the row with what is asked for, or None."""
        if self.item is not None and row.code != self.item:
            return None
        cells = row.cells if self.column is None else (row.cells[self.column],)
        if self.department is not None:
            cells = tuple(
                tuple(entry for entry in cell if entry.department == self.department)
                for cell in cells
            )
            if not any(cells):
                return None
        return replace(row, cells=cells)


@dataclass(frozen=True)
class ContentsItem:
    """An item; ``counts`` has for each column the statements of each department."""

    code: str
    name: str
    counts: tuple[dict[str, int], ...]


@dataclass(frozen=True)
class ContentsLine:
    """One heading. ``number`` counts the headings that have items of their own, from 1; else 0."""

    level: int
    heading: str
    number: int
    items: tuple[ContentsItem, ...] = ()
    # Where the rows of its items are kept: the first part of an edition and how many there are.
    first_part: int = 0
    parts: int = 0


@dataclass(frozen=True)
class Contents:
    """All headings of a report in printed order."""

    lines: tuple[ContentsLine, ...]

    def departments(self) -> list[str]:
        """Return the names of all departments that say something, in the order of their names."""
        return sorted({name for item in self.items() for cell in item.counts for name in cell})

    def items(self) -> Iterator[ContentsItem]:
        """Yield all items in printed order."""
        for line in self.lines:
            yield from line.items

    def counted(self, wanted: Filter) -> int:
        """Return how many statements are asked for."""
        return sum(map(wanted.counted, self.items()))

    def sections(self, wanted: Filter) -> list[ContentsLine]:
        """Return the headings with items of their own that show something of what is wanted."""
        return [line for line in self.lines if line.number and any(map(wanted.wants, line.items))]

    def path(self, number: int) -> tuple["Heading", ...]:
        """Return the headings that the rows of one heading stand under, the outermost first."""
        path: list[Heading] = []
        for line in self.lines:
            while path and path[-1].level >= line.level:
                path.pop()
            path.append(Heading(line.level, line.heading))
            if line.number == number:
                return tuple(path)
        raise ValueError(f"no heading {number}")

    def plain(self) -> list[dict[str, Any]]:
        """Return it as JSON values."""
        return [asdict(line) for line in self.lines]

    @classmethod
    def from_plain(cls, lines: Iterable[dict[str, Any]]) -> Self:
        """Read back what ``plain`` wrote."""
        return cls(
            tuple(
                ContentsLine(
                    level=line["level"],
                    heading=line["heading"],
                    number=line["number"],
                    items=tuple(
                        ContentsItem(item["code"], item["name"], tuple(item["counts"]))
                        for item in line["items"]
                    ),
                    first_part=line["first_part"],
                    parts=line["parts"],
                )
                for line in lines
            )
        )


def contents_of(snapshot: Snapshot) -> Contents:
    """Return the table of contents of a whole report."""
    lines = []
    number = 0
    for node in snapshot.nodes():
        number += bool(node.items)
        items = tuple(
            ContentsItem(
                row.code,
                row.name,
                tuple(dict(Counter(entry.department for entry in cell)) for cell in row.cells),
            )
            for row in node.items
        )
        lines.append(ContentsLine(node.level, node.heading, number if items else 0, items))
    return Contents(tuple(lines))


@dataclass(frozen=True)
class Heading:
    """A heading as it stands above a table."""

    level: int
    text: str


@dataclass(frozen=True)
class Block:
    """One table of the report with the headings that are to stand above it."""

    number: int
    headings: tuple[Heading, ...]
    rows: tuple[ItemRow, ...]


def blocks(snapshot: Snapshot, contents: Contents) -> Iterator[Block]:
    """Yield the tables of a whole report; each has all headings that it stands under."""
    with_items = (node for node in snapshot.nodes() if node.items)
    for number, node in enumerate(with_items, start=1):
        yield Block(number, contents.path(number), node.items)


def narrowed(pieces: Iterable[Sequence[ItemRow]], wanted: Filter) -> tuple[ItemRow, ...]:
    """Return what is wanted of rows that come in pieces, each item whole again."""
    found: list[ItemRow] = []
    for piece in pieces:
        for row in map(wanted.narrow, piece):
            if row is None:
                continue
            if found and found[-1].code == row.code:
                found[-1] = _joined(found[-1], row)
            else:
                found.append(row)
    return tuple(found)


def without_repeats(tables: Iterable[Block]) -> Iterator[Block]:
    """Yield the tables with only those headings that the one before did not stand under."""
    before: tuple[Heading, ...] = ()
    for block in tables:
        same = 0
        while same < min(len(before), len(block.headings) - 1) and (
            before[same] == block.headings[same]
        ):
            same += 1
        before = block.headings
        yield replace(block, headings=block.headings[same:])


def pages(
    rows: Sequence[ItemRow], *, statements: int = PAGE_STATEMENTS
) -> list[tuple[ItemRow, ...]]:
    """Cut a long table into pages of about so many statements, the years kept beside each other.

    An item with more statements than fit is continued on the next page.
    """
    found: list[list[ItemRow]] = [[]]
    used = 0
    for row in _row_pieces(rows, statements):
        size = sum(map(len, row.cells))
        if used and used + size > statements:
            found.append([])
            used = 0
        page = found[-1]
        if page and page[-1].code == row.code:
            page[-1] = _joined(page[-1], row)
        else:
            page.append(row)
        used += size
    return [tuple(page) for page in found]


def _row_pieces(rows: Sequence[ItemRow], statements: int) -> Iterator[ItemRow]:
    for row in rows:
        a_cell = max(1, statements // max(1, len(row.cells)))
        longest = max(map(len, row.cells), default=0)
        for start in range(0, max(longest, 1), a_cell):
            yield replace(row, cells=tuple(cell[start : start + a_cell] for cell in row.cells))


def _joined(row: ItemRow, more: ItemRow) -> ItemRow:
    cells = zip(row.cells, more.cells, strict=True)
    return replace(row, cells=tuple(first + second for first, second in cells))
