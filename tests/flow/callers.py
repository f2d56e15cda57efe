"""Callers that keep asking while a release moves, as a web product's do."""

from collections import Counter
from threading import Event, Thread
from typing import Any

from tests.flow.conftest import Api

PAUSE = 0.15
"""Seconds between two requests of a thread: enough for a verdict, and time left to reach it."""


class Callers:
    """Ask for these rows in turn, by some threads, until the block ends.

    seen: how many answers came of a model version, by a decision.
    """

    def __init__(self, api: Api, *rows: dict[str, Any], threads: int = 3) -> None:
        self._api, self._rows = api, rows
        self._done = Event()
        self._threads = [Thread(target=self._ask, daemon=True) for _ in range(threads)]
        self.seen: Counter[tuple[str, str]] = Counter()
        self.failures: list[str] = []

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        turn = 0
        while not self._done.wait(PAUSE):
            status, body, _ = self._api.ask([self._rows[turn % len(self._rows)]])
            turn += 1
            if status == 200:
                self.seen[body["model"]["version"], body["predictions"][0]["decision"]] += 1
            else:
                self.failures.append(f"{status}: {body.get('title')}")
