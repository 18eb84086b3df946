"""Group commit: an answer only after the commit, one bad item harms no other, and it comes back."""

import os
import threading
import time

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from participation.db.engine import engine_options, prepare
from participation.db.group_commit import GroupCommit, NotStoredError


@pytest.fixture
def engine(tmp_path):
    url = f"sqlite:///{tmp_path / 'group.sqlite3'}"
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT UNIQUE)"))
    yield engine
    engine.dispose()


class Writer:
    """Stores notes, and remembers how many came together."""

    def __init__(self, engine, folder):
        self.batches = []
        self.slow = 0.0
        self.group = GroupCommit(self.write, lambda: Session(engine), lock_file=folder / "lock")

    def write(self, session, items):
        self.batches.append(len(items))
        time.sleep(self.slow)
        for item in items:
            if item == "refused":
                continue
            session.execute(text("INSERT INTO note (body) VALUES (:body)"), {"body": item})
        return [ValueError("no") if item == "refused" else item.upper() for item in items]

    def store(self, item, timeout=5.0):
        return self.group.store(item, timeout=timeout)


@pytest.fixture
def writer(engine, tmp_path):
    return Writer(engine, tmp_path)


def stored(engine):
    with engine.connect() as connection:
        return set(connection.scalars(text("SELECT body FROM note")))


def at_once(writer, items, timeout=5.0):
    """Store from a thread each; item to result or error."""
    results = {}

    def run(name, item):
        try:
            results[name] = writer.store(item, timeout)
        except (NotStoredError, ValueError) as error:
            results[name] = error

    threads = [
        threading.Thread(target=run, args=(f"{n}{item}", item)) for n, item in enumerate(items)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == len(items)
    return results


def test_many_go_together_and_each_gets_its_own_answer(writer, engine):
    writer.slow = 0.05
    items = [f"n{number}" for number in range(40)]
    results = at_once(writer, items)
    assert sorted(results.values()) == sorted(item.upper() for item in items)
    assert stored(engine) == set(items)
    assert len(writer.batches) < 10


def test_the_answer_comes_after_the_commit(writer, engine):
    for number in range(20):
        writer.store(f"n{number}")
        assert f"n{number}" in stored(engine)


def test_one_bad_item_takes_no_other_with_it(writer, engine):
    writer.store("double")
    writer.slow = 0.05
    results = at_once(writer, ["a", "double", "b", "refused", "c"])
    assert stored(engine) == {"double", "a", "b", "c"}
    kinds = sorted(type(one).__name__ for one in results.values())
    assert kinds == ["NotStoredError", "ValueError", "str", "str", "str"]


def test_a_locked_database_is_told_in_time_and_works_again_by_itself(writer, engine):
    writer.store("before")
    with engine.connect() as other:  # begins at once with the write lock
        other.execute(text("SELECT 1"))
        begun = time.monotonic()
        with pytest.raises(NotStoredError):
            writer.store("meanwhile", timeout=0.5)
        assert time.monotonic() - begun < 1.0
    # What could not be answered for may come later or never, but never twice.
    assert writer.store("after", timeout=10) == "AFTER"
    assert {"before", "after"} <= stored(engine)


def test_what_was_given_up_before_its_turn_is_not_stored(writer, engine):
    writer.slow = 0.4
    first = threading.Thread(target=writer.store, args=("first",))
    first.start()
    time.sleep(0.1)
    with pytest.raises(NotStoredError):
        writer.store("second", timeout=0.05)
    first.join()
    writer.store("third")
    assert stored(engine) == {"first", "third"}


def test_a_forked_child_writes_by_its_own_thread(writer, engine):
    writer.store("parent")
    child = os.fork()
    if child == 0:
        engine.dispose(close=False)
        try:
            writer.store("child", timeout=5)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert stored(engine) == {"parent", "child"}


def test_a_dead_process_leaves_no_lock(writer, engine, tmp_path):
    child = os.fork()
    if child == 0:
        import fcntl

        handle = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert writer.store("alive") == "ALIVE"
