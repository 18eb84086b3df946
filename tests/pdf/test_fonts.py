"""What the two typefaces can show, and what becomes of the rest."""

import pytest

from participation.pdf import fonts


@pytest.mark.parametrize(
    "text",
    [
        "髙﨑𠮷",
        "▶ ↗ ❶ ◦ — ¥",
        "①Ⅳ㈱㎡〓",
        "か\u3099は\u309a",
        "한국어",
        "Tiếng Việt",
        "改\n行\t字下げ",
    ],
)
def test_names_and_signs_of_daily_use_are_covered(text):
    assert fonts.missing_glyphs(text) == ()
    assert fonts.printable(text) == text


def test_registered_variants_keep_their_selector():
    name = "葛\U000e0100飾区と辻\U000e0100"
    assert fonts.missing_glyphs(name) == ()
    assert fonts.printable(name) == name


@pytest.mark.parametrize(
    ("typed", "printed", "points"),
    [
        ("花火😀大会", "花火〓大会", ["U+1F600"]),
        ("✔済", "〓済", ["U+2714"]),
        ("שלום", "〓〓〓〓", ["U+05E9", "U+05DC", "U+05D5", "U+05DD"]),
        ("予算\u202e減", "予算減", ["U+202E"]),
        ("幅\u200bなし", "幅なし", ["U+200B"]),
        ("あ\U000e0110", "あ", ["U+3042 U+E0110"]),
        ("\ufe0fあ", "あ", ["U+FE0F"]),
        ("bell\x07", "bell", ["U+0007"]),
        ("半\ud83d分", "半分", ["U+D83D"]),
    ],
)
def test_what_cannot_be_printed_is_replaced_and_listed(typed, printed, points):
    assert fonts.printable(typed) == printed
    assert [glyph.code_point for glyph in fonts.missing_glyphs(typed)] == points
    assert fonts.missing_glyphs(printed) == ()


def test_line_ends_become_one_kind():
    assert fonts.printable("一\r\n二\r三\x0b四") == "一\n二\n三\n四"


def test_a_missing_character_is_listed_once_and_named():
    (glyph,) = fonts.missing_glyphs("😀と😀")
    assert (glyph.name, glyph.replacement) == ("GRINNING FACE", "〓")


def test_the_ranges_are_those_of_the_font_library():
    from fontTools.ttLib import TTFont

    for path in fonts.FILES:
        with TTFont(path, lazy=True) as font:
            known = set(font.getBestCmap())
        ours = {code for first, last in fonts._covered_ranges() for code in range(first, last + 1)}
        assert ours == known
