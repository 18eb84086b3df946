"""The staff menu marks where one is, on the pages below an entry as well."""

import pytest

from participation.web.templating import _entry_of

MENU = ["/staff/", "/staff/reports/", "/staff/reports/editions", "/staff/people"]


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/staff/", "/staff/"),
        ("/staff/reports/", "/staff/reports/"),
        ("/staff/reports/entries/5/edit", "/staff/reports/"),
        ("/staff/reports/editions/3/preview", "/staff/reports/editions"),
        ("/staff/people/8", "/staff/people"),
        ("/staff/people-of-old", ""),
        ("/staff/held", ""),  # below the home page lies everything: it is marked on itself alone
    ],
)
def test_the_entry_of_a_page(path: str, entry: str) -> None:
    assert _entry_of(path, MENU) == entry


def test_an_empty_menu_has_no_entry() -> None:
    assert _entry_of("/staff/", []) == ""
