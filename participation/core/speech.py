"""Sentences in the language of whom a letter goes to: outside of a page, and of any request.

Pages speak through ``web.language``. A letter is written by whoever causes it (another resident's
cancellation, a worker's minute) in the language of who gets it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.support import NullTranslations, Translations

from participation.core import clock, wareki

_CATALOGUES = Path(__file__).resolve().parents[1] / "translations"
# Language → locale and domain; what a catalogue does not have stays in Japanese.
_PLACES = {"easy": ("ja", "easy"), "en": ("en", "messages")}
_ENGLISH, _EASY = "en", "easy"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Speech:
    """One language: ja, easy or en; any other speaks Japanese."""

    language: str = "ja"

    def gettext(self, text: str, **values: Any) -> str:
        """Return a text of the code in this language, with its values."""
        # The empty text is the entry of a catalogue's own description.
        said = _catalogue(self.language).gettext(text) if text else ""
        return said % values if values else said

    @property
    def is_foreign(self) -> bool:
        """Whether what a department writes (Japanese) needs a word before it."""
        return self.language == _ENGLISH

    def day(self, day: date) -> str:
        """令和8年11月22日（日）; 22 November 2026; 2026年（令和8年）11月22日（日）."""
        if self.language == _ENGLISH:
            return format_date(day, "d MMMM y", "en")
        easy = self.language == _EASY
        return wareki.format_western_date(day) if easy else wareki.format_date(day)

    def moment(self, moment: datetime) -> str:
        """Return day and time in Japan; the midnight that ends a day is 24:00 of that day."""
        local = clock.local(moment)
        if local.time() == time.min:
            return self._at(local.date() - _ONE_DAY, "24:00")
        return self._at(local.date(), f"{local:%H:%M}")

    def written(self, moment: datetime) -> str:
        """Return day and time in Japan at which something came; midnight is 00:00 of its day."""
        local = clock.local(moment)
        return f"{self.day(local.date())} {local:%H:%M}"

    def hours(self, starts_at: datetime, ends_at: datetime) -> str:
        """Return from when until when something goes on."""
        starts, ends = clock.local(starts_at), clock.local(ends_at)
        until = f"{ends:%H:%M}"
        if ends.time() == time.min and ends.date() - starts.date() == _ONE_DAY:
            until = "24:00"
        elif ends.date() != starts.date():
            until = self._at(ends.date(), until)
        since = self._at(starts.date(), f"{starts:%H:%M}")
        return self.gettext("%(first)s～%(last)s", first=since, last=until)

    def _at(self, day: date, hour: str) -> str:
        return f"{self.day(day)}{' ' if self.language == _ENGLISH else ''}{hour}"


JAPANESE = Speech()


@cache
def _catalogue(language: str) -> NullTranslations:
    place = _PLACES.get(language)
    if place is None:
        return NullTranslations()
    return Translations.load(str(_CATALOGUES), [place[0]], place[1])
