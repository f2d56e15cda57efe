"""A loopback HTTP server that plays S3, well or badly."""

import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

Behaviour = Callable[["_Request"], None]


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: "S3StandIn"

    def do_GET(self) -> None:
        _bucket, _, key = self.path.lstrip("/").partition("/")
        self.stand_in.requests.append(key)
        self.stand_in.headers.append(dict(self.headers.items()))
        behaviour = self.stand_in.next_behaviour()
        self.close_connection = True
        if behaviour:
            behaviour(self)
        elif key in self.stand_in.objects:
            self.answer(200, self.stand_in.objects[key])
        else:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def answer(self, status: int, body: bytes, declared: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if declared is None else declared))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class S3StandIn:
    """`objects` by key; `misbehave(...)` replaces the next answers, or all with `always=True`."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._next: list[Behaviour] = []
        self._always: Behaviour | None = None
        self.released = threading.Event()
        handler = type("Request", (_Request,), {"stand_in": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve_tls(self, context: ssl.SSLContext) -> None:
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http://", "https://")

    def misbehave(self, *behaviours: Behaviour, always: bool = False) -> None:
        if always:
            (self._always,) = behaviours
        else:
            self._next.extend(behaviours)

    def recover(self) -> None:
        self._always = None
        self._next.clear()

    def next_behaviour(self) -> Behaviour | None:
        return self._next.pop(0) if self._next else self._always

    def __enter__(self) -> "S3StandIn":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def refuse(status: int, code: str, message: str = "") -> Behaviour:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return lambda request: request.answer(status, body)


def truncate(request: _Request) -> None:
    request.answer(200, b"half of it", declared=100_000)


def hang_up(request: _Request) -> None:
    request.connection.close()


def drip(request: _Request) -> None:
    """One byte now and then, so that no read of the socket ever times out."""
    request.answer(200, b"", declared=100_000)
    _drip(request, b"x")


def drip_headers(request: _Request) -> None:
    """A status line, then a header that never ends."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    _drip(request, b"x")


def _drip(request: _Request, byte: bytes) -> None:
    until = time.monotonic() + 30
    while not request.stand_in.released.wait(0.02) and time.monotonic() < until:
        try:
            request.wfile.write(byte)
        except OSError:
            return
