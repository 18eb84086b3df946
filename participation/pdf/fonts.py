"""The two typefaces that every PDF is set in, and what is done about signs they lack.

Nothing of the machine's own fonts is ever used: the same text gives the same pages everywhere,
and a character without a picture is replaced by 〓, the printers' sign for a missing one, instead
of becoming an empty box that nobody notices.
"""

import functools
import re
import struct
import sys
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import noto_cjk_sans_jp_bold
import noto_cjk_sans_jp_regular

from participation.core.text import REPLACEMENT, clean_input
from participation.pdf.errors import FontsUnavailable

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

FAMILY = "Noto Sans CJK JP"
FILES = (
    Path(str(noto_cjk_sans_jp_regular.FONT_PATH)),
    Path(str(noto_cjk_sans_jp_bold.FONT_PATH)),
)

_LAYOUT = frozenset("\n\r\t")
# A character and the selectors behind it (none before it at the start of a text).
_VARIANT = re.compile("[^\ufe00-\ufe0f\U000e0100-\U000e01ef]?[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_VARIATIONS = 14  # format of the subtable of variants
_ALL_OF_UNICODE = (3, 10)  # platform and encoding of the subtable that is not cut at U+FFFF
# Invisible signs that only join, order or vary others. They have no picture of their own; the
# direction signs could even make a printed line read backwards.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})


@dataclass(frozen=True)
class MissingGlyph:
    """A character that cannot be printed as typed, and what is printed instead."""

    character: str  # with the variation selector behind it, if it is the variant that is missing
    replacement: str  # 〓, the common form of a variant, or empty for a sign without a picture

    @property
    def code_point(self) -> str:
        """Return the code points as people write them: U+1F600."""
        return " ".join(f"U+{ord(sign):04X}" for sign in self.character)

    @property
    def name(self) -> str:
        """Return the Unicode name, or an empty string for a character without one."""
        return unicodedata.name(self.character[0], "")


@functools.cache
def _covered_ranges() -> tuple[tuple[int, int], ...]:
    """Return the code points that both weights can show, as (first, last), in order.

    Read straight from the fonts' tables: the font library needs 0.3 s to make a dictionary of
    them, a third of what the whole report takes.
    """
    regular, bold = (_read_ranges(path) for path in FILES)
    if regular != bold:
        raise FontsUnavailable("標準と太字の書体の文字がそろっていません。")
    return regular


def _read_ranges(path: Path) -> tuple[tuple[int, int], ...]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        table = font.reader["cmap"]
    for index in range(struct.unpack_from(">H", table, 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", table, 4 + 8 * index)
        if (platform, encoding) == _ALL_OF_UNICODE:
            count = struct.unpack_from(">I", table, offset + 12)[0]
            groups = struct.iter_unpack(">III", table[offset + 16 : offset + 16 + 12 * count])
            return tuple((first, last) for first, last, glyph in groups if glyph)
    raise FontsUnavailable(f"{path.name} に文字の表がありません。")


def is_covered(character: str) -> bool:
    """Whether both weights have a picture of ``character``; true of line ends and tab."""
    code = ord(character)
    ranges = _covered_ranges()
    index = bisect_right(ranges, (code, sys.maxunicode)) - 1
    return character in _LAYOUT or (index >= 0 and code <= ranges[index][1])


def missing_glyphs(text: str) -> tuple[MissingGlyph, ...]:
    """Return what of ``text`` cannot be printed as typed, each once, in order.

    A variation selector is looked at together with the character it varies: 葛 with U+E0100 is
    in the typefaces, so nothing is missing there.
    """
    lacking = [sign for sign in dict.fromkeys(text) if not is_covered(sign)]
    if not lacking:
        return ()
    missing = [
        MissingGlyph(sign, _replacement(sign)) for sign in lacking if not _SELECTOR.match(sign)
    ]
    if len(missing) < len(lacking):
        missing += [
            MissingGlyph(variant, _SELECTOR.sub("", variant))
            for variant in dict.fromkeys(_VARIANT.findall(text))
            if variant not in _variants()
        ]
    return tuple(missing)


def printable(text: str) -> str:
    """Return ``text`` with 〓 for what the typefaces lack, and without invisible signs.

    Line ends of all kinds become line feeds. Everything else stays as typed.
    """
    text = clean_input(text)
    missing = missing_glyphs(text)
    if not missing:
        return text
    replacements = {glyph.character: glyph.replacement for glyph in missing}
    text = _VARIANT.sub(lambda found: replacements.get(found[0], found[0]), text)
    return text.translate(
        {ord(sign): instead for sign, instead in replacements.items() if len(sign) == 1}
    )


def _replacement(character: str) -> str:
    return "" if unicodedata.category(character) in _INVISIBLE_CATEGORIES else REPLACEMENT


@functools.cache
def _variants() -> frozenset[str]:
    """Return the characters with variation selectors that the typefaces have."""
    from fontTools.ttLib import TTFont

    with TTFont(FILES[0], lazy=True) as font:
        table = next(table for table in font["cmap"].tables if table.format == _VARIATIONS)
        return frozenset(
            chr(code) + chr(selector)
            for selector, variants in table.uvsDict.items()
            for code, _ in variants
        )


@functools.cache
def _fontconfig() -> tuple[Any, Any]:
    """Return an FFI and fontconfig with the one function that WeasyPrint does not declare."""
    from cffi import FFI

    ffi = FFI()
    ffi.cdef("void * FcConfigCreate (void);")
    for name in ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll"):
        try:
            return ffi, ffi.dlopen(name)
        except OSError:
            continue
    raise FontsUnavailable("libfontconfig1 が入っていません。apt で入れてください。")


def closed_configuration() -> "FontConfiguration":
    """Return a font configuration that knows the two typefaces and nothing else.

    WeasyPrint's own one reads every font of the machine and copies each ``@font-face`` file to
    the temporary folder (32 MB a document, left behind when the worker is killed). This one
    starts empty and is given the files where they lie, so nothing is fetched or copied.

    Raises:
        FontsUnavailable: a library or a font file is missing.

    """
    from weasyprint.text.ffi import ffi, fontconfig, gobject, harfbuzz_subset, pangoft2
    from weasyprint.text.fonts import FontConfiguration

    if harfbuzz_subset is None:
        # Without it fonts are cut down by other code, slowly, and with the time of day in them.
        raise FontsUnavailable("libharfbuzz-subset0 が入っていません。apt で入れてください。")

    class ClosedConfiguration(FontConfiguration):  # type: ignore[misc]
        """The two typefaces."""

        def __init__(self) -> None:
            own_ffi, library = _fontconfig()
            address = int(own_ffi.cast("uintptr_t", library.FcConfigCreate()))
            self._config = ffi.cast("FcConfig *", address)
            for path in FILES:
                if not fontconfig.FcConfigAppFontAddFile(self._config, str(path).encode()):
                    raise FontsUnavailable(f"{path.name} を読み込めません。")
            self.font_map = ffi.gc(pangoft2.pango_ft2_font_map_new(), gobject.g_object_unref)
            pangoft2.pango_fc_font_map_set_config(
                ffi.cast("PangoFcFontMap *", self.font_map), self._config
            )
            fontconfig.FcConfigDestroy(self._config)  # the font map holds its own reference
            self._folder = None
            self.strut_layouts: dict[Any, Any] = {}
            self.font_features: dict[Any, Any] = {}

        def add_font_face(self, rule_descriptors: Any, _url_fetcher: Any) -> None:
            raise FontsUnavailable(f"@font-face は使えません: {rule_descriptors!r}")

    return ClosedConfiguration()
