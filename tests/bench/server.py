"""A web server for a bench: granian in a process group of its own, on the loopback address."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from participation.privacy.keyfile import new_key_file

ROOT = Path(__file__).resolve().parents[2]
WORKERS, THREADS = 2, 4


def production(folder: Path, database_url: str, port: int) -> dict[str, str]:
    """The environment of an installation in production below ``folder``, its keys made."""
    new_key_file(folder / "keys" / "field-keys.json")
    return {
        "PARTICIPATION_ENV": "production",
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BASE_URL": f"https://127.0.0.1:{port}",
        "TRUSTED_HOSTS": "127.0.0.1",
        "FIELD_KEYS_FILE": str(folder / "keys" / "field-keys.json"),
        "MAIL_URL": f"folder://{folder / 'mail'}",
        "MAIL_SENDER": "noreply@example.jp",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    target: str,
    port: int,
    environment: dict[str, str],
    *,
    workers: int = WORKERS,
    threads: int = THREADS,
    path: str = "/",
) -> Iterator[subprocess.Popen[bytes]]:
    """Serve ``target`` until the block ends; begins when ``path`` answers."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
            *("--port", str(port), "--workers", str(workers), "--log-level", "error"),
            *("--blocking-threads", str(threads), "--no-ws", target),
        ],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(f"http://127.0.0.1:{port}{path}", process)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
