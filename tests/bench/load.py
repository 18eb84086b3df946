"""A small client that keeps many connections busy with requests made beforehand."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What a run gave."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)  # seconds, of the answers
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, part: float) -> float:
        """The latency in milliseconds that ``part`` of the answers kept."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def status(self) -> int | None:
        """Read what is there; the status once the whole answer has come."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.buffer += piece
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) < length:
            return None
        self.buffer = b""
        return int(head[9:12])


def run(
    port: int, requests: Sequence[bytes], *, connections: int, rate: float | None = None
) -> Outcome:
    """Send ``requests``, each connection its next as soon as its last is answered.

    Args:
        port: on the loopback address.
        requests: whole HTTP/1.1 requests.
        connections: how many at once.
        rate: send so many a second at most, evenly; None as fast as the answers come.

    """
    outcome = Outcome()
    todo: Iterator[bytes] = iter(requests)
    open_ones = [_Connection(port) for _ in range(min(connections, len(requests)))]
    idle = list(open_ones)
    selector = selectors.DefaultSelector()
    for one in open_ones:
        selector.register(one.socket, selectors.EVENT_READ, one)
    begun = time.perf_counter()
    sent = 0
    while len(outcome.latencies) < len(requests):
        while idle and sent < len(requests):
            if rate is not None and sent > (time.perf_counter() - begun) * rate:
                break
            idle.pop().send(next(todo))
            sent += 1
        for key, _events in selector.select(timeout=0.005 if rate is not None else 5):
            one: _Connection = key.data
            status = one.status()
            if status is not None:
                outcome.latencies.append(time.perf_counter() - one.sent_at)
                outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
                idle.append(one)
    outcome.seconds = time.perf_counter() - begun
    for one in open_ones:
        one.socket.close()
    return outcome
