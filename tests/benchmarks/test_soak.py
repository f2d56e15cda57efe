"""The callers of the soak, which itself runs by `make soak` only: what they take for an answer."""

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

import pytest

from benchmarks.soak import working
from benchmarks.soak_answers import Answers
from benchmarks.soak_callers import Caller, Tally
from benchmarks.soak_requests import LEFT_ALONE, MALTREATED, PREDICT, Request, Subject
from functions.inference.schemas import ModelCard, PredictionResponse

MIX = MALTREATED.mix
MODEL = {"name": "penguins", "version": "1", "digest": "d", "contract": None}
ADELIE = {"decision": "model", "value": "Adelie", "confidence": 0.9}
CARD = {
    "title": "Penguins",
    "description": "",
    "task": "multiclass",
    "labels": ["Adelie", "Gentoo"],
    "unit": None,
    "features": [],
    "fallbacks": ["rules", "constant"],
    "contact": "",
    "calibration": None,
    "coverage": [],
    "metrics": {},
    "parity": {},
    "provenance": {},
}
PROBLEM = {"type": "urn:lambent:problem:a", "title": "text", "detail": "text"}


def documented(asked: Request, request_id: str) -> dict[str, Any]:
    if asked.schema is PredictionResponse:
        predictions = [ADELIE] * asked.rows
        return {"predictions": predictions, "model": MODEL, "request_id": request_id}
    if asked.schema is ModelCard:
        return CARD | {"model": MODEL, "request_id": request_id}
    return PROBLEM | {"status": asked.status, "instance": request_id}


class Gateway(BaseHTTPRequestHandler):
    """Answers as documented until `broken` says with what instead, or `altered` with which part."""

    broken: tuple[int, bytes] | None = None
    altered: Mapping[str, Any] = MappingProxyType({})

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = next(each for each in MIX if (each.body or b"", each.path) == (body, self.path))
        told = documented(asked, self.headers["x-request-id"]) | self.altered
        status, answer = self.broken or (asked.status, json.dumps(told).encode())
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def gateway() -> Iterator[tuple[str, type[Gateway]]]:
    handler = type("Handler", (Gateway,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()


class Turns(threading.Event):
    """Is set after so many waits, which take no time."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self._left = turns

    def wait(self, timeout: float | None = None) -> bool:
        self._left -= 1
        return self._left < 0


def ask(url: str, turns: int, subject: Subject = MALTREATED) -> Tally:
    tally = Tally()
    Caller(url, "key", subject, Answers(MALTREATED.model), tally).ask(Turns(turns))
    return tally


def test_documented_answers_are_counted(gateway: tuple[str, type[Gateway]]) -> None:
    tally = ask(gateway[0], len(MIX))
    assert tally.lost == []
    assert tally.answers() == {each.kind: {str(each.status): 1} for each in MIX}


def test_a_declared_trouble_is_no_loss(gateway: tuple[str, type[Gateway]]) -> None:
    url, handler = gateway
    handler.broken = (502, b'{"message": "Internal server error"}')
    tally = ask(url, 1)
    assert (tally.lost, tally.answers()) == ([], {"penguins: one row": {"502": 1}})


def test_nothing_is_declared_for_the_model_that_is_left_alone(
    gateway: tuple[str, type[Gateway]],
) -> None:
    url, handler = gateway
    handler.broken = (502, b'{"message": "Internal server error"}')
    undisturbed = Subject("penguins", ("1",), MIX, LEFT_ALONE.excused, 1, 0.0)
    (loss,) = ask(url, 1, undisturbed).lost
    assert loss.startswith("penguins: one row: Undocumented: 502")


@pytest.mark.parametrize(
    "broken",
    [(404, b"{}"), (500, b"<html>"), (502, b""), (200, b"{}")],
    ids=["another status", "no JSON", "nothing", "another schema"],
)
def test_any_other_answer_is_a_loss(gateway: tuple[str, type[Gateway]], broken) -> None:
    url, handler = gateway
    handler.broken = broken
    assert len(ask(url, 1).lost) == 1


@pytest.mark.parametrize(
    "altered",
    [
        {"request_id": "of another request"},
        {"model": MODEL | {"name": "diabetes"}},
        {"predictions": [ADELIE, ADELIE]},
        {"predictions": []},
        {"predictions": [{"decision": "fallback", "value": "Adelie", "source": "nowhere"}]},
    ],
    ids=["request", "model", "too many", "too few", "no declared source"],
)
def test_a_200_of_something_else_is_a_loss(gateway: tuple[str, type[Gateway]], altered) -> None:
    url, handler = gateway
    handler.altered = altered
    assert len(ask(url, 1).lost) == 1


def test_another_answer_to_the_same_row_is_a_loss(gateway: tuple[str, type[Gateway]]) -> None:
    url, handler = gateway
    answers, tally = Answers("penguins"), Tally()
    caller = Caller(url, "key", MALTREATED, answers, tally)
    caller.ask(Turns(1))
    handler.altered = {"predictions": [ADELIE | {"value": "Gentoo"}]}
    caller.ask(Turns(1))
    assert len(tally.lost) == 1
    assert "Gentoo" in tally.lost[0]


def test_another_version_or_a_fallback_may_answer_otherwise(
    gateway: tuple[str, type[Gateway]],
) -> None:
    url, handler = gateway
    answers, tally = Answers("penguins"), Tally()
    rule = {"decision": "fallback", "value": "Gentoo", "source": "rules", "reason": "switched_off"}
    other = {"predictions": [ADELIE | {"value": "Gentoo"}], "model": MODEL | {"version": "2"}}
    for altered in ({}, {"predictions": [rule]}, other):
        handler.altered = altered
        Caller(url, "key", MALTREATED, answers, tally).ask(Turns(1))
    assert tally.lost == []


def test_no_answer_is_a_loss() -> None:
    (loss,) = ask("http://127.0.0.1:9", 1).lost
    assert loss.startswith("penguins: one row: NewConnectionError")


@pytest.mark.parametrize("subject", [MALTREATED, LEFT_ALONE], ids=lambda each: each.model)
def test_the_mix_has_valid_and_hostile_requests(subject: Subject) -> None:
    assert {each.status for each in subject.mix} == {200, 400, 422}
    assert {each.path for each in subject.mix} == {PREDICT, "/v1/model"}


def test_what_a_thread_raises_is_raised() -> None:
    def fails(stopped: threading.Event) -> None:
        stopped.wait()
        raise ValueError("of the operator")

    with pytest.raises(ValueError, match="of the operator"), working(fails):
        pass
