"""How alike two texts are: in order, character by character, or one inside the other.

Two measures, each between 0 and 1:

- **Characters in common in the same order** (longest common subsequence), counted in both texts. A
  text of which a share *e* was rewritten keeps at least 1 − *e*; two independent texts of the same
  language reach about 0.4, since the frequent characters always line up somehow.
- **Pieces of the shorter text found in the longer one** (runs of five characters): for a text
  wrapped in a letter, or with its paragraphs in another order.

Short texts need more: in 「案に賛成します」 and 「案に反対します」 most characters are common.
"""

PIECE = 5  # characters of a run
# Texts of this many characters or fewer must be nearly equal, from the other number on the
# threshold counts as it is, and between them the demand falls evenly.
SHORT, LONG = 24, 60
SHORT_DEMAND = 0.93
# Containment says nothing of a text shorter than this: a set phrase stands in many letters.
CONTAINED_FROM = 40


def demand(length: int, threshold: float) -> float:
    """Return the similarity that a text needs whose shorter side has ``length`` characters."""
    if length >= LONG or threshold >= SHORT_DEMAND:
        return threshold
    if length <= SHORT:
        return SHORT_DEMAND
    return SHORT_DEMAND - (SHORT_DEMAND - threshold) * (length - SHORT) / (LONG - SHORT)


class Prepared:
    """A text made ready to be compared with many: where each of its characters stands."""

    __slots__ = ("_masks", "_pieces", "text")

    def __init__(self, text: str) -> None:
        """Take a text in its comparable form."""
        self.text = text
        self._pieces: frozenset[str] | None = None
        self._masks: dict[str, int] | None = None

    @property
    def masks(self) -> dict[str, int]:
        """For each character the places where it stands, as the bits of a number."""
        if self._masks is None:
            masks: dict[str, int] = {}
            place = 1
            for character in self.text:
                masks[character] = masks.get(character, 0) | place
                place <<= 1
            self._masks = masks
        return self._masks

    @property
    def pieces(self) -> frozenset[str]:
        """The runs of ``PIECE`` characters in the text."""
        if self._pieces is None:
            self._pieces = pieces_of(self.text)
        return self._pieces

    def common(self, other: str) -> int:
        """Return the length of the longest common subsequence with ``other``.

        Bit-parallel (Hyyrö 2004): a long integer holds a whole row of the table, so that one
        character of ``other`` costs a few operations.
        """
        masks = self.masks
        if not masks or not other:
            return 0
        full = (1 << len(self.text)) - 1
        row = full
        for mask in filter(None, map(masks.get, other)):
            match = row & mask
            row = (row + match) | (row - match)
        return len(self.text) - (row & full).bit_count()

    def similarity(self, other: str, threshold: float, *, contained: bool = True) -> float:
        """Return how alike ``other`` is, or 0.0 when it is not enough for ``threshold``.

        ``contained=False`` leaves out whether one is inside the other.
        """
        mine, theirs = len(self.text), len(other)
        shorter = min(mine, theirs)
        if not shorter:
            return 0.0
        needed = demand(shorter, threshold)
        best = 0.0
        if 2 * shorter >= needed * (mine + theirs):
            best = 2 * self.common(other) / (mine + theirs)
            if best >= needed:
                return best
        if contained and shorter >= CONTAINED_FROM:
            one, two = self.pieces, pieces_of(other)
            # Never as if it were the same text.
            found = min(len(one & two) / min(len(one), len(two)), 0.999)
            if found >= needed:
                return found
        return 0.0


def pieces_of(text: str) -> frozenset[str]:
    """Return the runs of ``PIECE`` characters of a text."""
    return frozenset(map("".join, zip(*(text[start:] for start in range(PIECE)), strict=False)))
