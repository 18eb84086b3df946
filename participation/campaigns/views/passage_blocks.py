"""A document's passages as a page draws them: lists together, each with what stands beside it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from participation.campaigns.models import PassageKind

_DEEPEST_IN_CONTENTS = 3


class Shown(Protocol):
    """A stored passage, or one that was only just read for a preview."""

    @property
    def kind(self) -> PassageKind:
        """What it is."""

    @property
    def level(self) -> int:
        """Of a heading or a list item."""

    @property
    def label(self) -> str:
        """Its place, for people."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def html(self) -> str:
        """Its markup."""


AnyShown = TypeVar("AnyShown", bound=Shown)


@dataclass(frozen=True)
class Beside:
    """What stands beside a passage."""

    anchor: str = ""
    comment_url: str = ""
    change: str = ""  # Japanese; what is new about it in this version
    opinions: int = 0


@dataclass(frozen=True)
class Line:
    """One passage on a page."""

    passage: Shown
    beside: Beside


@dataclass(frozen=True)
class Block:
    """A passage, or the items of a list."""

    kind: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """A line of the contents list."""

    level: int
    text: str
    anchor: str


def blocks(
    passages: Iterable[AnyShown], beside: Callable[[AnyShown], Beside] | None = None
) -> list[Block]:
    """Return the passages in blocks; items that follow each other are one list."""
    found: list[Block] = []
    for passage in passages:
        line = Line(passage, beside(passage) if beside is not None else Beside())
        kind = passage.kind.value
        if passage.kind is PassageKind.LIST_ITEM and found and found[-1].kind == kind:
            found[-1].lines.append(line)
        else:
            found.append(Block(kind, [line]))
    return found


def contents(page: Iterable[Block]) -> list[Entry]:
    """Return the contents list of a page; empty when a list would say nothing."""
    entries = [
        Entry(line.passage.level, line.passage.text, line.beside.anchor)
        for block in page
        if block.kind == PassageKind.HEADING.value
        for line in block.lines
        if line.passage.level <= _DEEPEST_IN_CONTENTS
    ]
    return entries if len(entries) > 1 else []
