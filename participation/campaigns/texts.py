"""The form in which texts of residents are compared."""

import hashlib

from participation.core.text import folded


def comparable(text: str) -> str:
    """Return ``text`` without anything that copying changes: NFKC and no blanks at all.

    Two texts with the same form are equal for the grouping; neither is changed by it.
    """
    return "".join(folded(text).split())


def text_key(text: str) -> str:
    """Return the SHA-256 (hex) of the comparable form: equal texts have equal keys."""
    return hashlib.sha256(comparable(text).encode("utf-8", "replace")).hexdigest()
