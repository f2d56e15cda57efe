"""The pieces of each bench run once, at tiny size. How long they take is nobody's business here."""

import json
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks import artifact, bundle
from benchmarks.__main__ import BENCHES
from benchmarks.bars import BARS
from benchmarks.cast import Cast, requests, write_events
from benchmarks.cold import started
from benchmarks.contender import Contender, Running
from benchmarks.load import post, send
from benchmarks.models import Subject
from benchmarks.over_http import columns_of
from benchmarks.places import CONTENDERS, ROOT, RUNTIME
from benchmarks.runtime import invoked
from benchmarks.servers import listening
from benchmarks.warm import slices

HERE = Path(sys.executable)


def here(contender: Contender) -> Contender:
    """In the interpreter of the tests, which has every library but those of the peers."""
    return Contender(contender.module, contender.packages, contender.variables, HERE)


@pytest.fixture
def lambent(cast: Cast) -> Contender:
    return here(cast.lambent())


@pytest.fixture
def cold_floor(cast: Cast) -> Contender:
    """Of those written by hand the one that needs no library of its own."""
    key = {"BENCH_KEY": f"{cast.subject.name}/packed.onnx"}
    variables = cast.store.environment() | cast.columns() | key
    return Contender("cold_floor", [ROOT], variables, HERE)


@pytest.fixture
def events(subject: Subject, tmp_path: Path) -> Path:
    return write_events(tmp_path / "events", requests(subject, 1, 3))


def test_warm_contenders_are_timed_in_turn(
    lambent: Contender, cold_floor: Contender, events: Path
) -> None:
    found = slices({"lambent": lambent, "floor": cold_floor}, events, rounds=2, count=2)
    assert {name: len(each) for name, each in found.items()} == {"lambent": 2, "floor": 2}
    assert all(figure > 0 for each in found.values() for figure in each)


def test_cold_contenders_start_anew_for_every_figure(
    lambent: Contender, cold_floor: Contender, events: Path
) -> None:
    found = started({"lambent": (lambent, events), "floor": (cold_floor, events)}, rounds=1)
    assert {name: len(each) for name, each in found.items()} == {"lambent": 1, "floor": 1}


def test_everyone_gives_the_same_answer_to_the_same_row(
    lambent: Contender, cold_floor: Contender, events: Path
) -> None:
    """Else the bench would compare a model with something else."""
    with Running(lambent, events) as ours, Running(cold_floor, events) as theirs:
        (prediction,) = json.loads(ours.answer["body"])["predictions"]
        floor = json.loads(theirs.answer["body"])
    assert prediction["value"] == floor["labels"][0]


def test_the_peak_is_that_of_the_contender_and_not_of_who_started_it(
    lambent: Contender, events: Path
) -> None:
    with Running(lambent, events) as running:
        assert 20e6 < running.peak() < 1e9


def test_a_contender_that_answers_no_200_stops_the_bench(
    lambent: Contender, tmp_path: Path
) -> None:
    wrong = write_events(tmp_path / "wrong", ["{}"])
    with pytest.raises(RuntimeError, match=r"handler answered .*422"):
        Running(lambent, wrong)


def test_the_real_runtime_client_invokes_a_contender(subject: Subject) -> None:
    found = invoked({"echo": Contender("echo", [ROOT], python=RUNTIME)}, requests(subject, 1, 2), 1)
    assert len(found["echo"]) == 1


def test_callers_get_every_answer(tmp_path: Path) -> None:
    """From a server that is started and stopped as the peers are."""
    echo = post("/", "a body")
    command = [str(HERE), "-m", "uvicorn", "echo_asgi:app"]
    where = Contender("", [CONTENDERS, Path(__file__).parent], python=HERE)
    with listening(command, where, tmp_path, echo) as port:
        load = send(port, [echo, post("/", "another")], callers=3, count=10)
    assert len(load.latencies) == 10
    assert load.elapsed > 0


def test_a_server_takes_its_workers_with_it(tmp_path: Path) -> None:
    """Also those in a session of their own, as BentoML's are."""
    started = "import subprocess as s, sys, uvicorn\n"
    worker = "s.Popen([sys.executable, '-c', 'input()'], stdin=s.PIPE, start_new_session=True)\n"
    serve = "uvicorn.run('echo_asgi:app', port=int(sys.argv[-1]))"
    command = [str(HERE), "-c", started + worker + serve]
    where = Contender("", [CONTENDERS, Path(__file__).parent], python=HERE)
    with listening(command, where, tmp_path, post("/", "a body")):
        (server,) = [p for p in psutil.Process().children() if "echo_asgi" in str(p.cmdline())]
        family = server.children()
        assert family
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert (len(gone), alive) == (1, [])


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    command = [str(HERE), "-c", "raise SystemExit('no such model')"]
    with (
        pytest.raises(RuntimeError, match="no such model"),
        listening(command, Contender("", [ROOT]), tmp_path, post("/", "")),
    ):
        pass


def test_mlserver_gets_the_same_rows_in_columns(subject: Subject) -> None:
    (body,) = requests(subject, 2, 1)
    rows = json.loads(body)["instances"]
    numbers, strings = json.loads(columns_of(subject, body))["inputs"]
    assert (numbers["shape"], strings["shape"]) == ([2, 10], [2, 4])
    assert numbers["data"] == [row[name] for row in rows for name in subject.numbers]


def test_the_forest_is_measured_as_packaged_and_as_converted(subject: Subject) -> None:
    found = artifact.measure(subject, rounds=1)
    assert found["optimised bytes"] < found["unoptimised bytes"]
    assert found["largest difference"][0] < 1e-5


def test_a_bundle_has_two_sizes(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_bytes(b"x" * 10_000)
    whole, zipped = bundle.sizes(tmp_path)
    assert whole == 10_000
    assert 0 < zipped < 1000


def test_there_is_a_bench_for_every_bar() -> None:
    assert {bar.bench for bar in BARS} == set(BENCHES)
