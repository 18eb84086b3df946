"""What became of each passage of a version in the next one, judged by the words alone.

Equal texts are the same passage wherever they stand. What is left is compared by the pairs of
characters that two texts share: enough in common both ways is a change, parts of one text in
several is a split, one text inside a longer one is a merge (told as a change of each). All else is
gone. The same two versions always give the same answer; a person looks at it afterwards.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from participation.campaigns.models import Lineage, PassageKind
from participation.campaigns.texts import comparable

# Of the pairs of characters (Dice): clearly the same passage; and enough to be a changed one.
_SURE, _ENOUGH = 0.85, 0.5
# Share of a part that must stand in the whole, and of the whole that its parts must cover.
_INSIDE, _COVERED = 0.7, 0.6
_SMALLEST_PART = 6  # pairs of characters
_LEAST_GAIN = 0.15  # of the whole, by each further part
_CANDIDATES = 12  # for one passage

_GROUPS = {
    PassageKind.HEADING: "heading",
    PassageKind.TABLE: "table",
    PassageKind.PARAGRAPH: "body",
    PassageKind.LIST_ITEM: "body",  # a paragraph is often made an item and back
}
Words = tuple[PassageKind, str]


@dataclass(frozen=True)
class Fate:
    """What became of one passage: ``targets`` are positions in the next version."""

    relation: Lineage
    targets: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    target: int
    shared: int
    dice: float


def trace(old: Sequence[Words], new: Sequence[Words]) -> list[Fate]:
    """Return the fate of each passage of ``old`` in ``new``, in the order of ``old``.

    KEPT and CHANGED have one target, SPLIT two or more, REMOVED none. No two kept passages have
    the same target; changed ones do when they were merged.
    """
    fates: dict[int, Fate] = {
        source: Fate(Lineage.KEPT, (target,)) for source, target in _equal(old, new)
    }
    taken = {fate.targets[0] for fate in fates.values()}
    left_old = [position for position in range(len(old)) if position not in fates]
    left_new = [position for position in range(len(new)) if position not in taken]
    compared = _Comparison(old, new, left_old, left_new)
    compared.pair(fates, _SURE)
    compared.split(fates)
    compared.pair(fates, _ENOUGH)
    compared.merge(fates)
    return [fates.get(position, Fate(Lineage.REMOVED)) for position in range(len(old))]


def most_alike(words: Words, new: Sequence[Words]) -> list[int]:
    """Return the positions in ``new`` that share most with ``words``, best first, at most a few."""
    compared = _Comparison([words], new, [0], range(len(new)))
    return [one.target for one in compared.candidates[0]]


def _equal(old: Sequence[Words], new: Sequence[Words]) -> list[tuple[int, int]]:
    """Pair passages with equal texts, each at most once.

    A text that stands once in both is paired wherever it stands. One that occurs several times is
    paired by the nearest passage before it that is paired already, then by the nearest after it,
    then in the order of occurrence.
    """
    old_keys = [(_GROUPS[kind], comparable(text)) for kind, text in old]
    new_keys = [(_GROUPS[kind], comparable(text)) for kind, text in new]
    pairs: dict[int, int] = {}
    for direction, only_single in ((0, True), (1, False), (-1, False), (0, False)):
        settled = {target: target for target in pairs.values()}
        asking = _by_place(old_keys, pairs, direction)
        waiting = _by_place(new_keys, settled, direction)
        for place, sources in asking.items():
            targets = waiting.get(place, [])
            if not only_single or len(sources) == len(targets) == 1:
                pairs |= zip(sources, targets, strict=False)
    return sorted(pairs.items())


def _by_place(
    keys: Sequence[tuple[str, str]], settled: Mapping[int, int], direction: int
) -> dict[object, list[int]]:
    """Group what is not settled by its key and the settled passage nearest to it.

    Args:
        keys: of all passages of a version.
        settled: position to what its passage is called in both versions.
        direction: 1 for the settled passage before, -1 for the one after, 0 for none.

    """
    places: dict[object, list[int]] = defaultdict(list)
    nearest: int | None = None
    for position in range(len(keys))[:: direction or 1]:
        if position in settled:
            nearest = settled[position] if direction else None
        else:
            places[keys[position], nearest].append(position)
    return {place: sorted(positions) for place, positions in places.items()}


class _Comparison:
    """Which of the passages that are left are alike, through an index of pairs of characters."""

    def __init__(
        self,
        old: Sequence[Words],
        new: Sequence[Words],
        left_old: Sequence[int],
        left_new: Sequence[int],
    ) -> None:
        self._old, self._new = old, new
        self._left = list(left_old)
        self._free = set(left_new)
        self._old_pairs = {one: _pairs(old[one][1]) for one in self._left}
        self._new_pairs = {one: _pairs(new[one][1]) for one in left_new}
        self.candidates = self._find(list(left_new))

    def _find(self, targets: list[int]) -> dict[int, list[_Candidate]]:
        import numpy as np  # slow to import, and few processes compare versions

        postings: dict[str, list[int]] = defaultdict(list)
        for index, target in enumerate(targets):
            for pair in self._new_pairs[target]:
                postings[pair].append(index)
        index_of = {pair: np.array(where, dtype=np.int32) for pair, where in postings.items()}
        sizes = np.array([len(self._new_pairs[target]) for target in targets], dtype=np.int64)
        places = np.array(targets, dtype=np.int64)
        groups = np.array([_GROUPS[self._new[target][0]] for target in targets])
        found: dict[int, list[_Candidate]] = {}
        for source in self._left:
            pairs = self._old_pairs[source]
            where = [index_of[pair] for pair in pairs if pair in index_of]
            if not where:
                found[source] = []
                continue
            shared = np.bincount(np.concatenate(where), minlength=len(targets))
            dice = 2 * shared / (len(pairs) + sizes)
            alike = np.flatnonzero((shared > 0) & (groups == _GROUPS[self._old[source][0]]))
            moved = np.abs(source / len(self._old) - places[alike] / len(self._new)).round(4)
            # Equal scores go to the passage that moved least, then to the first.
            by_dice = alike[np.lexsort((places[alike], moved, -dice[alike]))][:_CANDIDATES]
            by_shared = alike[np.lexsort((places[alike], moved, -shared[alike]))][:_CANDIDATES]
            found[source] = [
                _Candidate(targets[index], int(shared[index]), float(dice[index]))
                for index in dict.fromkeys([*by_dice.tolist(), *by_shared.tolist()])
            ]
        return found

    def _distance(self, source: int, target: int) -> float:
        """How far a passage has moved through the document, from 0 to 1."""
        return round(abs(source / len(self._old) - target / len(self._new)), 4)

    def pair(self, fates: dict[int, Fate], least: float) -> None:
        """Pair passages that are alike, most alike first, each at most once."""
        alike = [
            (-round(one.dice, 3), self._distance(source, one.target), source, one.target)
            for source in self._left
            if source not in fates
            for one in self.candidates[source]
            if one.dice >= least and one.target in self._free
        ]
        for _dice, _distance, source, target in sorted(alike):
            if source not in fates and target in self._free:
                fates[source] = Fate(Lineage.CHANGED, (target,))
                self._free.discard(target)

    def split(self, fates: dict[int, Fate]) -> None:
        """Find passages whose words stand in several new ones."""
        for source in self._left:
            if source in fates or _GROUPS[self._old[source][0]] != "body":
                continue
            whole = self._old_pairs[source]
            covered: set[str] = set()
            parts = []
            for one in sorted(self.candidates[source], key=lambda one: (-one.shared, one.target)):
                part = self._new_pairs[one.target]
                if (
                    one.target not in self._free
                    or len(part) < _SMALLEST_PART
                    or one.shared < _INSIDE * len(part)
                ):
                    continue
                gain = (whole & part) - covered
                if len(gain) >= max(_SMALLEST_PART, _LEAST_GAIN * len(whole)):
                    covered |= gain
                    parts.append(one.target)
            if len(parts) > 1 and len(covered) >= _COVERED * len(whole):
                fates[source] = Fate(Lineage.SPLIT, tuple(sorted(parts)))
                self._free -= set(parts)

    def merge(self, fates: dict[int, Fate]) -> None:
        """Find passages that went into a longer one that another passage became."""
        for source in self._left:
            pairs = self._old_pairs[source]
            if source in fates or len(pairs) < _SMALLEST_PART:
                continue
            inside = [one for one in self.candidates[source] if one.shared >= _INSIDE * len(pairs)]
            if inside:
                best = min(inside, key=lambda one: (-one.shared, one.target))
                fates[source] = Fate(Lineage.CHANGED, (best.target,))


def _pairs(text: str) -> frozenset[str]:
    plain = comparable(text)
    return frozenset(map("".join, pairwise(plain))) or frozenset({plain})
