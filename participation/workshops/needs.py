"""What a workshop may offer to who needs it (配慮), and how a registration carries it."""

from collections.abc import Iterable

# In the order in which a form shows them. What is needed stands encrypted with the sender: "needs"
# holds the keys, joined by commas, "needs_note" what was written beside.
NEEDS: dict[str, str] = {
    "sign_language": "手話通訳",
    "captioning": "要約筆記",
    "wheelchair": "車いすの席・段差のない移動",
    "language": "日本語以外の言語",
    "other": "その他の配慮",
}
# Needs that say something only with words beside.
WITH_WORDS = frozenset({"language", "other"})
LONGEST_NOTE = 300


def offered_needs(stored: Iterable[object]) -> tuple[tuple[str, str], ...]:
    """Return (key, label) of the needs that a workshop offers, known ones only, in their order."""
    wanted = {str(key) for key in stored}
    return tuple((key, label) for key, label in NEEDS.items() if key in wanted)


def needs_of(joined: str) -> tuple[str, ...]:
    """Return the known keys in a sender's "needs"."""
    wanted = set(joined.split(","))
    return tuple(key for key in NEEDS if key in wanted)


def need_labels(joined: str) -> tuple[str, ...]:
    """Return the labels of a sender's "needs"."""
    return tuple(NEEDS[key] for key in needs_of(joined))
