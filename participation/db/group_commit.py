"""Many small writes in one transaction: one writer thread a process, the answer after the COMMIT.

A flood of submissions costs one synced commit each otherwise, and on SQLite the processes would
poll for its one write lock. Here the threads of a process hand their items to one writer, which
takes whatever waits, writes it, commits, and only then lets the threads go on. The writers of
several processes queue at a file lock: on SQLite they would poll otherwise, on PostgreSQL wait for
the head of the audit chain, each with a smaller group. See docs/decisions/0013-group-commit.md.
"""

import fcntl
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from participation.db.pipeline import pipelined

Item = TypeVar("Item")
Result = TypeVar("Result")
_logger = logging.getLogger(__name__)
_MOST_AT_ONCE = 128


class NotStoredError(Exception):
    """The item is not stored as far as anybody can tell; sending it again does no harm."""


class _Entry(Generic[Item, Result]):
    """An item on its way, with the thread that waits for it."""

    __slots__ = ("done", "error", "given_up", "item", "result")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.done = threading.Event()
        self.given_up = False
        self.result: Result | None = None
        self.error: BaseException | None = None

    def settle(self, outcome: "Result | BaseException") -> None:
        if isinstance(outcome, BaseException):
            self.error = outcome
        else:
            self.result = outcome
        self.done.set()


class GroupCommit(Generic[Item, Result]):
    """A writer for items of one kind. Safe to use from any thread, and after a fork."""

    def __init__(
        self,
        write: Callable[[Session, Sequence[Item]], Sequence[Result | Exception]],
        open_session: Callable[[], Session],
        *,
        lock_file: Path,
    ) -> None:
        """Prepare a writer; its thread starts with the first item.

        Args:
            write: stores items in a session without committing and returns, for each, its result
                or the error that this one item is to be answered with. When it raises, the items
                are tried again one by one, so that one bad item takes no other with it.
            open_session: makes a new session.
            lock_file: what the processes of one host queue at.

        """
        self._write = write
        self._open_session = open_session
        self._lock_file = lock_file
        self._pid = 0
        self._thread: threading.Thread | None = None
        self._start_anew()

    def store(self, item: Item, *, timeout: float) -> Result:
        """Hand ``item`` to the writer and return its result once it is committed.

        Args:
            item: what ``write`` takes.
            timeout: seconds; after them the item is withdrawn if its turn has not come.

        Raises:
            NotStoredError: no answer in time, or the database failed.
            Exception: what ``write`` returned or raised for this item.

        """
        entry: _Entry[Item, Result] = _Entry(item)
        if self._pid != os.getpid():  # forked: the thread and the items stayed with the parent
            self._start_anew()
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
                self._thread.start()
            self._waiting.append(entry)
            self._changed.notify()
        if not entry.done.wait(timeout):
            with self._changed:
                entry.given_up = True
            if not entry.done.is_set():
                raise NotStoredError("no answer in time")
        if entry.error is not None:
            raise entry.error
        return entry.result  # type: ignore[return-value]

    def _start_anew(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._waiting: deque[_Entry[Item, Result]] = deque()
        self._thread = None
        self._lock_handle: int | None = None

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
            batch: list[_Entry[Item, Result]] = []
            try:
                with self._turn():
                    # Taken only now: what came while we queued for the lock goes along.
                    batch = self._take()
                    if batch:
                        self._store_batch(batch)
            except Exception as error:  # the thread must outlive whatever happens
                _logger.exception("the writer failed")
                for entry in batch or self._take():
                    if not entry.done.is_set():
                        entry.settle(NotStoredError(type(error).__name__))

    def _take(self) -> list[_Entry[Item, Result]]:
        with self._changed:
            batch: list[_Entry[Item, Result]] = []
            while self._waiting and len(batch) < _MOST_AT_ONCE:
                entry = self._waiting.popleft()
                if not entry.given_up:
                    batch.append(entry)
            return batch

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until no other process of this host writes by this way."""
        if self._lock_handle is None:
            self._lock_handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        # Freed by the kernel when a process dies, so a kill never leaves it locked.
        fcntl.flock(self._lock_handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock_handle, fcntl.LOCK_UN)

    def _store_batch(self, batch: list[_Entry[Item, Result]]) -> None:
        outcomes: Sequence[Result | Exception]
        try:
            outcomes = self._committed([entry.item for entry in batch])
        except (OperationalError, PoolTimeout) as error:
            # Down, locked or full: the same again one by one would only take longer.
            _logger.error("database: %s", type(error).__name__, exc_info=error)  # noqa: TRY400
            outcomes = [NotStoredError(type(error).__name__)] * len(batch)
        except Exception as error:
            if len(batch) > 1:
                _logger.warning("a batch of %s is stored one by one", len(batch))
                for entry in batch:
                    self._store_batch([entry])
                return
            _logger.error("item: %s", type(error).__name__, exc_info=error)  # noqa: TRY400
            failed = isinstance(error, DBAPIError)
            outcomes = [NotStoredError(type(error).__name__) if failed else error]
        for entry, outcome in zip(batch, outcomes, strict=True):
            entry.settle(outcome)

    def _committed(self, items: list[Item]) -> Sequence[Result | Exception]:
        session = self._open_session()
        try:
            with pipelined(session):
                outcomes = self._write(session, items)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        else:
            return outcomes
        finally:
            session.close()
