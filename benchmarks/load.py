"""Callers on keep-alive connections, as lean as they come: what is measured is the server."""

import selectors
import socket
import time
from dataclasses import dataclass
from itertools import cycle, islice

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Load:
    """What `count` requests saw: seconds of each, and of all together."""

    latencies: list[float]
    elapsed: float


def post(path: str, body: str) -> bytes:
    """A whole HTTP/1.1 request."""
    data = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def send(port: int, requests: list[bytes], callers: int, count: int) -> Load:
    """`count` requests by so many callers, each with one in flight; all must be answered 200."""
    upcoming = islice(cycle(requests), count)
    latencies: list[float] = []
    with selectors.DefaultSelector() as waiting:
        began = time.perf_counter()
        for _, request in zip(range(callers), upcoming, strict=False):
            caller = _Caller(socket.create_connection(("127.0.0.1", port), PATIENCE_S))
            waiting.register(caller.socket, selectors.EVENT_READ, caller)
            caller.ask(request)
        while waiting.get_map():
            for key, _ in waiting.select(PATIENCE_S) or _nobody():
                caller = key.data
                if (took := caller.heard()) is None:
                    continue
                latencies.append(took)
                if following := next(upcoming, None):
                    caller.ask(following)
                else:
                    waiting.unregister(caller.socket)
                    caller.socket.close()
        return Load(latencies, time.perf_counter() - began)


class _Caller:
    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> None:
        self._heard = b""
        self._asked = time.perf_counter()
        self.socket.sendall(request)

    def heard(self) -> float | None:
        """Takes what has come; seconds since the question once the answer is whole."""
        received = self.socket.recv(1 << 20)
        self._heard += received
        head, ended, body = self._heard.partition(b"\r\n\r\n")
        if not received or (ended and not head.startswith(b"HTTP/1.1 200")):
            raise RuntimeError(f"the server answered {self._heard[:300]!r}")
        if not ended or len(body) < _length(head):
            return None
        return time.perf_counter() - self._asked


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    raise RuntimeError(f"an answer without its length: {head[:300]!r}")


def _nobody() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError(f"no answer within {PATIENCE_S:.0f} s")
