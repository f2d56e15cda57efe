"""Lambda's Runtime and Extensions APIs, served to one worker on a loopback port of its own.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
There are no layers here, so every extension is an internal one: a thread of the function itself.
"""

import contextlib
import json
import queue
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
_RUNTIME_API = "/2018-06-01/runtime"
_EXTENSIONS_API = "/2020-01-01/extension"
_RUNTIME = "runtime"


@dataclass
class Invocation:
    """One event on its way to the worker. `taken` once the worker has fetched it."""

    request_id: str
    payload: bytes
    deadline_ms: int
    invoked_arn: str
    trace_id: str
    client_context: str | None = None
    taken: threading.Event = field(default_factory=threading.Event)

    def headers(self) -> dict[str, str]:
        headers = {
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self.invoked_arn,
            "Lambda-Runtime-Trace-Id": self.trace_id,
            "Content-Type": "application/json",
        }
        if self.client_context:
            headers["Lambda-Runtime-Client-Context"] = self.client_context
        return headers

    def told_to_extensions(self) -> bytes:
        """That there is an event, without the event itself."""
        told = {
            "eventType": "INVOKE",
            "deadlineMs": self.deadline_ms,
            "requestId": self.request_id,
            "invokedFunctionArn": self.invoked_arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": self.trace_id},
        }
        return json.dumps(told).encode()


@dataclass(frozen=True)
class Event:
    """What a worker did.

    ready: it and its extensions asked for the next event, being initialised or idle again.
    responded, failed (the handler raised), init failed: with the answer or the error as JSON.
    too large: so many bytes.
    exited: with a code as in subprocess, negative for a signal.
    """

    kind: Literal["ready", "responded", "failed", "init failed", "too large", "exited"]
    payload: bytes = b""
    number: int = 0


class RuntimeApi:
    """What one worker may call: next, response, error, init/error; and what its extensions may.

    `events` reports, in order, what the worker did.
    """

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.parties = _Parties(lambda: self.events.put(Event("ready")))
        self._inbox: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._server = _Server(self)
        self._closing = False
        threading.Thread(target=self._serve, name="runtime-api", daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def has_extensions(self) -> bool:
        return bool(self.parties.inboxes)

    def send(self, invocation: Invocation) -> None:
        self.parties.begin(invocation.told_to_extensions())
        self._inbox.put(invocation)

    def next(self) -> Invocation | None:
        """Blocks until there is work; None when the worker is to be let go."""
        self.parties.asked(_RUNTIME)
        return self._inbox.get()

    def close(self) -> None:
        self._closing = True
        self._inbox.put(None)
        self.parties.close()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self._server.server_port), timeout=1).close()

    def _serve(self) -> None:
        # serve_forever polls; this sleeps in the kernel until a connection comes.
        while not self._closing:
            self._server.handle_request()
        self._server.server_close()


class _Refused(Exception):
    """What an extension asked for is not granted; `kind` as Lambda names it."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.body = json.dumps({"errorType": kind, "errorMessage": message}).encode()


@dataclass
class _Parties:
    """Who has to ask for the next event before the worker is idle: the runtime, each extension.

    `idle` is called when the last of them has asked. `inboxes`: of the extensions, by identifier.
    """

    idle: Callable[[], None]
    inboxes: dict[str, queue.SimpleQueue[bytes | None]] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=lambda: {_RUNTIME})
    _initialised: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, name: str, body: bytes) -> str:
        """The identifier of a new extension. Raises _Refused."""
        events = _events(body)
        with self._lock:
            if not name or self._initialised:
                raise _Refused(
                    "Extension.RegistrationClosed", "Extension registration closed already"
                )
            if events - {"INVOKE"}:
                kind = "ShutdownEventNotSupportedForInternalExtension"
                raise _Refused(kind, "an internal extension registers for INVOKE alone")
            identifier = str(uuid.uuid4())
            self.inboxes[identifier] = queue.SimpleQueue()
            self._busy.add(identifier)
        return identifier

    def next(self, identifier: str) -> bytes | None:
        """Blocks until there is an event; None when the worker is to be let go. Raises _Refused."""
        inbox = self.inboxes.get(identifier)
        if inbox is None:
            raise _Refused("Extension.UnknownExtensionIdentifier", "Unknown extension identifier")
        self.asked(identifier)
        return inbox.get()

    def asked(self, party: str) -> None:
        with self._lock:
            self._busy.discard(party)
            if self._busy:
                return
            self._initialised = True
            self.idle()

    def begin(self, event: bytes) -> None:
        """An invocation begins: everybody is at work until they ask again."""
        with self._lock:
            self._busy = {_RUNTIME, *self.inboxes}
        self._tell(event)

    def close(self) -> None:
        self._tell(None)

    def _tell(self, event: bytes | None) -> None:
        for inbox in self.inboxes.values():
            inbox.put(event)


def _events(body: bytes) -> set[str]:
    try:
        return set(json.loads(body or b"{}").get("events", ()))
    except (ValueError, AttributeError, TypeError) as error:
        raise _Refused("InvalidRequestFormat", f"the body cannot be read: {error}") from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, api: RuntimeApi) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that dies cuts its connections; that is reported as exited, not here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One write per answer, sent at once, or the client's delayed ACK makes a warm call take 90 ms.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        if self.path == f"{_EXTENSIONS_API}/event/next":
            return self._next_of_extension()
        if self.path != f"{_RUNTIME_API}/invocation/next":
            return self._answer(HTTPStatus.NOT_FOUND)
        invocation = self.server.api.next()
        if invocation is None:
            self.close_connection = True
            return None
        invocation.taken.set()
        return self._answer(HTTPStatus.OK, invocation.payload, invocation.headers())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        report = self.server.api.events.put
        if self.path == f"{_EXTENSIONS_API}/register":
            return self._register(body)
        if self.path == f"{_RUNTIME_API}/init/error":
            report(Event("init failed", body))
        elif self.path.endswith("/error"):
            report(Event("failed", body))
        elif not self.path.endswith("/response"):
            return self._answer(HTTPStatus.NOT_FOUND)
        elif len(body) > MAX_RESPONSE_BYTES:
            report(Event("too large", number=len(body)))
            return self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            report(Event("responded", body))
        return self._answer(HTTPStatus.ACCEPTED)

    def _register(self, body: bytes) -> None:
        try:
            name = self.headers.get("Lambda-Extension-Name", "")
            identifier = self.server.api.parties.register(name, body)
        except _Refused as refused:
            return self._answer(refused.status, refused.body)
        return self._answer(HTTPStatus.OK, b"{}", {"Lambda-Extension-Identifier": identifier})

    def _next_of_extension(self) -> None:
        identifier = self.headers.get("Lambda-Extension-Identifier", "")
        try:
            event = self.server.api.parties.next(identifier)
        except _Refused as refused:
            return self._answer(refused.status, refused.body)
        if event is None:
            self.close_connection = True
            return None
        return self._answer(HTTPStatus.OK, event)

    def _answer(
        self, status: HTTPStatus, body: bytes = b"{}", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what the function does is in its own log."""
