"""The formula guard of CSV files: text stays text in Excel, and comes back as it was.

Excel and its like take a CSV cell that begins with = + - @ for a formula, in a Japanese Excel in
full width too, and TAB and CR lead into one. An apostrophe in front stops that. Since our own
export must be importable without changing anything, taking the guard off must undo exactly what
putting it on did, for every text: so a text that already begins with apostrophes before such a
character gets one more, and ``unguard`` takes one off. All other texts, other leading apostrophes
included, pass both untouched.
"""

import re

# U+2212 and the en dash are here because they become －, which is in the list, in CP932.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠−–]")


def guard(text: str) -> str:
    """Return ``text`` with an apostrophe in front where a spreadsheet would calculate."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Return ``text`` as it was before ``guard``."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
