"""Text as people type it: compared through NFKC, measured in columns, made fit for CP932.

The NFKC form is never stored: it turns ① into 1, Ⅳ into IV and ㈱ into (株).
"""

import re
import unicodedata

REPLACEMENT = "〓"  # 下駄: what Japanese print puts where a type is missing

# Line ends of other systems; also the vertical tab that Word's soft line break pastes as.
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85]")
# Controls but TAB and LF, lone surrogates (half a character, cannot be encoded) and the two
# noncharacters that XML forbids.
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

# Windows and JIS disagree on which code point these signs have, and some lack one in CP932.
# To the eye they are the same sign. Keys: as typed on Mac, on a phone or in UTF-8; values: what
# Windows-31J has for it.
_LOOK_ALIKES = {
    "〜": "～",  # wave dash
    "−": "－",  # minus sign
    "–": "－",  # en dash
    "—": "―",  # em dash
    "‖": "∥",
    "¥": "￥",
    "¢": "￠",
    "£": "￡",
    "¬": "￢",
    "¦": "￤",
    "‾": "￣",
    "‑": "‐",  # hyphen that does not break
    "\u00a0": " ",  # space that does not break
}
_LOOK_ALIKE_TABLE = str.maketrans(_LOOK_ALIKES)

_VARIATION_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_VARIANT = re.compile(rf"[^{_VARIATION_SELECTORS}][{_VARIATION_SELECTORS}]+")
# Marks without ink that come along when people copy from a web page.
_INVISIBLE = re.compile(rf"[\u00ad\u200b\u2060\ufeff{_VARIATION_SELECTORS}]")
_VOICED = re.compile(r"[ぁ-ヿ][\u3099\u309a]")  # か + combining voiced mark, as macOS writes it
# Most texts have nothing to fold, and asking is twenty times faster than folding.
_TO_FOLD = re.compile(
    f"[{''.join(map(re.escape, _LOOK_ALIKES))}\u00ad\u200b\u2060\ufeff{_VARIATION_SELECTORS}]"
)


def compare_key(text: str) -> str:
    """Return the form in which two texts are compared; never store it or show it.

    As ``folded``, with every run of white space (line breaks too) one blank. Upper and lower case
    stay apart. A text that went out through a CP932 export and came back has the key it had before.
    """
    return " ".join(folded(text).split())


def folded(text: str) -> str:
    """Return NFKC with look-alikes (〜 and ～, − and －, — and ―) made one, no mark without ink."""
    if _TO_FOLD.search(text):
        text = _INVISIBLE.sub("", text).translate(_LOOK_ALIKE_TABLE)
    return unicodedata.normalize("NFKC", text)


def same_text(one: str, other: str) -> bool:
    """Whether two texts say the same apart from width, white space and look-alike signs."""
    return one == other or compare_key(one) == compare_key(other)


def clean_input(text: str) -> str:
    r"""Return ``text`` as it may be stored: as typed, without what no page or file can carry.

    Line ends become \n; control characters other than \n and \t, lone surrogates and
    U+FFFE/U+FFFF go. All else stays, full-width blanks and blanks at the ends included.
    """
    if text.isprintable():
        return text
    return _UNFIT.sub("", _LINE_ENDS.sub("\n", text))


def display_width(text: str) -> int:
    """Return the width in half-width columns: 漢 is 2, a and ｱ are 1, combining marks 0.

    Characters that Unicode calls ambiguous (①, α, ※) count 2, as Japanese fonts draw them.
    """
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def cp932_safe(text: str) -> tuple[str, tuple[str, ...]]:
    """Return ``text`` so that ``.encode("cp932")`` works, and the characters that were lost.

    Signs that CP932 has under another code point change to it (〜 to ～, − to －, — to ―, ¥ to ￥)
    and か with a combining mark becomes が: neither is lost. A variation selector is dropped,
    leaving the common form of the character (葛󠄀 to 葛), and that character is reported.
    Whatever else is missing becomes 〓 and is reported, each once, in code point order.
    """
    if text.isascii():
        return text, ()
    text = _VOICED.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), text)
    lost = set(_VARIANT.findall(text))
    if lost:
        text = _VARIANT.sub(lambda variant: variant[0][0], text)
    # Over the few distinct characters instead of all: exports are long.
    for character in set(text):
        if character in _LOOK_ALIKES:
            text = text.replace(character, _LOOK_ALIKES[character])
        elif not _in_cp932(character):
            text = text.replace(character, REPLACEMENT)
            lost.add(character)
    return text, tuple(sorted(lost))


def _in_cp932(character: str) -> bool:
    try:
        return bool(character.encode("cp932"))
    except UnicodeEncodeError:
        return False


def opening(text: str, most: int = 120) -> str:
    """Return the first sentence or two of a plain text, in one line of at most ``most`` characters.

    What is longer is cut at the end of a sentence where there is one, else with …
    """
    line = " ".join(text[: 4 * most].split())
    if len(line) <= most:
        return line
    end = line.rfind("。", 0, most)
    return line[: end + 1] if end > 0 else f"{line[: most - 1]}…"
