"""Asking one version of the inference function as API Gateway would: the thin edge to Lambda."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from functions.pretraffic.errors import OutOfTime
from model_store.aws import translated
from model_store.errors import AwsUnavailable
from model_store.gateway_event import REHEARSAL, rest_event
from model_store.predictions import Prediction

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

PAUSE, LONGEST_PAUSE = 0.5, 8.0
"""Seconds before a throttled request is sent again, doubled each time: reserved concurrency is
shared with the callers of what is live, who shall not get a release refused by filling it."""
_PREDICTIONS = TypeAdapter(tuple[Prediction, ...])
_DURATION = re.compile(r"\bDuration: ([\d.]+) ms")
_INIT = re.compile(r"\bInit Duration: ([\d.]+) ms")

Answer = Prediction | None
"""None where there was no answer: the function failed, or answered with an error."""


@dataclass(frozen=True, slots=True)
class Reply:
    """milliseconds: as Lambda measured them, which is what the alarms on latency see; None if it
    did not tell. start: how long the environment took to start before that, None if it was there.
    failure: the type of the error when the function itself failed.
    """

    status: int
    body: dict[str, Any]
    milliseconds: float | None
    start: float | None = None
    failure: str = ""

    @property
    def is_fine(self) -> bool:
        return self.status == HTTPStatus.OK

    @property
    def told(self) -> str:
        return f"failed ({self.failure})" if self.failure else f"answered {self.status}"

    def predictions(self, rows: int) -> tuple[Prediction, ...] | None:
        """One per row; None if that is not what was answered."""
        try:
            found = _PREDICTIONS.validate_python(self.body.get("predictions"))
        except ValidationError:
            return None
        return found if self.is_fine and len(found) == rows else None


@dataclass(frozen=True, slots=True)
class Callee:
    """One version of the function, by one of the contracts that it serves.

    path: of predictions by that contract. time_left: seconds until the hook must have a verdict;
    longest: those that one request may take.
    """

    client: "LambdaClient"
    function: str
    number: str
    path: str
    time_left: Callable[[], float]
    sleep: Callable[[float], None]
    longest: float

    def get(self, path: str) -> Reply:
        return self._send(rest_event("GET", path, stage=REHEARSAL))

    def predict(self, rows: Sequence[object]) -> Reply:
        body = json.dumps({"instances": list(rows)})
        return self._send(rest_event("POST", self.path, body, stage=REHEARSAL))

    def answers(self, rows: Sequence[object]) -> list[Answer]:
        """One per row; where a batch fails, its halves are asked, down to the rows to blame."""
        if not rows:
            return []
        if (found := self.predict(rows).predictions(len(rows))) is not None:
            return list(found)
        if len(rows) == 1:
            return [None]
        half = len(rows) // 2
        return self.answers(rows[:half]) + self.answers(rows[half:])

    def _send(self, event: dict[str, Any]) -> Reply:
        """Raises OutOfTime, and AwsUnavailable where Lambda takes nothing to the end."""
        pause = PAUSE
        while self.time_left() >= self.longest:
            try:
                return self._invoke(event)
            except AwsUnavailable:
                if self.time_left() < self.longest + pause:
                    raise
                self.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        raise OutOfTime

    def _invoke(self, event: dict[str, Any]) -> Reply:
        with translated(f"function {self.function}:{self.number}"):
            reply = self.client.invoke(
                FunctionName=self.function,
                Qualifier=self.number,
                LogType="Tail",
                Payload=json.dumps(event).encode(),
            )
            payload = json.loads(reply["Payload"].read())
        report = b64decode(reply.get("LogResult", "")).decode(errors="replace")
        took, start = _milliseconds(_DURATION, report), _milliseconds(_INIT, report)
        if reply.get("FunctionError"):
            return Reply(0, {}, took, start, str(payload.get("errorType", "unknown")))
        return Reply(payload["statusCode"], _decoded(payload.get("body")), took, start)


def _milliseconds(pattern: re.Pattern[str], report: str) -> float | None:
    """Of the last REPORT line: what comes before it was written by the function."""
    _, _, line = report.rpartition("REPORT RequestId:")
    found = pattern.search(line)
    return float(found[1]) if found else None


def _decoded(body: str | None) -> dict[str, Any]:
    try:
        found = json.loads(body or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
