"""The formula guard: nothing calculates, and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.sheets.guard import guard, unguard

# Mostly the characters that matter, so that their combinations come up.
TEXTS = st.one_of(st.text(), st.text("''=+-@＝＋－＠−–\t\r\n a市"))
CALCULATED = tuple("=+-@\t\r\n＝＋－＠−–")


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("+81", "'+81"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝１", "'＝１"),
        ("＋", "'＋"),
        ("－", "'－"),
        ("＠", "'＠"),
        ("−5", "'−5"),  # U+2212 becomes － in CP932
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("'90年代", "'90年代"),
        ("'", "'"),
        ("", ""),
        ("a=1", "a=1"),
        (" =1", " =1"),
        ("市民=主役", "市民=主役"),
    ],
)
def test_what_is_guarded(text, guarded):
    assert guard(text) == guarded


@given(TEXTS)
def test_taking_it_off_gives_back_every_text(text):
    assert unguard(guard(text)) == text


@given(TEXTS, TEXTS)
def test_two_texts_never_become_one(one, other):
    assert (guard(one) == guard(other)) == (one == other)


@given(TEXTS)
def test_a_guarded_text_never_begins_a_formula(text):
    assert not guard(text).startswith(CALCULATED)
