"""Fiscal years (年度): 1 April to 31 March, held as the western year in which they begin."""

import re
import unicodedata
from datetime import date

from participation.core.errors import InvalidInput
from participation.core.wareki import (
    ERA_PATTERN,
    ERA_YEAR_PATTERN,
    ERAS,
    Era,
    western_year_of,
    year_text,
)

_FIRST_MONTH = 4
_EARLIEST, _LATEST = 1900, 2099

_ACCEPTED = (
    "年度として読み取れません。2023、R5、令和5、令和5年度、令和元年度、平成31年度"
    "のいずれかの形で入力してください。"
)

# Matched after NFKC (so ５ is 5 and （ is a plain bracket) and upper().
_FORM = re.compile(
    rf"""(?: (?P<era>{ERA_PATTERN}) \s* (?P<era_year>{ERA_YEAR_PATTERN})
             (?: \s* (?:年度?)? \s* \( \s* (?P<western_beside>\d{{4}}) \s* (?:年度?)? \s* \) )?
           | (?P<western>\d{{4}}) )
        \s* (?:年度?)?""",
    re.VERBOSE | re.ASCII,
)


def fiscal_year_of(day: date) -> int:
    """Return the fiscal year of ``day``: 2024-03-31 is in 2023, 2024-04-01 in 2024."""
    return day.year if day.month >= _FIRST_MONTH else day.year - 1


def first_day(fiscal_year: int) -> date:
    """Return 1 April of the fiscal year."""
    return date(fiscal_year, _FIRST_MONTH, 1)


def last_day(fiscal_year: int) -> date:
    """Return 31 March, the last day of the fiscal year (included)."""
    return date(fiscal_year + 1, 3, 31)


def _era_of(fiscal_year: int) -> Era:
    # The era of the day on which the year begins, except 2019: it began as 平成31年度, but from
    # 1 May 2019 the state's rule (新元号への円滑な移行に向けた関係省庁連絡会議申合せ, April 2019)
    # calls the whole fiscal year 令和元年度, and cities followed. Dates are not touched by that:
    # 30 April 2019 stays 平成31年4月30日.
    newest = ERAS[0]
    if fiscal_year == newest.first_year:
        return newest
    day = first_day(fiscal_year)
    return next(era for era in ERAS if day >= era.first_day)


def label(fiscal_year: int) -> str:
    """Return 令和5年度; 2019 is 令和元年度 as a whole."""
    era = _era_of(fiscal_year)
    return f"{era.name}{year_text(fiscal_year - era.first_year + 1)}年度"


def short_label(fiscal_year: int) -> str:
    """Return R5, and R元 for 2019, as staff write it."""
    era = _era_of(fiscal_year)
    return f"{era.initial}{year_text(fiscal_year - era.first_year + 1)}"


def western_label(fiscal_year: int) -> str:
    """Return 令和5（2023）年度, for readers who don't count in eras."""
    return f"{label(fiscal_year).removesuffix('年度')}（{fiscal_year}）年度"


def parse_fiscal_year(text: str) -> int:
    """Read a fiscal year as people write it, in any width and case.

    2023, 2023年度, R5, 令和5, 令和5年, 令和5年度, 令和元年度, R元, and with the western year beside
    it 平成34(2022)年度. A year past an era's end means what it meant when it was written:
    平成31年度 is 2019 and 平成34年度 is 2022.

    Raises:
        InvalidInput: another form, or two years that contradict each other.

    """
    match = _FORM.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if match is None:
        raise InvalidInput(_ACCEPTED)
    if match["western"]:
        year: int | None = int(match["western"])
    else:
        year = western_year_of(match["era"], match["era_year"])
    if year is None or not _EARLIEST <= year <= _LATEST:
        raise InvalidInput(_ACCEPTED)
    beside = match["western_beside"]
    if beside and int(beside) != year:
        raise InvalidInput(
            f"年度の和暦と西暦が合いません（{text.strip()}）。"
            f"和暦の年は西暦{year}年です。どちらかを直してください。"
        )
    return year
