"""Pages from memory: of many who want one at once, one makes it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from participation.web import page_cache
from participation.web.page_cache import PageCache


def test_one_makes_a_page_for_all() -> None:
    pages, together, made = PageCache(), threading.Barrier(8), []
    others_wait = threading.Event()

    def make() -> bytes:
        made.append(1)
        others_wait.wait(5)
        return b"page"

    def ask() -> bytes:
        together.wait(5)
        return pages.get_or_make("key", make).body

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask) for _ in range(8)]
        threading.Timer(0.2, others_wait.set).start()
        assert {one.result(10) for one in asked} == {b"page"}
    assert len(made) == 1


def test_who_waits_for_a_page_that_fails_makes_it_himself() -> None:
    pages, begun, fail = PageCache(), threading.Event(), threading.Event()

    def broken() -> bytes:
        begun.set()
        fail.wait(5)
        raise ValueError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(pages.get_or_make, "key", broken)
        assert begun.wait(5)
        second = pool.submit(pages.get_or_make, "key", lambda: b"page")
        fail.set()
        with pytest.raises(ValueError):
            first.result(10)
        assert second.result(10).body == b"page"
    assert pages.get_or_make("key", broken).body == b"page"


def test_nobody_waits_long_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "_PATIENCE", 0.05)
    pages, begun, go_on = PageCache(), threading.Event(), threading.Event()

    def slow() -> bytes:
        begun.set()
        go_on.wait(5)
        return b"page"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(pages.get_or_make, "key", slow)
        assert begun.wait(5)
        assert pool.submit(pages.get_or_make, "key", lambda: b"page").result(2).body == b"page"
        assert not first.done()
        go_on.set()
        first.result(10)
