"""Numbers in addresses that no row can have."""

import pytest

from participation.core.actors import Role
from participation.web.row_numbers import row_number
from tests.factories import make_user, sign_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("2147483647", 2**31 - 1),
        ("2147483648", None),
        ("9" * 40, None),
        ("-1", None),
        ("１", None),
        ("1e3", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_read_or_none(text, number):
    assert row_number(text) == number


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**63, 10**40])
def test_an_address_with_any_number_is_answered_with_not_found(client, session, number):
    sign_in(client, session, make_user(session, Role.ADMINISTRATOR))
    assert client.get(f"/staff/jobs/{number}").status_code == 404
