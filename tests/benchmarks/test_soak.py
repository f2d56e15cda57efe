"""The pieces of the soak, which itself runs by `make soak` only; its page comes of its result."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from benchmarks import soak_page
from benchmarks.soak import sample
from benchmarks.soak_callers import MIX, PREDICT, Caller, Tally
from benchmarks.soak_page import Sample, Soak


class Gateway(BaseHTTPRequestHandler):
    """Answers as documented until `broken` says with what instead."""

    broken: tuple[int, bytes] | None = None

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        documented = (each for each in MIX if (each.body or b"", self.path) == (body, each.path))
        status, answer = self.broken or (next(documented).status, b"{}")
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


def ask(url: str, turns: int) -> Tally:
    tally = Tally()
    Caller(url, "key", tally, 0).ask(Turns(turns))
    return tally


def test_documented_answers_are_counted(gateway: tuple[str, type[Gateway]]) -> None:
    tally = ask(gateway[0], len(MIX))
    assert tally.lost == []
    assert tally.answers() == {each.kind: {str(each.status): 1} for each in MIX}


def test_a_declared_trouble_is_no_loss(gateway: tuple[str, type[Gateway]]) -> None:
    url, handler = gateway
    handler.broken = (502, b'{"message": "Internal server error"}')
    tally = ask(url, 1)
    assert (tally.lost, tally.answers()) == ([], {"one row": {"502": 1}})


@pytest.mark.parametrize(
    "broken",
    [(404, b"{}"), (500, b"<html>"), (502, b"")],
    ids=["another status", "no JSON", "nothing"],
)
def test_any_other_answer_is_a_loss(gateway: tuple[str, type[Gateway]], broken) -> None:
    url, handler = gateway
    handler.broken = broken
    assert len(ask(url, 1).lost) == 1


def test_no_answer_is_a_loss() -> None:
    assert ask("http://127.0.0.1:9", 1).lost == ["one row: NewConnectionError"]


def test_the_mix_has_valid_and_hostile_requests() -> None:
    assert {each.status for each in MIX} == {200, 400, 422}
    assert {each.path for each in MIX} == {PREDICT, "/v1/model"}


def test_a_process_is_sampled() -> None:
    found = sample(psutil.Process(), 0.0)
    assert found.memory_mb > 0
    assert found.files > 0


def soak(lost: list[str]) -> Soak:
    samples = [Sample(n, 100.0 + n, 20, 5, 1, 80.0, 12) for n in range(8)]
    answers = {"one row": {"200": 3, "502": 1}, "no JSON": {"400": 2}}
    return Soak(1, "2026-01-02", "a machine", answers, lost, {"rollback": 2}, ["no"], samples)


def test_the_page_tells_losses_answers_and_growth() -> None:
    page = soak_page.page(soak(["one row: 404"]))
    assert "**6 answers, 1 requests lost.**" in page
    assert "| one row | 3 | 0 | 1 |" in page
    assert "| memory of the embedded AWS (MB) | 102.5 | 106.5 |" in page


def test_a_result_is_read_as_it_was_written(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(soak_page, "RESULT", tmp_path / "soak.json")
    monkeypatch.setattr(soak_page, "PAGE", tmp_path / "soak.md")
    soak_page.save(soak([]))
    assert soak_page.load(tmp_path / "soak.json") == soak([])
    assert json.loads((tmp_path / "soak.json").read_text())["minutes"] == 1


def test_the_committed_page_was_made_from_the_committed_result() -> None:
    assert soak_page.PAGE.read_text(encoding="utf-8") == soak_page.page(soak_page.load())
