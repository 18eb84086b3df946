"""Which words of two texts differ, for showing them beside each other."""

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

# Comparing takes time with how often the characters of one text stand in the other; texts that
# are long, or repeat themselves, are shown without marks.
_MOST_PAIRS = 60_000
# A common run shorter than this between two changes would only be confetti.
_SHORTEST_COMMON = 2


@dataclass(frozen=True)
class Piece:
    """A run of a text."""

    text: str
    changed: bool


def marked_difference(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts in pieces that are in both or only in one of them."""
    if before == after:
        return [Piece(before, changed=False)], [Piece(after, changed=False)]
    times = Counter(after)
    if sum(count * times[sign] for sign, count in Counter(before).items()) > _MOST_PAIRS:
        return [Piece(before, changed=True)], [Piece(after, changed=True)]
    first: list[Piece] = []
    second: list[Piece] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, stop, other_start, other_stop in matcher.get_opcodes():
        short = stop - start < _SHORTEST_COMMON and start > 0 and stop < len(before)
        changed = tag != "equal" or short
        _add(first, before[start:stop], changed=changed)
        _add(second, after[other_start:other_stop], changed=changed)
    return first, second


def _add(pieces: list[Piece], text: str, *, changed: bool) -> None:
    if not text:
        return
    if pieces and pieces[-1].changed is changed:
        text = pieces.pop().text + text
    pieces.append(Piece(text, changed=changed))
