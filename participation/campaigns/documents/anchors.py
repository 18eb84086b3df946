"""Anchors of passages: ids that stay as long as the words do, and longer when a person says so."""

import hashlib
from collections.abc import Mapping, Sequence

from participation.campaigns.texts import comparable

_DIGITS = 10  # of the hash: 40 bits; texts that meet by chance get different counters


def assign_anchors(texts: Sequence[str], inherited: Mapping[int, str] | None = None) -> list[str]:
    """Return an anchor for each text, all different.

    An anchor is made of the text alone and, where the same text occurs again, of a counter; so an
    edit elsewhere does not move it.

    Args:
        texts: of the passages, in reading order.
        inherited: anchors that some of them keep from the version before, by position.

    """
    kept = inherited or {}
    taken = set(kept.values())
    counters: dict[str, int] = {}
    anchors = []
    for position, text in enumerate(texts):
        if position in kept:
            anchors.append(kept[position])
            continue
        base = _base(text)
        while True:
            counters[base] = counters.get(base, 0) + 1
            anchor = base if counters[base] == 1 else f"{base}-{counters[base]}"
            if anchor not in taken:
                break
        taken.add(anchor)
        anchors.append(anchor)
    return anchors


def _base(text: str) -> str:
    digest = hashlib.sha256(comparable(text).encode("utf-8", "replace")).hexdigest()
    return f"p-{digest[:_DIGITS]}"
