"""Columns are found under the names that people give them."""

import pytest

from participation.core.errors import InvalidInput
from participation.sheets.columns import match_columns

WANTED = {
    "item_id": ("項目番号", "item_id"),
    "department": ("課名", "担当課", "department"),
    "activity_type": ("活動の種類", "activity_type"),
}


@pytest.mark.parametrize(
    "header",
    [
        ("item_id", "department", "activity_type"),
        ("項目番号", "担当課", "活動の種類"),
        (" Item_ID", "課名　", "ＡＣＴＩＶＩＴＹ＿ＴＹＰＥ"),
    ],
)
def test_names_match_in_any_width_and_case(header):
    assert match_columns(header, WANTED) == {"item_id": 0, "department": 1, "activity_type": 2}


def test_unknown_columns_are_passed_over_and_order_is_free():
    found = match_columns(("備考", "課名", "項目番号", "活動の種類"), WANTED)
    assert found == {"department": 1, "item_id": 2, "activity_type": 3}


def test_an_optional_column_may_be_missing():
    header = ("項目番号", "課名")
    assert match_columns(header, WANTED, optional={"activity_type"}) == {
        "item_id": 0,
        "department": 1,
    }
    with pytest.raises(InvalidInput, match="活動の種類"):
        match_columns(header, WANTED)


def test_the_refusal_says_what_is_missing_and_what_is_there():
    with pytest.raises(InvalidInput) as caught:
        match_columns(("番号", "内容"), WANTED)
    for part in ("「項目番号」", "「課名」か「担当課」", "「番号」", "「内容」"):
        assert part in str(caught.value)


def test_a_long_header_is_not_listed_whole():
    with pytest.raises(InvalidInput, match="ほか30列"):
        match_columns([f"列{n}" for n in range(50)], WANTED)


def test_two_columns_for_one_thing_are_refused():
    with pytest.raises(InvalidInput, match=r"「課名」と「担当課」"):
        match_columns(("項目番号", "課名", "担当課", "活動の種類"), WANTED)
