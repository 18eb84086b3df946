"""Asking pages as fast as the answers come, against an empty Flask view on the same server."""

import argparse
import contextlib
import itertools
import re
import selectors
import socket
import statistics
import time
import urllib.request
from collections.abc import Iterator, Sequence

from tests.bench.server import free_port, serving

BAR = 0.2
CONNECTIONS = 8


class Client:
    """Connections that ask again as soon as an answer is complete."""

    def __init__(self, port: int, paths: list[str]) -> None:
        self.port = port
        self.count = len(paths)
        self.paths = itertools.cycle(paths)
        self.buffer = bytearray(1 << 18)

    def rate(self, seconds: float) -> float:
        """Requests a second over so long."""
        ready = selectors.DefaultSelector()
        sockets = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(CONNECTIONS)]
        left = {}
        for each in sockets:
            self._ask(each)
            left[each] = 0
            ready.register(each, selectors.EVENT_READ)
        done = 0
        start = time.perf_counter()
        while (now := time.perf_counter()) - start < seconds:
            for key, _ in ready.select(1):
                connection: socket.socket = key.fileobj  # type: ignore[assignment]
                left[connection] = self._read(connection, left[connection])
                if left[connection] == 0:
                    done += 1
                    self._ask(connection)
        for each in sockets:
            each.close()
        return done / (now - start)

    def _ask(self, connection: socket.socket) -> None:
        path = next(self.paths)
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: ja\r\n"
            "Accept-Encoding: gzip\r\n\r\n".encode()
        )

    def _read(self, connection: socket.socket, left: int) -> int:
        """Read what is there; return how many bytes of the answer are still to come."""
        size = connection.recv_into(self.buffer)
        if size == 0:
            raise RuntimeError("the server closed the connection")
        if left:
            return left - size
        head, _, body = bytes(self.buffer[:size]).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length, "an answer without a length"
        return int(length[1]) - len(body)


def pages_of(port: int, start: str, links: str) -> tuple[list[str], int]:
    """All pages that can be reached by links of a shape, and the bytes of an average one."""
    base = f"http://127.0.0.1:{port}"
    waiting, seen, size = [start], dict[str, None](), 0
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen[path] = None
        with urllib.request.urlopen(base + path) as answer:
            body = answer.read()
        size += len(body)
        waiting += [link.replace("&amp;", "&") for link in re.findall(links, body.decode())]
    return list(seen), size // len(seen)


def options(only: Sequence[str] = ()) -> argparse.Namespace:
    """The seconds of a round and the number of rounds, as the command line says.

    ``only``: what it can be narrowed to with ``--only``, as ``only``.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=8)
    if only:
        parser.add_argument("--only", choices=only)
    return parser.parse_args()


@contextlib.contextmanager
def both_served(environment: dict[str, str], port: int) -> Iterator[Client]:
    """Serve the app at ``port`` and the empty view beside it; yield a client of the latter."""
    other = free_port()
    with (
        serving("wsgi:app", port, environment, path="/health/live"),
        serving("tests.bench.empty:app", other, {}),
    ):
        yield Client(other, ["/"])


def compare(empty: Client, targets: dict[str, Client], *, seconds: float, rounds: int) -> int:
    """Measure in turns, print each target against the empty view; 1 when one misses the bar."""
    targets = {"empty view": empty, **targets}
    rates: dict[str, list[float]] = {name: [] for name in targets}
    for client in targets.values():
        client.rate(1 + client.count / 5)  # both workers have made each page once
    for _ in range(rounds):
        for name, client in targets.items():
            rates[name].append(client.rate(seconds))
    bare = statistics.median(rates["empty view"])
    missed = 0
    for name, found in rates.items():
        rate = statistics.median(found)
        verdict = ""
        if name != "empty view":
            missed += rate / bare < BAR
            verdict = "ok" if rate / bare >= BAR else "MISSED"
        print(f"{name}: {rate:,.0f} requests/s = {rate / bare:.2f} of the empty view {verdict}")
    return int(missed > 0)
