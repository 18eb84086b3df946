"""A PostgreSQL of the tests' own: made in memory, reached by a socket, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    if initdb is None:
        raise RuntimeError("PostgreSQL is not installed; ./check installs it")
    return Path(initdb).parent


class Server:
    """One server; ``url(name)`` is the address of a database in it."""

    def __init__(self, *, durable: bool = False) -> None:
        """Start it; ``durable`` on a disk and synced, as a bench of commits needs it."""
        self.binaries = _binaries()
        memory = Path("/dev/shm")
        fast = memory.is_dir() and os.access(memory, os.W_OK) and not durable
        parent = memory if fast else None
        self.folder = Path(tempfile.mkdtemp(prefix="participation-pg-", dir=parent))
        self.sockets = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        # PostgreSQL refuses to run as root.
        self.user = None if os.geteuid() else self._other_user()
        if self.user:
            for folder in (self.folder, self.sockets):
                shutil.chown(folder, self.user)
        self.data = self.folder / "data"
        self._run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
        )
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.sockets}'"
            " -c max_connections=200"
        )
        if not durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        self._run(
            "pg_ctl",
            "-D",
            str(self.data),
            "-w",
            "-s",
            "-o",
            options,
            "start",
            "-l",
            str(self.folder / "log"),
        )

    @staticmethod
    def _other_user() -> str:
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name).pw_name
            except KeyError:
                continue
        raise RuntimeError("no user to run PostgreSQL as")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        if self.user:
            command = [
                "setpriv",
                "--reuid",
                self.user,
                "--regid",
                str(pwd.getpwnam(self.user).pw_gid),
                "--clear-groups",
                *command,
            ]
        subprocess.run(
            command, check=True, cwd="/", stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    def url(self, database: str) -> str:
        """Return the address of ``database``."""
        return f"postgresql://postgres@/{database}?host={self.sockets}"

    def stop(self) -> None:
        """Stop the server and remove its files."""
        try:
            self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-s", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            shutil.rmtree(self.sockets, ignore_errors=True)
