"""Which pairs of texts are worth a look, from the runs that they share.

In the list of a run's texts nobody is compared with everybody: each text is proposed to the three
texts of the list that are most at home there, since the text that others were copied from has all
its runs in such lists. So the work grows with the number of runs, however large a family is.

What counts are the rarest runs of each text. Turns of phrase that everybody uses are in long lists
and would lead to anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from participation.campaigns.grouping.blocks import Numbers
from participation.campaigns.grouping.shingles import ID_BITS, SharedRuns

_Kind = TypeVar("_Kind", bound=np.generic)
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Of the weight of the rare runs that a text has in common with anybody.
LEAST_SHARE = 0.03
HOMES = 3  # texts of a list that the others are proposed to
RARE = 36  # runs of a text that count
_EXTRA = 8  # of the other runs one in so many leads to one home, for a family as large as a crowd
_PRIOR = 4.0  # runs: so that two shared runs of a text with hardly more say little
_WARM = 3.0  # the power of two from which a list counts as long, for being at home
_LEVELS = 25  # of rarity: the length of a list in powers of two
_ID_MASK = np.uint64((1 << ID_BITS) - 1)
_CHUNK = 1 << 21  # runs looked at together
_RANGE = 1 << 16  # texts proposed together
# A pair is packed as one << (ID_BITS + WEIGHT_BITS) | other << WEIGHT_BITS | weight.
_WEIGHT_BITS = 16
_WEIGHT_MASK = np.uint64((1 << _WEIGHT_BITS) - 1)
_UNIT = 8  # of a weight


@dataclass(frozen=True)
class Proposals:
    """For text ``ones[i]`` the text ``others[i]``; by text."""

    ones: Integers
    others: Integers
    shares: Floats  # of the weight of the rare runs that the first has in common with anybody


@dataclass(frozen=True)
class _Lists:
    """Some runs that more than one text has: the texts of each, one list after the other."""

    ids: Integers
    starts: Integers
    sizes: Integers
    extra: NDArray[np.bool_]  # of each list

    def spread(self, values: NDArray[_Kind]) -> NDArray[_Kind]:
        """Return the value of its list for each text in ``ids``."""
        return np.repeat(values, self.sizes)


def propose(runs: SharedRuns, *, fixed: int = 0) -> Iterator[Proposals]:
    """Yield for each text the few others that share enough telling runs with it.

    A range of texts at a time. The runs are used up.

    Args:
        runs: of all texts.
        fixed: the first so many texts are representatives already; others are proposed to them
            rather than to anybody else, and they are not proposed.

    """
    count = len(runs.number)
    rank, common = _survey(runs)
    rank[:fixed] += np.uint64(1 << 31)  # above all others
    total = np.full(count, _PRIOR * float(_weights(np.array([2]), count)[0]))
    ranges = [range(start, min(start + _RANGE, count)) for start in range(0, count, _RANGE)]
    pairs: list[list[Numbers]] = [[] for _ in ranges]
    while runs.parts:
        for lists in _lists(runs.parts.pop()):
            found = _pairs(lists, rank, common, total, fixed)
            bounds = np.array([each.start for each in ranges[1:]], np.uint64) << np.uint64(
                ID_BITS + _WEIGHT_BITS
            )
            for own, piece in zip(
                pairs, np.split(found, np.searchsorted(found, bounds)), strict=True
            ):
                own.append(piece.copy())
    pairs.reverse()
    while pairs:
        summed = _summed(pairs.pop())
        ones = (summed >> np.uint64(ID_BITS + _WEIGHT_BITS)).astype(np.int64)
        others = ((summed >> np.uint64(_WEIGHT_BITS)) & _ID_MASK).astype(np.int64)
        shares = (summed & _WEIGHT_MASK).astype(np.float64) / _UNIT / total[ones]
        enough = shares >= LEAST_SHARE
        yield Proposals(ones[enough], others[enough], shares[enough])


def _lists(runs: Numbers) -> Iterator[_Lists]:
    """Yield the lists of shared runs, some thousands at a time."""
    position = 0
    while position < len(runs):
        stop = min(position + _CHUNK, len(runs))
        if stop < len(runs):  # go on to the end of the list
            last = runs[stop - 1] | _ID_MASK
            stop = int(np.searchsorted(runs, last, side="right"))
        part = runs[position:stop]
        position = stop
        hashes = part >> np.uint64(ID_BITS)
        starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
        sizes = np.diff(starts, append=len(part))
        ids = (part & _ID_MASK).astype(np.int64)
        yield _Lists(ids, starts, sizes, hashes[starts] % np.uint64(_EXTRA) == 0)


def _weights(sizes: Integers, count: int) -> Floats:
    """Return what it says that two texts share a run: the square of its bits of information."""
    return np.log2(1 + count / sizes) ** 2 / 4


def _levels(sizes: Integers) -> Integers:
    return np.minimum(np.log2(sizes).astype(np.int64), _LEVELS - 1)


def _survey(runs: SharedRuns) -> tuple[Numbers, Integers]:
    """Return how much at home each text is in its lists, and up to which level runs are rare."""
    count = len(runs.number)
    shared = np.zeros(count)
    levels = np.zeros(count * _LEVELS, np.uint8)
    for part in runs.parts:
        for lists in _lists(part):
            warmth = np.minimum(np.log2(lists.sizes), _WARM)
            shared += np.bincount(lists.ids, lists.spread(warmth), minlength=count)
            places = lists.ids * _LEVELS + lists.spread(_levels(lists.sizes))
            places.sort()
            starts = np.flatnonzero(np.diff(places, prepend=-1))
            levels[places[starts]] += np.diff(starts, append=len(places)).astype(np.uint8)
    rank = np.minimum(shared / np.maximum(runs.number, 1) * 1e6, 1 << 30).astype(np.uint64)
    upto = np.cumsum(levels.reshape(count, _LEVELS), axis=1, dtype=np.uint16) <= RARE
    # One level at least: the rarest runs that a text has, however many they are.
    first = (levels.reshape(count, _LEVELS) > 0).argmax(axis=1)
    return rank, np.maximum(upto.sum(axis=1) - 1, first)


def _pairs(lists: _Lists, rank: Numbers, common: Integers, total: Floats, fixed: int) -> Numbers:
    """Return the pairs that some lists propose; add what they weigh for each text to ``total``."""
    count = len(rank)
    ids = lists.ids
    weight = _weights(lists.sizes, count)
    rare = lists.spread(_levels(lists.sizes)) <= common[ids]
    used = rare | lists.spread(lists.extra)
    weights = lists.spread((weight * _UNIT).astype(np.uint64))
    total += np.bincount(ids[used], weights[used] / _UNIT, minlength=count)
    key = (rank[ids] << np.uint64(ID_BITS)) | (_ID_MASK - ids.astype(np.uint64))  # the first first
    found = []
    for home in range(HOMES):
        best = lists.spread(np.maximum.reduceat(key, lists.starts))
        other = (_ID_MASK - (best & _ID_MASK)).astype(np.int64)
        real = (used if home == 0 else rare) & (best > 0) & (ids != other)
        if fixed:
            real &= ids >= fixed
        found.append(
            (ids[real].astype(np.uint64) << np.uint64(ID_BITS + _WEIGHT_BITS))
            | (other[real].astype(np.uint64) << np.uint64(_WEIGHT_BITS))
            | weights[real]
        )
        key[ids == other] = 0  # the next time without it
    return _summed(found)


def _summed(parts: list[Numbers]) -> Numbers:
    """Return the pairs once each, with the sum of their weights."""
    packed = np.concatenate([np.empty(0, np.uint64), *parts])
    parts.clear()
    packed.sort()
    pairs = packed >> np.uint64(_WEIGHT_BITS)
    if not len(pairs):
        return packed
    starts = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1])))
    packed &= _WEIGHT_MASK
    weights = np.minimum(np.add.reduceat(packed, starts), _WEIGHT_MASK)
    return (pairs[starts] << np.uint64(_WEIGHT_BITS)) | weights
