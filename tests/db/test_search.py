"""Full-text search: the same answers as a plain look through all texts, on both databases."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.db import search
from participation.db.search import (
    Corpus,
    Entry,
    SearchEntry,
    search_form,
    words_of,
)
from participation.db.search.segments import is_sqlite
from participation.db.search.words import LARGEST_FACET, facet_word

# Few letters, so that words meet: kana of both kinds and widths, kanji, Latin of both cases and
# widths, signs of FTS syntax, blanks, marks without ink, and characters beyond 16 bits.
LETTERS = (
    "かカｶがｶﾞ\u3099市役所𠮷aAａbＢ1１ⅠーЖß.,*()-^:+\"'% \n　_&|\u200b😀〜～葛\U000e0100\U0010ff2a"
)
TEXTS = st.text(alphabet=LETTERS, max_size=12)
HOSTILE = (
    "",
    " ",
    "　",
    '"',
    '""',
    '"""',
    "*",
    "a*",
    "AND",
    "NOT NEAR(a b, 2)",
    "grams:a",
    "^a",
    "'; DROP TABLE search_entry; --",
    "\x00",
    "a\x00b",
    "\ud800",
    "😀",
    "\\",
    "%",
    "_",
    "{a b}:c",
    "あ" * 10_000,
    "あ い " * 5_000,
    '"' * 10_000,
    "\U0010ff2a",
    "\u200b",
    "ﾞ",
)


def put(session: Session, texts: list[tuple[str, ...]], *, scope: int = 7) -> None:
    entries = [Entry(scope, number, fields) for number, fields in enumerate(texts, start=1)]
    assert search.index(session, Corpus.OPINION, entries) == len(texts)


def rows(session: Session, query: str, **more: int) -> list[int]:
    hits = search.find(session, Corpus.OPINION, query, limit=1000, **more)
    return [hit.row_id for hit in hits]


def plain(texts: list[tuple[str, ...]], query: str) -> list[int]:
    """What a look through all texts finds, the newest first."""
    words = words_of(query)
    found = [
        number
        for number, fields in enumerate(texts, start=1)
        if words and all(any(word in search_form(field) for field in fields) for word in words)
    ]
    return found[::-1]


@pytest.mark.slow
@given(
    texts=st.lists(st.lists(TEXTS, min_size=1, max_size=3).map(tuple), max_size=8),
    queries=st.lists(TEXTS, min_size=1, max_size=8),
)
def test_finds_what_a_plain_look_finds(
    session: Session, texts: list[tuple[str, ...]], queries: list[str]
):
    with session.begin_nested() as savepoint:
        put(session, texts)
        pieces = [
            field[start : start + 3] for fields in texts for field in fields for start in (0, 2)
        ]
        for query in [*queries, *pieces]:
            wanted = plain(texts, query)
            assert rows(session, query) == wanted, query
            assert search.count(session, Corpus.OPINION, query) == len(wanted), query
        savepoint.rollback()


@given(text=TEXTS, query=TEXTS)
def test_a_marked_text_is_the_text(text: str, query: str):
    words = words_of(query)
    pieces = search.marked(text, words)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)


@given(
    text=st.text(alphabet="かカ市役所aA1 。、", max_size=40),
    length=st.integers(1, 6),
    data=st.data(),
)
def test_what_is_found_is_marked(text: str, length: int, data: st.DataObject):
    form = search_form(text)
    if not form:
        return
    start = data.draw(st.integers(0, len(form) - 1))
    words = words_of('"' + form[start : start + length] + '"')
    if not words:
        return
    found = [piece.text for piece in search.marked(text, words) if piece.is_found]
    assert any(words[0] in search_form(piece) for piece in found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("公", [3, 1]),  # one character
        ("公園", [3, 1]),
        ("公園 遊具", [1]),  # all words
        ("公園　遊具", [1]),
        ("遊具 公園", [1]),
        ("カフェ", [2]),
        ("ｶﾌｪ", [2]),  # half width
        ("かふぇ", []),  # the other kana is another word
        ("cafe", [2]),
        ("ＣＡＦＥ", [2]),
        ('"open cafe"', [2]),
        ('"cafe open"', []),
        ("cafe open", [2]),
        ("子ども食堂", [3]),  # typed with a line break in it
        ("子ども 食堂", [3]),
        ("園の", []),  # the end of one field and the beginning of the next
        ("𠮷野", [3]),
        ("Ⅳ", [2]),
        ("iv", [2]),
        ("4～5", [1]),
        ("4〜5", [1]),
    ],
)
def test_words_of_residents(session: Session, query: str, found: list[int]):
    put(
        session,
        [
            ("公園", "の遊具を4〜5基ふやす"),
            ("Open Cafe", "カフェ 第Ⅳ章"),
            ("公園", "子ども\n食堂を𠮷野で"),
        ],
    )
    assert rows(session, query) == found
    assert search.count(session, Corpus.OPINION, query) == len(found)


@pytest.mark.parametrize("query", HOSTILE)
def test_nothing_that_is_typed_is_an_error(session: Session, query: str):
    put(session, [("ふつうの意見です。", "a b"), ("あ" * 300,)])
    search.find(session, Corpus.OPINION, query, limit=10)
    search.count(session, Corpus.OPINION, query)
    search.marked("あ" * 300, words_of(query))
    search.excerpt("ふつうの意見です。", words_of(query))


@pytest.mark.parametrize("after", [0, -1, -(2**63), 2**63 - 1, 1])
def test_any_cursor_is_taken(session: Session, after: int):
    put(session, [("公園",)])
    search.find(session, Corpus.OPINION, "公", limit=10, after=after)


def test_scopes_and_corpora_lie_apart(session: Session):
    put(session, [("公園",)], scope=7)
    put(session, [("公園",), ("公園",)], scope=8)
    search.index(session, Corpus.ANSWER, [Entry(7, 1, ("公園",))])
    assert [hit.scope_id for hit in search.find(session, Corpus.OPINION, "公園", limit=9)] == [
        8,
        8,
        7,
    ]
    assert rows(session, "公園", scope_id=7) == [1]
    assert search.count(session, Corpus.OPINION, "公園", scope_id=8) == 2
    assert search.count(session, Corpus.OPINION, "公園") == 3
    assert search.count(session, Corpus.ANSWER, "公園") == 1
    assert search.count(session, Corpus.PUBLIC, "公園") == 0
    assert search.count(session, Corpus.OPINION, "公園", scope_id=2**40) == 0


def test_pages_follow_each_other(session: Session):
    # More than PostgreSQL looks at before it asks its index.
    put(session, [("ある意見" if number % 500 else "まれな意見",) for number in range(1, 2001)])
    for query in ("意見", "まれな", "ある意見"):
        everything = rows(session, query)
        found: list[int] = []
        after = None
        while page := search.find(session, Corpus.OPINION, query, limit=3, after=after):
            found += [hit.row_id for hit in page]
            after = page[-1].key
            if len(found) >= 9:
                break
        assert found == everything[: len(found)]
        assert len(found) >= 4


def test_an_index_entry_is_replaced_and_removed(session: Session):
    put(session, [("公園",)])
    search.index(session, Corpus.OPINION, [Entry(7, 1, ("道路",), stamp=2)])
    assert (rows(session, "公園"), rows(session, "道路")) == ([], [1])
    key = search.entry_key(Corpus.OPINION, 7, 1)
    assert session.get(SearchEntry, key).stamp == 2
    search.settle(session)
    search.remove(session, [key, key + 1])
    assert rows(session, "道路") == []
    assert session.scalar(select(func.count()).select_from(SearchEntry)) == 0


def test_conditions_of_the_caller(session: Session):
    put(session, [("公園",) for _ in range(10)])
    even = lambda found, key: found.where(search.row_of(key) % 2 == 0)  # noqa: E731
    hits = search.find(session, Corpus.OPINION, "公園", limit=3, refine=even)
    assert [hit.row_id for hit in hits] == [10, 8, 6]
    assert search.count(session, Corpus.OPINION, "公園", refine=even) == 5
    assert search.count(session, Corpus.OPINION, "公園", refine=even, at_most=3) == 3
    assert search.count(session, Corpus.OPINION, "公園", at_most=3) == 3


def test_a_key_that_does_not_fit_is_refused(session: Session):
    with pytest.raises(ValueError, match="no key"):
        search.index(session, Corpus.OPINION, [Entry(2**27, 1, ("公園",))])


def test_an_excerpt_shows_the_place(session: Session):
    text = "前" * 300 + "ここに遊具を" + "後" * 300
    pieces = search.excerpt(text, words_of("遊具"), length=80)
    assert [piece.text for piece in pieces if piece.is_found] == ["遊具"]
    assert (pieces[0].text, pieces[-1].text) == ("…", "…")
    assert sum(len(piece.text) for piece in pieces) == 82
    assert "".join(p.text for p in search.excerpt("短い", words_of("な"))) == "短い"


def test_long_texts(session: Session):
    text = "".join(chr(0x4E00 + ord(secrets.token_bytes(1))) for _ in range(20_000))
    put(session, [(text,)])
    assert rows(session, text[10_000:10_080]) == [1]


@pytest.mark.parametrize("facet", [-1, LARGEST_FACET + 1])
def test_a_facet_that_does_not_fit_is_refused(session: Session, facet: int):
    with pytest.raises(ValueError, match="no facet"):
        search.index(session, Corpus.PUBLIC, [Entry(1, 1, ("公園",), facets=(facet,))])


def test_nothing_typed_is_a_facet(session: Session):
    search.index(session, Corpus.PUBLIC, [Entry(1, 1, ("公園",), facets=(3, LARGEST_FACET))])
    for facet in (3, LARGEST_FACET):
        assert search.count(session, Corpus.PUBLIC, "公園", facets=[facet]) == 1
        assert search.count(session, Corpus.PUBLIC, f"公園 {facet_word(facet)[0]}") == 1
        assert words_of(facet_word(facet)) == ()
    assert search.count(session, Corpus.PUBLIC, "公園", facets=[4]) == 0


def test_a_kept_plan_knows_the_range_of_keys(session: Session, queries: list[str]):
    put(session, [("公園",)])
    queries.clear()
    search.count(session, Corpus.OPINION, "公園", scope_id=7)
    low = search.entry_key(Corpus.OPINION, 7, 0)
    # SQLite's plan is the same for every range.
    assert [str(low) in statement for statement in queries] == [not is_sqlite(session)]


@pytest.mark.parametrize(
    ("scopes", "found"),
    [
        (range(2, 4), 2),
        (range(3), 2),
        (range(3, 2**40), 2),
        (range(-5, 2), 1),
        (range(2, 2), 0),
        (range(5, 1), 0),
        (range(2**40, 2**41), 0),
        (range(-5, -1), 0),
    ],
)
def test_some_scopes_alone(session: Session, scopes: range, found: int):
    for scope in (0, 1, 2, 3, 2**27 - 1):
        if scope:
            put(session, [("公園",)], scope=scope)
    put(session, [("道路",)], scope=0)
    hits = search.find(session, Corpus.OPINION, "公園", scopes=scopes, limit=9)
    assert search.count(session, Corpus.OPINION, "公園", scopes=scopes) == len(hits) == found
    assert all(hit.scope_id in scopes for hit in hits)
