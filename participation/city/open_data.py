"""Under which licence the city gives its lists away: data, with what most cities chose."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from participation.core.errors import InvalidInput
from participation.core.text import clean_input

KEY = "open_data.licence"
_LONGEST = 2_000


@dataclass(frozen=True)
class Licence:
    """A licence: its name, where it stands, and what it asks of whoever uses the data."""

    name: str
    url: str
    text: str


DEFAULT_LICENCE: Final = Licence(
    "クリエイティブ・コモンズ 表示 4.0 国際（CC BY 4.0）",
    "https://creativecommons.org/licenses/by/4.0/deed.ja",
    "出典を示せば、どなたでも、営利・非営利を問わず自由に利用、加工、再配布できます。"
    "加工したときは、加工したことを書いてください。",
)


def licence(stored: Mapping[str, Any]) -> Licence:
    """Return the city's licence from ``City.lists``."""
    plain = stored.get(KEY)
    return Licence(**plain) if plain else DEFAULT_LICENCE


def check_licence(plain: Any) -> dict[str, str]:
    """Return a licence as it is stored.

    Raises:
        InvalidInput: it is none, a part is missing or too long, or its address is no https one.

    """
    keys = set(asdict(DEFAULT_LICENCE))
    if not isinstance(plain, Mapping) or set(plain) != keys:
        raise InvalidInput(f"{KEY}は{'、'.join(sorted(keys))}で書いてください。", field="licence")
    if not all(isinstance(value, str) and 0 < len(value) <= _LONGEST for value in plain.values()):
        raise InvalidInput(
            f"{KEY}の各項目は1文字以上{_LONGEST}文字以内の文字列にしてください。", field="licence"
        )
    if not plain["url"].startswith("https://"):
        raise InvalidInput(f"{KEY}のurlはhttps://で始めてください。", field="licence")
    return {key: clean_input(plain[key]).strip() for key in sorted(keys)}
