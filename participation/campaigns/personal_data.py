"""Spans of a text that look like somebody's personal data; a hint for a person, never a verdict."""

import re
from dataclasses import dataclass

_DIGIT = "[0-9０-９]"
_DASH = "[-－ー‐−–—ｰ]"
_PATTERNS = (
    (
        "メールアドレス",
        re.compile(r"[A-Za-z0-9._%+\-Ａ-Ｚａ-ｚ０-９．]+[@＠][A-Za-z0-9.\-Ａ-Ｚａ-ｚ０-９．]+"),
    ),
    (
        "電話番号",
        re.compile(
            rf"(?<!{_DIGIT})[(（]?[0０]{_DIGIT}{{1,4}}[)）]?{_DASH}?{_DIGIT}{{1,4}}{_DASH}"
            rf"{_DIGIT}{{3,4}}(?!{_DIGIT})|(?<!{_DIGIT})[0０][5-9５-９][0０]{_DIGIT}{{8}}(?!{_DIGIT})"
        ),
    ),
    ("郵便番号", re.compile(rf"〒\s*{_DIGIT}{{3}}{_DASH}?{_DIGIT}{{4}}")),
    (
        "住所",
        re.compile(
            r"[一-龥ぁ-んァ-ヶ々]{1,12}(?:[0-9０-９]|[一二三四五六七八九十])+"
            rf"(?:丁目[0-9０-９]+番(?:地)?(?:[0-9０-９]+号)?|丁目{_DIGIT}+{_DASH}{_DIGIT}+"
            rf"|番地(?:の?[0-9０-９]+)?|{_DASH}{_DIGIT}+{_DASH}{_DIGIT}+)"
        ),
    ),
)


@dataclass(frozen=True)
class Likely:
    """A span that may be personal data."""

    start: int
    stop: int  # exclusive
    kind: str  # Japanese


def likely_personal_data(text: str) -> list[Likely]:
    """Return the spans of ``text`` that look like an address, a number or a mail address.

    Names are not among them: nothing in a text tells a name from any other word with certainty.
    """
    found: list[Likely] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, stop = match.span()
            if not any(start < other.stop and other.start < stop for other in found):
                found.append(Likely(start, stop, kind))
    return sorted(found, key=lambda span: span.start)
