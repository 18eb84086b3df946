"""Which runs of characters a text has: a sample that two texts share.

Of each text at most about ``KEPT`` runs of ``RUN`` characters are kept, those with the smallest
hashes (the bottom of a MinHash). Whether a run is kept depends on its hash and the text's length
alone, so that two texts keep the same ones of the runs they have in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from participation.campaigns.grouping.blocks import Block, Numbers, blocks

RUN = 5  # characters
LATIN_RUN = 7  # of a text in an alphabet
KEPT = 112  # runs of a text, about
ID_BITS = 24  # a run is packed as hash << ID_BITS | number of the text
MOST_TEXTS = 1 << ID_BITS
_HASH_BITS = 64 - ID_BITS
_PART_BITS = 3  # the runs stand in so many parts (a power of two), by the top of their hashes


@dataclass(frozen=True)
class SharedRuns:
    """The runs that more than one text has, packed; equal runs stand together in one part."""

    parts: list[Numbers]
    number: NDArray[np.int64]  # of runs kept of each text, those of it alone too


def shared_runs(texts: Sequence[str]) -> SharedRuns:
    """Return the sampled runs that texts have in common.

    Args:
        texts: in comparable form, at most ``MOST_TEXTS`` of them.

    """
    number = np.zeros(len(texts), np.int64)
    pieces: list[list[Numbers]] = [[] for _ in range(1 << _PART_BITS)]
    bounds = np.arange(1, len(pieces), dtype=np.uint64) << np.uint64(64 - _PART_BITS)
    for block in blocks(texts):
        sample = _sample(block)
        for own, piece in zip(
            pieces, np.split(sample, np.searchsorted(sample, bounds)), strict=True
        ):
            own.append(piece.copy())
        owners = (sample & np.uint64(MOST_TEXTS - 1)).astype(np.int64) - block.first
        stop = block.first + len(block.lengths)
        number[block.first : stop] = np.bincount(owners, minlength=len(block.lengths))
    parts = []
    for own in pieces:
        runs = np.concatenate([np.empty(0, np.uint64), *own])
        own.clear()
        runs.sort()
        parts.append(_shared(runs))
    return SharedRuns(parts, number)


def _shared(runs: Numbers) -> Numbers:
    """Return the runs without those that stand alone."""
    hashes = runs >> np.uint64(ID_BITS)
    same = hashes[1:] == hashes[:-1]
    kept = np.zeros(len(runs), np.bool_)
    kept[1:] = same
    kept[:-1] |= same
    return runs[kept]


def _sample(block: Block) -> Numbers:
    """Return the kept runs of a block, each once a text, sorted."""
    hashes, kept = block.runs_by_script(RUN, LATIN_RUN)
    owners = block.owners(len(hashes))
    hashes >>= np.uint64(ID_BITS)
    # Kept is what lies below the text's own bar, but the low hashes are spread again: else the
    # first part would have nearly all.
    count = np.maximum(block.lengths - RUN + 1, 1)
    bars = (np.minimum(KEPT / count, 1.0) * float(1 << _HASH_BITS)).astype(np.uint64)
    kept &= hashes < bars[owners]
    hashes = hashes[kept] * _SPREAD
    chosen = hashes << np.uint64(ID_BITS)
    chosen |= owners[kept].astype(np.uint64) + np.uint64(block.first)
    chosen.sort()
    return chosen[np.concatenate(([True], chosen[1:] != chosen[:-1]))] if len(chosen) else chosen


# An odd factor: what it makes of the lower bits is as different as they were.
_SPREAD = np.uint64(0x9E3779B97F)
