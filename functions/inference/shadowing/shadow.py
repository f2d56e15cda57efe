"""The thread that compares, and the handler around the handler that gives it what to compare."""

import queue
import random
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from functions.inference.breaker import Breaker
from functions.inference.events import Event
from functions.inference.settings import Shadow
from functions.inference.shadowing.asking import NotAnswered, OtherVersion
from functions.inference.shadowing.comparison import NotComparable, compare
from functions.inference.shadowing.exchange import Exchange, copy_of, is_prediction, is_small
from functions.inference.shadowing.extensions_api import (
    ExtensionRefused,
    ExtensionsApi,
    Invocation,
)
from functions.inference.shadowing.measures import Measures
from functions.inference.telemetry import Telemetry
from functions.inference.tracing import Handler

LONGEST = 2.0
"""Seconds that the other version may take, for so long the sandbox serves nobody else."""
RESERVE = 0.5
"""Seconds before the time limit of the function at which nothing more is begun."""
FAILURES, COOLDOWN = 3, 30.0
"""After so many failures in a row nothing is copied for so many seconds: not at the limit of the
concurrency, which both versions share, nor to a version that is broken."""
PAUSE = 1.0
"""Seconds until Lambda is asked again where it refused to name the next request."""


class Other(Protocol):
    def ask(self, event: dict[str, Any], seconds: float) -> dict[str, Any]: ...


class Extensions(Protocol):
    def next(self) -> Invocation: ...


class _Watched(dict[str, Any]):
    """A plain dict cannot be watched until the runtime drops it, having sent it."""

    __slots__ = ("__weakref__",)


@dataclass
class Comparing:
    """share: of the requests that are copied, 0 to 1; draw: decides of each.

    now: seconds since 1970. clock: monotonic seconds.
    """

    share: float
    other: Other
    measures: Measures
    breaker: Breaker
    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    draw: Callable[[], float] = random.SystemRandom().random
    sleep: Callable[[float], None] = time.sleep
    _sent: "queue.SimpleQueue[Exchange]" = field(default_factory=queue.SimpleQueue)

    def around(self, handler: Handler) -> Handler:
        """Answers as `handler` does. The thread hears of it when the runtime has let go of the
        answer: it does so once Lambda has taken it."""

        def handle(event: Event, context: Any) -> Event:
            exchange = Exchange(context.aws_request_id)
            try:
                answer = handler(event, context)
                if self.draw() < self.share:
                    exchange = Exchange(context.aws_request_id, event, answer)
                watched = _Watched(answer)
                weakref.finalize(watched, self._sent.put, exchange).atexit = False
            except BaseException:  # raised again: the thread must not wait for a lost request
                self._sent.put(exchange)
                raise
            return watched

        return handle

    def run(self, extensions: Extensions) -> None:
        """For ever: as long as this does not ask for the next request, the sandbox is taken."""
        while True:
            try:
                invocation = extensions.next()
            except ExtensionRefused:
                self.sleep(PAUSE)
                continue
            try:
                self.follow(invocation)
            except Exception:  # noqa: BLE001 - a bug here may cost a count, and nothing else
                self.measures.failed(invocation.request_id, "unexpected")

    def follow(self, invocation: Invocation) -> None:
        """Wait until the request is answered, and compare, if that is to be done."""
        exchange = self._answered(invocation)
        if exchange is None or exchange.event is None or exchange.answer is None:
            return
        if is_prediction(exchange.event, exchange.answer):
            seconds = min(LONGEST, invocation.deadline - RESERVE - self.now())
            self._compare(exchange.request_id, exchange.event, exchange.answer, seconds)

    def _answered(self, invocation: Invocation) -> Exchange | None:
        """None at the time limit."""
        while (left := invocation.deadline - RESERVE - self.now()) > 0:
            try:
                exchange = self._sent.get(timeout=left)
            except queue.Empty:
                return None
            if exchange.request_id == invocation.request_id:
                return exchange
        return None

    def _compare(self, request_id: str, event: Event, answer: Event, seconds: float) -> None:
        if not is_small(event):
            self.measures.skipped(request_id, "large")
        elif seconds <= 0:
            self.measures.skipped(request_id, "no time")
        elif not self.breaker.allows():
            self.measures.skipped(request_id, "failing")
        else:
            self._ask(request_id, event, answer, seconds)

    def _ask(self, request_id: str, event: Event, answer: Event, seconds: float) -> None:
        started = self.clock()
        try:
            other = self.other.ask(copy_of(event), seconds)
            took = self.clock() - started
            found = compare(answer, other)
        except NotAnswered as error:
            self.breaker.failed()
            self.measures.failed(request_id, error.kind)
        except NotComparable:
            self.breaker.failed()
            self.measures.failed(request_id, "not comparable")
        else:
            self.breaker.succeeded()
            self.measures.compared(request_id, found, took)


def shadowed(
    handler: Handler, shadow: Shadow, service: str, env: Mapping[str, str], telemetry: Telemetry
) -> Handler:
    """The handler, with a thread behind it that compares; in the init phase.

    Where Lambda lets no extension register, the handler goes on alone, and the log says so.
    """
    extensions = ExtensionsApi(env.get("AWS_LAMBDA_RUNTIME_API", ""))
    try:
        extensions.register()
    except ExtensionRefused as error:
        telemetry.warned("shadow_unusable", error)
        return handler
    breaker = Breaker(FAILURES, COOLDOWN, time.monotonic)
    other = OtherVersion(shadow.number, env)
    comparing = Comparing(shadow.share, other, Measures(service, shadow.number), breaker)
    threading.Thread(target=comparing.run, args=(extensions,), name="shadow", daemon=True).start()
    return comparing.around(handler)
