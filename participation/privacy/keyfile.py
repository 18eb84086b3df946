"""The file of keys: JSON, outside the database and its backups, readable by its owner alone."""

import base64
import json
import os
import secrets
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from participation.core.errors import SettingsError

_KEY_BYTES = 32


@dataclass(frozen=True)
class KeyFile:
    """The content of a key file."""

    current: str  # the id of the key that values are written under
    keys: dict[str, bytes]
    index_id: str
    index_key: bytes  # for blind indexes; not changed by a rotation, which could not recompute them


def new_key_file(path: Path) -> KeyFile:
    """Write a new key file.

    Raises:
        SettingsError: there is a file already; keys are never overwritten.

    """
    key_id, index_id = _new_id(), _new_id()
    content = KeyFile(
        current=key_id,
        keys={key_id: secrets.token_bytes(_KEY_BYTES)},
        index_id=index_id,
        index_key=secrets.token_bytes(_KEY_BYTES),
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = _write_beside(path, content)
    try:
        os.link(temporary, path)  # unlike a rename, fails when the file exists
    except FileExistsError:
        raise SettingsError(
            f"{path} はすでにあります。鍵ファイルは上書きできません。"
            "鍵を足すには keys add を使ってください。"
        ) from None
    finally:
        temporary.unlink()
    _sync_directory(path.parent)
    return content


def read_key_file(path: Path) -> KeyFile:
    """Return the content of ``path``.

    Raises:
        SettingsError: it is missing, others may read it, or it is not a key file.

    """
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except OSError as error:
        raise SettingsError(
            f"暗号鍵のファイル {path} を読めません。"
            "python -m participation.privacy で作るか、FIELD_KEYS_FILE を確かめてください。"
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise SettingsError(
            f"暗号鍵のファイル {path} が他人にも開かれています。chmod 600 にしてください。"
        )
    try:
        raw = json.loads(text)
        keys = {key_id: _key(encoded) for key_id, encoded in raw["keys"].items()}
        [(index_id, index_key)] = raw["index"].items()
        content = KeyFile(raw["current"], keys, index_id, _key(index_key))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path} は暗号鍵のファイルとして読めません。") from error
    if content.current not in content.keys:
        raise SettingsError(f"{path} に current の鍵がありません。")
    return content


def add_key(path: Path) -> str:
    """Add a new key and return its id; nothing is written under it before ``promote_newest``.

    Between the two every host gets the file, so that none meets a value it cannot read.
    """
    content = read_key_file(path)
    key_id = _new_id()
    keys = {**content.keys, key_id: secrets.token_bytes(_KEY_BYTES)}
    _replace_file(path, replace(content, keys=keys))
    return key_id


def promote_newest(path: Path) -> bool:
    """Make the key that was added last the current one; False when it is that already."""
    content = read_key_file(path)
    newest = list(content.keys)[-1]
    if newest == content.current:
        return False
    _replace_file(path, replace(content, current=newest))
    return True


def remove_keys(path: Path, key_ids: frozenset[str]) -> None:
    """Remove keys for good; the current one cannot be removed."""
    content = read_key_file(path)
    if content.current in key_ids:
        raise SettingsError("現在使っている鍵は取り除けません。")
    keys = {key_id: key for key_id, key in content.keys.items() if key_id not in key_ids}
    _replace_file(path, replace(content, keys=keys))


def _replace_file(path: Path, content: KeyFile) -> None:
    _write_beside(path, content).replace(path)
    _sync_directory(path.parent)


def _write_beside(path: Path, content: KeyFile) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    text = json.dumps(
        {
            "current": content.current,
            "keys": {key_id: _encoded(key) for key_id, key in content.keys.items()},
            "index": {content.index_id: _encoded(content.index_key)},
        },
        indent=2,
    )
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _new_id() -> str:
    return f"k{secrets.token_hex(4)}"


def _encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _key(encoded: str) -> bytes:
    key = base64.b64decode(encoded, validate=True)
    if len(key) != _KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key
