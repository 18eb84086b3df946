"""Japanese eras (元号): dates as the city prints them, and as people type them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from participation.core.errors import InvalidInput

_WEEKDAYS = "月火水木金土日"

_ACCEPTED = (
    "日付として読み取れません。令和8年11月22日、R8.11.22、2026-11-22、2026/11/22"
    "のいずれかの形で入力してください。"
)


@dataclass(frozen=True)
class Era:
    """One era. ``first_year`` is the western year of its 元年."""

    name: str
    initial: str
    first_day: date
    first_year: int

    def western_year(self, year: int) -> int:
        """Return the western year of ``year``, past the end of the era too (平成34 is 2022)."""
        return self.first_year + year - 1


# Newest first. A new era is one more line here; nothing else in the system knows an era.
# Meiji begins in 1868 but its dates can only be converted from 1873 on, when Japan took the
# Gregorian calendar: before that day, month and day differ as well.
ERAS = (
    Era("令和", "R", date(2019, 5, 1), 2019),
    Era("平成", "H", date(1989, 1, 8), 1989),
    Era("昭和", "S", date(1926, 12, 25), 1926),
    Era("大正", "T", date(1912, 7, 30), 1912),
    Era("明治", "M", date(1873, 1, 1), 1868),
)
_BY_NAME = {name: era for era in ERAS for name in (era.name, era.initial)}

# Parts of the patterns below and of those in fiscal_year; matched after NFKC and upper().
ERA_PATTERN = "|".join(_BY_NAME)
ERA_YEAR_PATTERN = r"元|\d{1,2}"

_DATE = re.compile(
    rf"""(?: (?P<era>{ERA_PATTERN}) \s* (?P<era_year>{ERA_YEAR_PATTERN}) | (?P<year>\d{{4}}) )
        \s* [年./-] \s* (?P<month>\d{{1,2}}) \s* [月./-] \s* (?P<day>\d{{1,2}}) \s* 日?
        (?: \s* \( (?P<weekday>[{_WEEKDAYS}]) (?:曜日?)? \) )?""",
    re.VERBOSE | re.ASCII,
)


def era_of(day: date) -> Era:
    """Return the era that ``day`` belongs to; 1873-01-01 is the first day that has one.

    Raises:
        ValueError: an earlier day.

    """
    for era in ERAS:
        if day >= era.first_day:
            return era
    raise ValueError(f"{day} lies before the Gregorian calendar in Japan")


def era_year(day: date) -> str:
    """Return 令和8年; the first year of an era is 元年."""
    era = era_of(day)
    return f"{era.name}{year_text(day.year - era.first_year + 1)}年"


def year_text(year: int) -> str:
    """Return an era's year as it is written: 1 is 元."""
    return "元" if year == 1 else str(year)


def format_month(day: date) -> str:
    """Return 令和8年11月."""
    return f"{era_year(day)}{day.month}月"


def format_date(day: date, *, weekday: bool = True) -> str:
    """Return 令和8年11月22日（日）, without the bracket when ``weekday`` is False."""
    text = f"{format_month(day)}{day.day}日"
    return f"{text}（{_WEEKDAYS[day.weekday()]}）" if weekday else text


def format_western_month(day: date) -> str:
    """Return 2026年（令和8年）11月, for readers who count years only so."""
    return f"{day.year}年（{era_year(day)}）{day.month}月"


def format_western_date(day: date) -> str:
    """Return 2026年（令和8年）11月22日（日）."""
    return f"{format_western_month(day)}{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def western_year_of(era: str, year: str) -> int | None:
    """Return the western year of an era's name or initial and its year (元 or digits).

    None when the era has no such year at all (令和0).
    """
    number = 1 if year == "元" else int(year)
    return _BY_NAME[era].western_year(number) if number else None


def parse_date(text: str) -> date:
    """Read a date in era or western years, in any width; a weekday must be the right one.

    Years past an era's end are read as people meant them: 平成34年4月1日 is 2022-04-01.

    Raises:
        InvalidInput: no such form, no such day, or another weekday.

    """
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if match is None:
        raise InvalidInput(_ACCEPTED)
    year = int(match["year"]) if match["year"] else western_year_of(match["era"], match["era_year"])
    try:
        day = date(year or 0, int(match["month"]), int(match["day"]))
    except ValueError:
        raise InvalidInput("暦にない日付です。年・月・日を確かめてください。") from None
    right = _WEEKDAYS[day.weekday()]
    if match["weekday"] not in {None, right}:
        raise InvalidInput(
            f"{format_date(day, weekday=False)}は{right}曜日です。日付か曜日を確かめてください。"
        )
    return day
