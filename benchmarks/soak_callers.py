"""Callers of the soak: each kind of request with the answers that are documented for it."""

import itertools
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import urllib3

PENGUIN = {
    "island": "Dream",
    "bill_length_mm": 46.5,
    "bill_depth_mm": 17.9,
    "flipper_length_mm": 192,
    "body_mass_g": 3500,
    "sex": "female",
}
BROKEN = PENGUIN | {"flipper_length_mm": "long"}
PAUSE_S, PATIENCE_S = 0.1, 60.0
PREDICT = "/v1/predictions"


@dataclass(frozen=True)
class Request:
    """status: of an answer when nothing is wrong."""

    kind: str
    method: str
    path: str
    body: bytes | None
    status: int


def _rows(*rows: dict[str, Any]) -> bytes:
    return json.dumps({"instances": rows}).encode()


MIX = (
    Request("one row", "POST", PREDICT, _rows(PENGUIN), 200),
    Request("another row", "POST", PREDICT, _rows(PENGUIN | {"sex": "male"}), 200),
    Request("100 rows", "POST", PREDICT, _rows(*[PENGUIN] * 100), 200),
    Request("a row that breaks the contract", "POST", PREDICT, _rows(BROKEN), 422),
    Request("no JSON", "POST", PREDICT, b'{"instances": [', 400),
    Request("the model card", "GET", "/v1/model", None, 200),
)
DECLARED = {
    429: "throttled",
    500: "the worker was killed",
    502: "the worker was killed",
    503: "not loaded",
    504: "timed out",
}


@dataclass
class Tally:
    """Counts by kind of request and status; `lost` tells of those without a documented answer."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def answers(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for (kind, status), count in sorted(self.counts.items()):
            found.setdefault(kind, {})[str(status)] = count
        return found


@dataclass
class Caller:
    """Asks the whole mix in turn over one connection; starts at another place than the others."""

    url: str
    key: str
    tally: Tally
    number: int

    def ask(self, stopped: threading.Event) -> None:
        with urllib3.PoolManager(maxsize=1) as http:
            for request in itertools.islice(itertools.cycle(MIX), self.number, None):
                if stopped.wait(PAUSE_S):
                    return
                self._ask(http, request)

    def _ask(self, http: urllib3.PoolManager, request: Request) -> None:
        headers = {"x-api-key": self.key, "content-type": "application/json"}
        try:
            answer = http.request(
                request.method,
                self.url + request.path,
                body=request.body,
                headers=headers,
                timeout=PATIENCE_S,
                retries=False,
            )
            json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            self.tally.lost.append(f"{request.kind}: {type(error).__name__}")
            return
        self.tally.counts[request.kind, answer.status] += 1
        # Of a model that is switched off or not loaded the card is a 503.
        if answer.status not in {request.status, *DECLARED}:
            self.tally.lost.append(f"{request.kind}: {answer.status} {answer.data[:60]!r}")
