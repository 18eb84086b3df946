"""Geometry of small charts: numbers in, rectangles out; the words stand beside them as text.

Only shapes are drawn in SVG, stretched to the width that there is; every label is text of the
page, so that it keeps its size on a phone, is read aloud, and needs no colour to be told apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# A day is so wide and its bar so much of that; in the units of the drawing, which is stretched.
_DAY, _BAR = 10, 8
_HEIGHT = 100
# A bar for anything at all is so high at least, so that one among a thousand can be seen.
_LEAST = 3


@dataclass(frozen=True)
class Bar:
    """A rectangle in the units of its drawing."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Strip:
    """Bars of one thing over time, to be drawn below those of others on the same scale."""

    label: str
    total: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class DayChart:
    """Numbers by day for several things: one strip each, and the same as rows of a table."""

    width: int
    height: int
    strips: tuple[Strip, ...]
    weeks: tuple[int, ...]  # where a line stands for the beginning of a week
    first: date
    last: date
    most: int  # the highest bar of all
    labels: tuple[str, ...]
    rows: tuple[tuple[date, tuple[int, ...]], ...]  # days with anything at all


@dataclass(frozen=True)
class Share:
    """One line of a chart of shares; ``width`` is of a bar 1,000 wide."""

    label: str
    number: int
    width: int
    percent: str  # 33.3%, empty of nothing


def day_chart(
    series: Sequence[tuple[str, Iterable[tuple[date, int]]]], first: date, last: date
) -> DayChart:
    """Return the chart of some numbers by day.

    Args:
        series: (label, [(day, number), …]) each.
        first: the first day drawn; an earlier one that has a number moves it back.
        last: the last, likewise.

    """
    numbers = [(label, dict(days)) for label, days in series]
    known = [day for _label, days in numbers for day, number in days.items() if number]
    first, last = min([first, *known]), max([last, *known])
    most = max((number for _label, days in numbers for number in days.values()), default=0)
    strips = tuple(
        Strip(
            label,
            sum(days.values()),
            tuple(
                _bar((day - first).days, number, most)
                for day, number in sorted(days.items())
                if number
            ),
        )
        for label, days in numbers
    )
    length = (last - first).days + 1
    return DayChart(
        width=length * _DAY,
        height=_HEIGHT,
        strips=strips,
        weeks=tuple(
            offset * _DAY
            for offset in range(1, length)
            if (first + timedelta(days=offset)).weekday() == 0
        ),
        first=first,
        last=last,
        most=most,
        labels=tuple(label for label, _days in numbers),
        rows=tuple(
            (day, tuple(days.get(day, 0) for _label, days in numbers)) for day in sorted(set(known))
        ),
    )


def shares(parts: Sequence[tuple[str, int]], total: int | None = None) -> tuple[Share, ...]:
    """Return the lines of a chart of shares; widths are of the largest, percents of the total.

    Args:
        parts: (label, number) each.
        total: what the percents are of; their sum as a rule.

    """
    whole = sum(number for _label, number in parts) if total is None else total
    largest = max((number for _label, number in parts), default=0)
    return tuple(
        Share(
            label,
            number,
            max(round(1000 * number / largest), _LEAST) if number else 0,
            f"{100 * number / whole:.1f}%" if whole else "",
        )
        for label, number in parts
    )


def done_of(parts: Sequence[tuple[str, int, int]]) -> tuple[Share, ...]:
    """Return the lines of a chart of progress: (label, done, whole) each."""
    return tuple(
        Share(
            label,
            done,
            round(1000 * done / whole) if whole else 0,
            f"{100 * done / whole:.1f}%" if whole else "",
        )
        for label, done, whole in parts
    )


def _bar(offset: int, number: int, most: int) -> Bar:
    height = max(round(_HEIGHT * number / most), _LEAST)
    return Bar(offset * _DAY + (_DAY - _BAR) // 2, _HEIGHT - height, _BAR, height)
