"""The queue: huey carries the hint "look at row 12" from the web to a worker, and no more."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from participation.core.errors import SettingsError

_NAME = "participation"
_TASK = "run_job"
# A queue that did not answer is left alone for so long, lest every request wait for it again.
_PAUSE_SECONDS = 30.0
_CONNECT_SECONDS = 3
_logger = logging.getLogger(__name__)


class QueueDownError(Exception):
    """The queue does not answer; the rows are there, and the sweep works without it."""


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Tasks as JSON: whoever can write to the queue must not be able to run code (no pickle)."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(list(data) if isinstance(data, Message) else data).encode()

    def _deserialize(self, data: bytes) -> Any:
        value = json.loads(bytes(data))
        return Message(*value) if isinstance(value, list) else value


class JobQueue:
    """The hints. It is opened when first used, and a failure of it is never anybody's failure."""

    def __init__(self, url: str) -> None:
        """Take the address of the queue.

        Args:
            url: ``sqlite:///file``, ``postgresql://…``, ``redis://…`` (``rediss://…``), or
                ``memory://`` for a process that runs its jobs itself, as tests do.

        Raises:
            SettingsError: another scheme.

        """
        self._open = _opener(url)
        self._lock = threading.Lock()
        self._huey: Huey | None = None
        self._task: Any = None
        self._silent_until = 0.0
        # What a worker does with a hint; the web process never takes one from the queue.
        self.run: Callable[[int], object] | None = None

    def hint(self, job_id: int) -> bool:
        """Tell a worker about a row; False when the queue cannot be reached (the sweep will)."""
        if time.monotonic() < self._silent_until:
            return False
        try:
            with _translated():
                self._open_once()
                self._task(job_id)
        except QueueDownError:
            self._silent_until = time.monotonic() + _PAUSE_SECONDS
            _logger.warning("the queue cannot be reached; the sweep will find job %s", job_id)
            return False
        return True

    def waiting(self) -> int:
        """Return how many hints nobody has taken yet.

        Raises:
            QueueDownError: the queue does not answer.

        """
        with _translated():
            size: int = self._open_once().storage.queue_size()
        return size

    def huey(self) -> Huey:
        """Return the queue itself, for a worker's consumer.

        Raises:
            QueueDownError: the queue does not answer.

        """
        with _translated():
            return self._open_once()

    def _open_once(self) -> Huey:
        with self._lock:
            if self._huey is None:
                huey = self._open()
                self._task = huey.task(name=_TASK)(self._run)
                self._huey = huey
            return self._huey

    def close(self) -> None:
        """Close the connection; the queue opens again when used."""
        with self._lock:
            if self._huey is not None:
                self._huey.storage.close()
                self._huey = None

    def _run(self, job_id: int) -> None:
        if self.run is not None:
            self.run(job_id)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # SQLite, psycopg and redis each have their own
        raise QueueDownError(type(error).__name__) from error


def _opener(url: str) -> Callable[[], Huey]:
    parts = urlsplit(url)
    common: dict[str, Any] = {"results": False, "serializer": JsonSerializer()}
    if parts.scheme == "sqlite" and parts.path.startswith("/") and not parts.netloc:
        file = parts.path.removeprefix("/")
        # The rollback journal, since the SQLite that Python links may have the WAL-reset bug; and
        # no fsync: a lost hint costs one sweep.
        return lambda: SqliteHuey(
            _NAME,
            filename=file,
            journal_mode="delete",
            fsync=False,
            timeout=_CONNECT_SECONDS,
            **common,
        )
    if parts.scheme in {"postgresql", "postgres"}:
        return lambda: PostgresHuey(_NAME, dsn=url, connect_timeout=_CONNECT_SECONDS, **common)
    if parts.scheme in {"redis", "rediss"}:
        return lambda: RedisHuey(
            _NAME,
            url=url,
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_CONNECT_SECONDS,
            **common,
        )
    if parts.scheme == "memory":
        return lambda: MemoryHuey(_NAME, **common)
    raise SettingsError(
        "JOBS_URL は sqlite:///・postgresql://・redis:// のどれかで指定してください。"
    )
