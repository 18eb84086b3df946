"""Fiscal years: the boundary in spring, every way of writing them, and the year of two names."""

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.core.errors import InvalidInput
from participation.core.fiscal_year import (
    first_day,
    fiscal_year_of,
    label,
    last_day,
    parse_fiscal_year,
    short_label,
    western_label,
)

YEARS = st.integers(1900, 2099)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 3, 31), 2023),
        (date(2024, 4, 1), 2024),
        (date(2024, 1, 1), 2023),
        (date(2024, 12, 31), 2024),
        (date(2024, 2, 29), 2023),
    ],
)
def test_a_fiscal_year_begins_on_1_april(day, expected):
    assert fiscal_year_of(day) == expected


@given(YEARS)
def test_first_and_last_day_lie_in_the_year_and_their_neighbours_do_not(year):
    assert fiscal_year_of(first_day(year)) == fiscal_year_of(last_day(year)) == year
    assert fiscal_year_of(first_day(year) - timedelta(days=1)) == year - 1
    assert fiscal_year_of(last_day(year) + timedelta(days=1)) == year + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023", 2023),
        ("２０２３", 2023),
        ("2023年度", 2023),
        ("R5", 2023),
        ("r5", 2023),
        ("Ｒ５", 2023),
        ("R05", 2023),
        ("R 5", 2023),
        ("令和5", 2023),
        ("令和5年", 2023),
        ("令和5年度", 2023),
        ("令和５年度", 2023),
        (" 令和　５年度 ", 2023),
        ("㋿5年度", 2023),
        ("令和元年度", 2019),
        ("令和元", 2019),
        ("令和1年度", 2019),
        ("R元", 2019),
        ("R1", 2019),
        ("H31", 2019),
        ("平成31年度", 2019),
        ("平成34(2022)年度", 2022),
        ("平成３４（２０２２）年度", 2022),
        ("令和5（2023）年度", 2023),
        ("令和5年度（2023年度）", 2023),
        ("H元", 1989),
        ("昭和64年度", 1989),
        ("S63", 1988),
        ("昭和63年度", 1988),
        ("大正15年度", 1926),
    ],
)
def test_every_way_of_writing_a_year_is_read(text, expected):
    assert parse_fiscal_year(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "5",
        "23",
        "令和",
        "令和0年度",
        "R0",
        "X5",
        "令和5年度まで",
        "令和元年－２年度",
        "2023.5",
        "-2023",
        "20235",
        "1066",
        "2100",
        "9999",
        "R100",
        "令和٥年度",  # Arabic-Indic digits are no way of writing it here
        "令和5(23)年度",
        "<script>",
    ],
)
def test_anything_else_is_refused_with_the_accepted_forms(text):
    with pytest.raises(InvalidInput) as caught:
        parse_fiscal_year(text)
    for form in ("2023", "R5", "令和5年度", "令和元年度"):
        assert form in str(caught.value)


def test_two_years_that_contradict_each_other_are_refused():
    with pytest.raises(InvalidInput, match="2022年"):
        parse_fiscal_year("平成34(2023)年度")


@pytest.mark.parametrize(
    ("year", "long", "short"),
    [
        (2023, "令和5年度", "R5"),
        (2020, "令和2年度", "R2"),
        (2019, "令和元年度", "R元"),
        (2018, "平成30年度", "H30"),
        (1989, "平成元年度", "H元"),
        (1988, "昭和63年度", "S63"),
        (1926, "大正15年度", "T15"),
        (1912, "明治45年度", "M45"),
    ],
)
def test_labels(year, long, short):
    assert (label(year), short_label(year)) == (long, short)


def test_label_with_the_western_year():
    assert western_label(2023) == "令和5（2023）年度"
    assert western_label(2019) == "令和元（2019）年度"


@given(YEARS, st.sampled_from([label, short_label, western_label, str]))
def test_every_label_reads_back(year, write):
    assert parse_fiscal_year(write(year)) == year


@given(st.text("令和平成昭元年度RH0123456789５（）() 年度x-", max_size=12))
def test_whatever_is_read_is_a_year_of_these_centuries(text):
    with contextlib.suppress(InvalidInput):
        assert 1900 <= parse_fiscal_year(text) <= 2099
