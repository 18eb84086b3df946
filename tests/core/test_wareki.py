"""Eras: their first days, 元年, and dates written by people."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.core.errors import InvalidInput
from participation.core.wareki import ERAS, era_of, era_year, format_date, format_month, parse_date

DAYS = st.dates(date(1873, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 22), "令和8年11月22日（日）"),
        (date(2019, 5, 1), "令和元年5月1日（水）"),
        (date(2019, 4, 30), "平成31年4月30日（火）"),
        (date(1989, 1, 8), "平成元年1月8日（日）"),
        (date(1989, 1, 7), "昭和64年1月7日（土）"),
        (date(1926, 12, 25), "昭和元年12月25日（土）"),
        (date(1926, 12, 24), "大正15年12月24日（金）"),
        (date(1912, 7, 30), "大正元年7月30日（火）"),
        (date(1912, 7, 29), "明治45年7月29日（月）"),
        (date(1873, 1, 1), "明治6年1月1日（水）"),
    ],
)
def test_dates_on_both_sides_of_each_era_s_first_day(day, expected):
    assert format_date(day) == expected
    assert format_date(day, weekday=False) == expected[:-3]
    assert parse_date(expected) == day


def test_months_and_years():
    assert format_month(date(2026, 11, 22)) == "令和8年11月"
    assert era_year(date(2019, 5, 1)) == "令和元年"


def test_before_the_gregorian_calendar_there_is_no_era():
    with pytest.raises(ValueError, match="1872-12-31"):
        era_of(date(1872, 12, 31))


def test_the_table_runs_from_new_to_old():
    assert [era.first_day for era in ERAS] == sorted((era.first_day for era in ERAS), reverse=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("令和8年11月22日", date(2026, 11, 22)),
        ("令和８年１１月２２日（日）", date(2026, 11, 22)),
        ("令和8年11月22日(日曜日)", date(2026, 11, 22)),
        ("R8.11.22", date(2026, 11, 22)),
        ("r8/11/22", date(2026, 11, 22)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成34年4月1日", date(2022, 4, 1)),
        ("2026-11-22", date(2026, 11, 22)),
        ("2026/1/2", date(2026, 1, 2)),
        ("２０２６年１１月２２日", date(2026, 11, 22)),
    ],
)
def test_dates_as_people_type_them(text, expected):
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "明日", "11月22日", "26-11-22", "令和0年1月1日", "R8.13.1", "2023-02-29", "0000-01-01"],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(InvalidInput, match=r"日付|暦"):
        parse_date(text)


def test_another_weekday_is_refused_with_the_right_one():
    with pytest.raises(InvalidInput, match="日曜日"):
        parse_date("令和8年11月22日（月）")


@given(DAYS)
def test_every_date_reads_back(day):
    assert parse_date(format_date(day)) == parse_date(day.isoformat()) == day


@given(st.text("令和平成元年月日RH0123456789５（）()日月/.- ", max_size=16))
def test_whatever_is_read_is_a_date(text):
    with contextlib.suppress(InvalidInput):
        assert isinstance(parse_date(text), date)
