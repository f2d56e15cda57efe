"""Lambda's Extensions API: what one worker's extensions may call, beside its runtime.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
There are no layers here, so every extension is an internal one: a thread of the function itself.
"""

import json
import queue
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

BASE = "/2020-01-01/extension"
RUNTIME = "runtime"


class Refused(Exception):
    """What an extension asked for is not granted; `kind` as Lambda names it."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.body = json.dumps({"errorType": kind, "errorMessage": message}).encode()


@dataclass
class Parties:
    """Who has to ask for the next event before the worker is idle: the runtime, each extension.

    `idle` is called when the last of them has asked. `inboxes`: of the extensions, by identifier.
    """

    idle: Callable[[], None]
    inboxes: dict[str, queue.SimpleQueue[bytes | None]] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=lambda: {RUNTIME})
    _initialised: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, name: str, body: bytes) -> str:
        """The identifier of a new extension. Raises Refused."""
        events = _events(body)
        with self._lock:
            if not name or self._initialised:
                raise Refused(
                    "Extension.RegistrationClosed", "Extension registration closed already"
                )
            if events - {"INVOKE"}:
                kind = "ShutdownEventNotSupportedForInternalExtension"
                raise Refused(kind, "an internal extension registers for INVOKE alone")
            identifier = str(uuid.uuid4())
            self.inboxes[identifier] = queue.SimpleQueue()
            self._busy.add(identifier)
        return identifier

    def next(self, identifier: str) -> bytes | None:
        """Blocks until there is an event; None when the worker is to be let go. Raises Refused."""
        inbox = self.inboxes.get(identifier)
        if inbox is None:
            raise Refused("Extension.UnknownExtensionIdentifier", "Unknown extension identifier")
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
            self._busy = {RUNTIME, *self.inboxes}
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
        raise Refused("InvalidRequestFormat", f"the body cannot be read: {error}") from error
