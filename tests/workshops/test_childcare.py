"""託児: whole months on the day, leap days, and the school year."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from participation.workshops.childcare import (
    Child,
    age_words,
    children_json,
    children_of,
    is_looked_after,
    months_on,
    school_entry,
)

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@dataclass
class Limits:
    youngest_months: int | None = None
    oldest_months: int | None = None
    until_school: bool = False


@pytest.mark.parametrize(
    ("born", "day", "months"),
    [
        (date(2026, 5, 5), date(2026, 12, 4), 6),
        (date(2026, 5, 5), date(2026, 12, 5), 7),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2024, 2, 29), date(2025, 2, 27), 11),
        (date(2024, 2, 29), date(2028, 2, 28), 47),
        (date(2024, 2, 29), date(2028, 2, 29), 48),
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 12, 6), date(2026, 12, 5), -1),
    ],
)
def test_whole_months(born, day, months):
    assert months_on(born, day) == months


@given(DAYS, DAYS)
def test_months_are_those_of_the_calendar(born, day):
    months = months_on(born, day)
    assert born + relativedelta(months=months) <= day < born + relativedelta(months=months + 1)


@given(DAYS, DAYS)
def test_nobody_grows_younger(born, day):
    assert months_on(born, day) <= months_on(born, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("born", "enters"),
    [
        (date(2020, 4, 1), 2026),
        (date(2020, 4, 2), 2027),
        (date(2021, 4, 1), 2027),
        (date(2021, 4, 2), 2028),
        (date(2020, 2, 29), 2026),
        (date(2020, 12, 31), 2027),
        (date(2021, 1, 1), 2027),
    ],
)
def test_school_begins_in_april_after_six(born, enters):
    assert school_entry(born) == date(enters, 4, 1)


@given(DAYS)
def test_school_begins_with_the_first_year_after_the_day_on_which_one_becomes_six(born):
    # One becomes six as the day before the birthday ends; a 29 February has its 28th or 1 March.
    try:
        birthday = born.replace(year=born.year + 6)
    except ValueError:
        birthday = date(born.year + 6, 3, 1)
    becomes_six = birthday - timedelta(days=1)
    entry = school_entry(born)
    assert (entry.month, entry.day) == (4, 1)
    assert entry > becomes_six >= entry - relativedelta(years=1)


@given(DAYS, DAYS, st.integers(0, 90), st.integers(0, 90), st.booleans())
def test_both_ends_are_counted(born, day, one, other, until_school):
    limits = Limits(min(one, other), max(one, other), until_school)
    months = months_on(born, day)
    expected = (
        born <= day
        and limits.youngest_months <= months <= limits.oldest_months
        and not (until_school and day >= school_entry(born))
    )
    assert is_looked_after(limits, born, day) is expected


def test_an_unborn_child_is_not_looked_after():
    assert not is_looked_after(Limits(), date(2026, 12, 6), date(2026, 12, 5))
    assert is_looked_after(Limits(), date(2026, 12, 5), date(2026, 12, 5))


def test_who_is_meant_in_words():
    assert age_words(Limits(7, None, True)) == "生後7か月から就学前まで"
    assert age_words(Limits(12, 40)) == "1歳から3歳4か月まで"
    assert age_words(Limits(None, 36, True)) == "3歳まで、就学前まで"
    assert age_words(Limits()) == "年齢の制限なし"


@given(st.lists(st.builds(Child, st.text(), DAYS), max_size=5))
def test_children_come_back_as_they_were(children):
    assert children_of({"children": children_json(children)}) == tuple(children)


@pytest.mark.parametrize("text", ["x", "[1]", '[{"name": "x"}]', '[{"name": "x", "born": "2"}]'])
def test_what_is_no_list_of_children_is_refused(text):
    with pytest.raises(ValueError, match=r"Expecting|children|isoformat"):
        children_of({"children": text})
