"""Encryption of single fields with AES-256-GCM, under keys that can be changed."""

import base64
import binascii
import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from participation.core.errors import SettingsError
from participation.privacy.keyfile import KeyFile, read_key_file

_logger = logging.getLogger(__name__)
_VERSION = "v1"
_BLOCK_BYTES = 64  # of SHA-256
_NONCE_BYTES = 12  # the size that NIST SP 800-38D gives for GCM with random nonces


class DecryptionError(Exception):
    """A stored value is not what was encrypted at that place, or its key is gone."""


class Keyring:
    """The keys of one installation, read from its key file and read again when that changes.

    A value is stored as ``v1.<key id>.<base64 of nonce and ciphertext>``. Table, column and row
    are authenticated with it, so that a ciphertext copied to another place is refused.
    """

    def __init__(self, path: Path) -> None:
        """Read ``path``.

        Raises:
            SettingsError: the file is missing, open to others, or not a key file.

        """
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] = (0, 0, 0)
        self._load()

    def encrypt(self, text: str, *, table: str, column: str, row: str) -> str:
        """Return the stored form of ``text`` under the current key."""
        # Another process may have made a new key: write under that one from now on.
        self._reload_if_changed()
        key_id, key = self._current
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + key.encrypt(nonce, text.encode(), _place(table, column, row))
        return f"{_VERSION}.{key_id}.{base64.b64encode(sealed).decode()}"

    def encrypt_many(
        self, texts: Iterable[tuple[str, str]], *, table: str, column: str
    ) -> list[str]:
        """Return the stored forms of many (row, text) of one column, as ``encrypt`` makes them."""
        self._reload_if_changed()
        key_id, key = self._current
        start, beginning = self.stored_prefix(key_id), _place_of_column(table, column)
        seal, encode = key.encrypt, binascii.b2a_base64
        pairs = list(texts)
        nonces = secrets.token_bytes(_NONCE_BYTES * len(pairs))
        stored = []
        for number, (row, text) in enumerate(pairs):
            nonce = nonces[number * _NONCE_BYTES : (number + 1) * _NONCE_BYTES]
            place = f"{beginning}{len(row)}:{row}".encode()
            sealed = nonce + seal(nonce, text.encode(), place)
            stored.append(start + encode(sealed, newline=False).decode())
        return stored

    def decrypt(self, value: str, *, table: str, column: str, row: str) -> str:
        """Return the text of a stored value.

        Raises:
            DecryptionError: it was changed, belongs to another place, or its key is unknown.

        """
        version, _, rest = value.partition(".")
        key_id, _, body = rest.partition(".")
        if version != _VERSION or not body:
            raise DecryptionError(f"not an encrypted value at {table}.{column}")
        key = self._keys.get(key_id)
        if key is None:
            self._reload_if_changed()
            key = self._keys.get(key_id)
        if key is None:
            raise DecryptionError(f"key {key_id} of {table}.{column} is not in the key file")
        try:
            sealed = base64.b64decode(body, validate=True)
            opened = key.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _place(table, column, row)
            )
        except (InvalidTag, ValueError) as error:
            raise DecryptionError(f"value of {table}.{column} was changed or moved") from error
        return opened.decode()

    def blind_index(self, text: str, purpose: str) -> str:
        """Return a value by which equal texts can be found without storing them.

        Args:
            text: compared as it is; bring it to one form (NFKC, lower case) before.
            purpose: e.g. ``resident.email``; the same text under two purposes gives two values.

        """
        inner, outer = self._index_hash
        inner, outer = inner.copy(), outer.copy()
        inner.update(f"{len(purpose)}:{purpose}:{text}".encode())
        outer.update(inner.digest())
        return outer.hexdigest()

    @property
    def current_key_id(self) -> str:
        """The key under which values are written now."""
        self._reload_if_changed()
        return self._current[0]

    def key_id(self, value: str) -> str:
        """Return the id of the key that ``value`` is stored under."""
        return value.split(".", 2)[1]

    def stored_prefix(self, key_id: str) -> str:
        """Return how every value under ``key_id`` begins."""
        return f"{_VERSION}.{key_id}."

    def _reload_if_changed(self) -> None:
        if _stamp(self._path) == self._stamp:
            return
        try:
            self._load()
        except SettingsError:
            # The keys in memory are still good: a broken file must not stop the intake.
            _logger.exception("the key file changed and cannot be read")

    def _load(self) -> None:
        with self._lock:
            stamp = _stamp(self._path)
            content: KeyFile = read_key_file(self._path)
            self._keys = {key_id: AESGCM(key) for key_id, key in content.keys.items()}
            self._current = (content.current, self._keys[content.current])
            self._index_hash = _keyed_hash(content.index_key)
            self._stamp = stamp


def keyring(session: Session) -> Keyring:
    """Return the keyring that the app gave to its sessions."""
    found: Keyring = session.info["keyring"]
    return found


def _keyed_hash(key: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """Return HMAC-SHA-256 (RFC 2104) with the key taken in: its inner and its outer hash.

    The key, of a block at most, is the same for every text, and taking it in is half of the work.
    """
    block = key.ljust(_BLOCK_BYTES, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C))
    return hashlib.sha256(inner), hashlib.sha256(outer)


def _place(table: str, column: str, row: str) -> bytes:
    return f"{_place_of_column(table, column)}{len(row)}:{row}".encode()


def _place_of_column(table: str, column: str) -> str:
    # Lengths keep ("a", "bc") and ("ab", "c") apart.
    return f"{len(table)}:{table}{len(column)}:{column}"


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        status = os.stat(path)  # noqa: PTH116 -- on the path of every encryption
    except FileNotFoundError:
        return (0, 0, 0)
    return (status.st_ino, status.st_mtime_ns, status.st_size)
