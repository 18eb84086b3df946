"""What every import uses to check rows: look-ups once, cells in order, faults handed back."""

import gc
from datetime import UTC, datetime

import pytest

from participation.sheets.checking import Memo, Problem, collecting_nothing, picker, problems_xlsx
from participation.sheets.read import read_table


def test_each_cell_is_looked_up_once():
    asked = []
    memo = Memo(lambda cell: asked.append(cell) or len(cell))
    assert [memo["あい"], memo["う"], memo["あい"]] == [2, 1, 2]
    assert asked == ["あい", "う"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"a": 2, "b": 0, "c": 1}, ("3", "1", "2")),
        ({"b": 0, "a": 2}, ("3", "1", "")),
        ({"c": 1}, ("", "", "2")),
    ],
)
def test_cells_come_in_the_wanted_order_and_absent_ones_are_blank(found, expected):
    assert picker(found, ("a", "b", "c"))(("1", "2", "3")) == expected


@collecting_nothing()
def refused():
    """What makes many rows until one is refused."""
    raise ValueError(f"collecting: {gc.isenabled()}")


def test_the_collector_is_as_before_even_after_a_refusal():
    assert gc.isenabled()
    with pytest.raises(ValueError, match="collecting: False"):
        refused()
    assert gc.isenabled()


def test_faults_come_back_as_a_sheet():
    faults = [
        Problem(3, "到達日", "いつか", "日付が空です。"),
        Problem(None, "", "", "壊れています。"),
    ]
    data = problems_xlsx(
        [one.plain() for one in faults], title="x", created=datetime(2024, 6, 1, tzinfo=UTC)
    )
    table = read_table(data, filename="x.xlsx")
    assert table.header == ("行", "列", "値", "直すところ")
    assert [cells for _line, cells in table.rows] == [
        ("3", "到達日", "いつか", "日付が空です。"),
        ("", "", "", "壊れています。"),
    ]
