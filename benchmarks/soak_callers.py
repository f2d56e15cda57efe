"""Callers of the soak: every answer is looked at, and one that is not documented is a loss."""

import itertools
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import urllib3

from benchmarks.soak_answers import Answers, Undocumented
from benchmarks.soak_requests import Request, Subject

PATIENCE_S = 60.0


@dataclass
class Tally:
    """answered: kind of request and status of each; `lost` tells of those without a documented
    answer."""

    answered: list[tuple[str, int]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def answers(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for (kind, status), count in sorted(Counter(self.answered).items()):
            found.setdefault(kind, {})[str(status)] = count
        return found


@dataclass
class Caller:
    """Asks the whole mix in turn over one connection, beginning with the request of `number`."""

    url: str
    key: str
    subject: Subject
    answers: Answers
    tally: Tally
    number: int = 0

    def ask(self, stopped: threading.Event) -> None:
        with urllib3.PoolManager(maxsize=1) as http:
            for request in itertools.islice(itertools.cycle(self.subject.mix), self.number, None):
                if stopped.wait(self.subject.pause_s):
                    return
                self._ask(http, request)

    def _ask(self, http: urllib3.PoolManager, request: Request) -> None:
        request_id = str(uuid4())
        try:
            answer = self._answer(http, request, request_id)
            self.tally.answered.append((request.kind, answer.status))
            self._check(request, request_id, answer)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            self.tally.lost.append(f"{request.kind}: {type(error).__name__}: {str(error)[:200]}")

    def _answer(
        self, http: urllib3.PoolManager, request: Request, request_id: str
    ) -> urllib3.BaseHTTPResponse:
        return http.request(
            request.method,
            self.url + request.path,
            body=request.body,
            headers={
                "x-api-key": self.key,
                "x-request-id": request_id,
                "content-type": "application/json",
            },
            timeout=PATIENCE_S,
            retries=False,
        )

    def _check(self, request: Request, request_id: str, answer: urllib3.BaseHTTPResponse) -> None:
        """Of a model that is switched off or not loaded the card is a 503."""
        if answer.status == request.status:
            self.answers.check(request, request_id, answer.data)
        elif answer.status in self.subject.excused:
            json.loads(answer.data)
        else:
            raise Undocumented(f"{answer.status} {answer.data[:60]!r}")
