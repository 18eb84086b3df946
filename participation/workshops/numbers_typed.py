"""Numbers of a printed list as they are typed: 「1 2 5-9」, and 「5:2」 where two came."""

import re
import unicodedata
from dataclasses import dataclass

from participation.core.errors import InvalidInput

_BETWEEN = re.compile(r"[\s,、，・;]+")
_SIGNS = str.maketrans(
    {"〜": "-", "～": "-", "~": "-", "−": "-", "–": "-", "—": "-", "ー": "-", "―": "-"}
)
_ONE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?::([0-9]{1,2}))?", re.ASCII)
MOST_NUMBERS = 2_000


@dataclass(frozen=True)
class TypedNumbers:
    """What was typed: number of the list → how many came (None: as many as have a seat)."""

    people: dict[int, int | None]


def typed_numbers(text: str) -> TypedNumbers:
    """Return the numbers in ``text``, each once; what was typed last about one counts.

    Raises:
        InvalidInput: something is no number, or a range runs backwards or is too long.

    """
    found: dict[int, int | None] = {}
    folded = re.sub(r"\s*([-:])\s*", r"\1", unicodedata.normalize("NFKC", text).translate(_SIGNS))
    for part in filter(None, _BETWEEN.split(folded)):
        match = _ONE.fullmatch(part)
        if match is None:
            raise InvalidInput(
                f"「{part[:20]}」が読めません。「1 2 5-9」のように、番号を空白で区切ってください。",
                field="numbers",
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if first < 1 or last < first or last - first >= MOST_NUMBERS:
            raise InvalidInput(
                f"「{part[:20]}」の範囲を確かめてください。小さい番号から順に書きます。",
                field="numbers",
            )
        people = int(match[3]) if match[3] else None
        found.update(dict.fromkeys(range(first, last + 1), people))
        if len(found) > MOST_NUMBERS:
            raise InvalidInput("番号が多すぎます。分けて入力してください。", field="numbers")
    if not found:
        raise InvalidInput("名簿の番号を入力してください。例：1 2 5-9", field="numbers")
    if any(people == 0 for people in found.values()):
        raise InvalidInput("人数が0の番号は、書かないでください。", field="numbers")
    return TypedNumbers(found)
