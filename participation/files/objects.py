"""The object store behind the files: a local directory or S3, with one interface."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, S3Store

from participation.core.errors import SettingsError

CHUNK_BYTES = 1024 * 1024
# Somebody waits for the answer: three minutes of retries, the default, are no service.
_RETRIES = 3
_RETRY_TIME = timedelta(seconds=15)


class ObjectMissingError(Exception):
    """The store has no object under this key."""


class ObjectStore:
    """Bytes under keys. A put is whole or not at all, and lasts once it has returned."""

    def __init__(self, url: str) -> None:
        """Open the store at ``url``.

        Args:
            url: ``file:///directory`` or ``s3://bucket/prefix``; S3 takes its region, endpoint and
                credentials from the usual ``AWS_…`` variables.

        Raises:
            SettingsError: another scheme.

        """
        parts = urlsplit(url)
        self._root: Path | None = None
        self._store: LocalStore | S3Store
        if parts.scheme == "file" and not parts.netloc and parts.path:
            self._root = Path(unquote(parts.path))
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store = LocalStore(self._root)
        elif parts.scheme == "s3" and parts.netloc:
            self._store = S3Store.from_url(
                url, retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_TIME}
            )
        else:
            raise SettingsError("FILES_URL は file:///… か s3://バケット/… で指定してください。")

    def put(self, key: str, data: bytes | Path) -> None:
        """Store ``data`` under ``key`` so that it outlives a crash right after."""
        obstore.put(self._store, key, data, mode="create")
        if self._root is not None:
            path = self._root / key
            _sync(path)
            # The names of a new file and of its new directories last only with their parents.
            for directory in path.parents:
                _sync(directory)
                if directory == self._root:
                    break

    def chunks(self, key: str) -> Iterator[bytes]:
        """Return the bytes under ``key`` piece by piece.

        Raises:
            ObjectMissingError: there are none; raised here, before the first piece.

        """
        try:
            found = obstore.get(self._store, key)
        except (NotFoundError, FileNotFoundError):
            raise ObjectMissingError(key) from None
        return (bytes(chunk) for chunk in found.stream(min_chunk_size=CHUNK_BYTES))

    def delete(self, key: str) -> None:
        """Remove ``key``; nothing happens when it is gone already."""
        try:
            obstore.delete(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return

    def keys_before(self, moment: datetime) -> Iterator[list[str]]:
        """Return the keys last written before ``moment``, in batches of a few hundred."""
        for batch in obstore.list(self._store, chunk_size=500):
            yield [meta["path"] for meta in batch if meta["last_modified"] < moment]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
