"""Days, months and deadlines in the reader's language."""

from datetime import date, datetime

from babel.dates import format_date, get_day_names
from flask_babel import get_locale, pgettext
from flask_babel import gettext as _

from participation.core import wareki
from participation.portal.entries import last_day_of, time_of
from participation.web.language import is_easy
from participation.web.templating import wareki_filter


def month_name(day: date) -> str:
    """Return 令和8年11月; November 2026 for English, 2026年（令和8年）11月 for easy Japanese."""
    if _english():
        return format_date(day, "MMMM y", "en")
    return wareki.format_western_month(day) if is_easy() else wareki.format_month(day)


def short_day(day: date) -> str:
    """Return 11月22日（日）; Sun 22 November for readers of English."""
    if _english():
        return format_date(day, "EEE d MMMM", "en")
    return wareki.format_date(day).partition("年")[2]


def day_of_month(day: date) -> str:
    """Return 22日（日）; Sun 22 for readers of English."""
    return format_date(day, "EEE d", "en") if _english() else short_day(day).partition("月")[2]


def weekdays() -> list[tuple[str, str]]:
    """Return the days of a week from Sunday on, short and in full."""
    locale = "en" if _english() else "ja"
    short = get_day_names("abbreviated", "stand-alone", locale)
    full = get_day_names("wide", "stand-alone", locale)
    return [(short[number], full[number]) for number in (6, 0, 1, 2, 3, 4, 5)]


def deadline_words(closes_at: datetime) -> str:
    """Return 令和8年11月30日（月）まで, with the time when it is not the end of the day."""
    day, time = wareki_filter(last_day_of(closes_at)), time_of(closes_at)
    if time:
        return str(_("%(day)s %(time)sまで", day=day, time=time))
    return str(pgettext("deadline", "%(day)sまで", day=day))


def _english() -> bool:
    return str(get_locale()) == "en"
