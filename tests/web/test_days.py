"""A day of a form: what cannot be one is said so, and what was typed stays."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from participation.web.forms import NOT_A_DAY, NOT_A_YEAR, Day, Form


class _Form(Form):
    class Meta(Form.Meta):
        csrf = False

    day = Day("最終日")


def filled(typed: str) -> _Form:
    return _Form(MultiDict({"day": typed}))


@pytest.mark.parametrize("typed", ["1900-01-01", "2026-02-28", "2199-12-31"])
def test_a_day(app, typed):
    with app.test_request_context():
        form = filled(typed)
        assert form.validate()
        assert form.day.data == date.fromisoformat(typed)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("9999-12-31", NOT_A_YEAR),
        ("2200-01-01", NOT_A_YEAR),
        ("1899-12-31", NOT_A_YEAR),
        ("0026-11-22", NOT_A_YEAR),
        ("2026-02-30", NOT_A_DAY),
        ("あした", NOT_A_DAY),
    ],
)
def test_no_day(app, typed, error):
    with app.test_request_context():
        form = filled(typed)
        assert not form.validate()
        assert form.day.errors == [error]
        assert form.day.data is None
        assert typed in form.day()
