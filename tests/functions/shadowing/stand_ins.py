"""Lambda's two sides of a shadowed request: the Extensions API and Invoke, over HTTP."""

import json
import queue
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class LambdaStandIn:
    """`answer`: what Invoke gives: status, headers, body. `invoked`: the requests that came.

    `idle`: how often an extension has asked for the next event.
    """

    def __init__(self) -> None:
        self.answer: Callable[[], tuple[int, dict[str, str], bytes]] = lambda: (200, {}, b"{}")
        self.invoked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.refuses = False
        self.registered: list[dict[str, Any]] = []
        self.idle: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def __enter__(self) -> "LambdaStandIn":
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.events.put(None)
        self._server.shutdown()
        self._server.server_close()

    def begin(self, request_id: str, seconds: float = 15.0) -> None:
        """Tell the extension that an invocation began."""
        deadline = int((time.time() + seconds) * 1000)
        self.events.put({"eventType": "INVOKE", "requestId": request_id, "deadlineMs": deadline})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    stand_in: LambdaStandIn

    def handle_error(self, request: object, client_address: object) -> None:
        """Callers that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        lambda_ = self.server.stand_in
        lambda_.idle.put(self.headers["Lambda-Extension-Identifier"])
        event = lambda_.events.get()
        if event is None:
            self.close_connection = True
            return
        self._answer(200, {}, json.dumps(event).encode())

    def do_POST(self) -> None:
        lambda_ = self.server.stand_in
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/extension/register"):
            lambda_.registered.append(body)
            self._answer(
                403 if lambda_.refuses else 200, {"Lambda-Extension-Identifier": "id"}, b""
            )
            return
        lambda_.invoked.append((self.path, dict(self.headers), body))
        self._answer(*lambda_.answer())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
