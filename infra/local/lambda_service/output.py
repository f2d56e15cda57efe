"""A worker's stdout and stderr, as lines."""

import os
import select
import threading
from collections.abc import Callable
from typing import IO


class Output:
    """Hands each complete line to `on_line`, as it comes.

    `drain` returns once every byte written so far has been handed over, so that a log can be
    closed in the right order.
    """

    def __init__(self, pipe: IO[bytes], on_line: Callable[[str], None]) -> None:
        self._pipe = pipe
        self._on_line = on_line
        self._rest = b""
        self._ended = False
        self._lock = threading.Lock()
        threading.Thread(target=self._follow, name="worker-output", daemon=True).start()

    def drain(self) -> None:
        with self._lock:
            while not self._ended and self._readable(timeout_ms=0):
                self._read()

    def _follow(self) -> None:
        while not self._ended:
            self._readable(timeout_ms=None)
            self.drain()
        self._pipe.close()

    def _readable(self, timeout_ms: int | None) -> bool:
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        return bool(poll.poll(timeout_ms))

    def _read(self) -> None:
        data = os.read(self._pipe.fileno(), 65536)
        self._ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        if self._ended and self._rest:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._on_line(line.decode(errors="replace"))
