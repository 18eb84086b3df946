"""SQLite's index is made one segment again, in short steps."""

import pytest
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from participation.db import search
from participation.db.search import (
    Corpus,
)
from participation.db.search.segments import is_sqlite, segment_sizes
from tests.db.test_search import put


def written(session: Session, texts: list[tuple[str, ...]], *, scope: int) -> None:
    """Written by a transaction of its own, as far as SQLite's index can tell."""
    put(session, texts, scope=scope)
    if is_sqlite(session):  # what waits in memory is else written by the commit
        session.execute(sql("INSERT INTO search_gram(search_gram) VALUES('flush')"))


def test_settling_makes_all_segments_one(session: Session):
    for scope in (1, 2, 3):
        written(session, [("公園の意見",), ("道路",)], scope=scope)
    if is_sqlite(session):
        assert len(segment_sizes(session)) == 3
    search.remove(session, [search.entry_key(Corpus.OPINION, 2, 1)])
    steps = 0
    while search.settle(session):
        steps += 1
    assert search.count(session, Corpus.OPINION, "公園") == 2
    assert search.count(session, Corpus.OPINION, "道路") == 3
    if is_sqlite(session):
        assert steps == 1
        assert segment_sizes(session) == [1]


def test_settling_is_several_short_steps_and_may_be_interrupted(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("participation.db.search.segments._PAGES", 1)
    texts = [
        ("".join(chr(0x4E00 + (n * 37 + place) % 5_000) for place in range(200)),)
        for n in range(60)
    ]
    for scope in (1, 2, 3):
        written(session, texts, scope=scope)
    search.settle(session)
    if is_sqlite(session):
        assert len(segment_sizes(session)) > 1
    word = texts[0][0][:5]
    assert search.count(session, Corpus.OPINION, word) == 3
    written(session, [(word,)], scope=4)  # comes while the merge is under way
    while search.settle(session):
        assert search.count(session, Corpus.OPINION, word) == 4
    assert search.count(session, Corpus.OPINION, word) == 4
    if is_sqlite(session):
        assert len(segment_sizes(session)) == 1


def test_a_little_that_is_new_rewrites_nothing(session: Session):
    written(session, [(f"{chr(0x4E00 + n)}番目の意見{n}" * 20,) for n in range(300)], scope=1)
    while search.settle(session):
        pass
    before = segment_sizes(session) if is_sqlite(session) else []
    written(session, [("公園",)], scope=2)
    assert not search.settle(session)
    if is_sqlite(session):
        assert sorted(segment_sizes(session)) == [1, *before]
