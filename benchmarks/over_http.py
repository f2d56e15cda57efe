"""The same app under uvicorn beside BentoML and MLServer, on loopback (bar P4).

One worker each. `p50`: milliseconds of one caller; `req/s`: of eight callers.
"""

import contextlib
import json
import statistics
from collections.abc import Callable, Mapping
from functools import partial

from benchmarks.cast import assembled, requests
from benchmarks.load import post, send
from benchmarks.models import Subject
from benchmarks.rounds import Series, interleaved
from benchmarks.servers import listening, servers_of

DIFFERENT, SLICE, CALLERS = 100, 300, 8


def measure(subjects: Mapping[str, Subject], rounds: int) -> Series:
    """One model after the other, so that no more than five servers run at a time."""
    found: Series = {}
    for name, subject in subjects.items():
        with assembled(subject) as (cast, scratch), contextlib.ExitStack() as open_:
            servers = servers_of(cast, scratch)
            ports = {
                server: open_.enter_context(
                    listening(command, each, scratch, _requests(server, subject, 1)[0])
                )
                for server, (command, each) in servers.items()
            }
            found |= asked(name, subject, ports, rounds, SLICE)
    return found


def asked(name: str, subject: Subject, ports: Mapping[str, int], rounds: int, count: int) -> Series:
    """Figures of each server, after a round that is not counted."""
    measured: dict[str, Callable[[], float]] = {}
    for server, port in ports.items():
        one, hundred = (_requests(server, subject, rows) for rows in (1, 100))
        measured |= {
            f"{name} {server}, 1 row p50": partial(_p50, port, one, count),
            f"{name} {server}, 8 callers req/s": partial(_rate, port, one, count),
            f"{name} {server}, 100 rows p50": partial(_p50, port, hundred, count // 5),
        }
    interleaved(measured, 1)
    return interleaved(measured, rounds)


def _p50(port: int, bodies: list[bytes], count: int) -> float:
    return statistics.median(send(port, bodies, 1, count).latencies) * 1000


def _rate(port: int, bodies: list[bytes], count: int) -> float:
    return count / send(port, bodies, CALLERS, count).elapsed


def _requests(server: str, subject: Subject, rows: int) -> list[bytes]:
    bodies = requests(subject, rows, DIFFERENT)
    match server:
        case "BentoML":
            return [post("/predict", body) for body in bodies]
        case "MLServer":
            return [post("/v2/models/bench/infer", columns_of(subject, body)) for body in bodies]
    return [post("/v1/predictions", body) for body in bodies]


def columns_of(subject: Subject, body: str) -> str:
    """The same rows as the Open Inference Protocol writes them."""
    rows = json.loads(body)["instances"]
    parts = [("numbers", "FP32", subject.numbers), ("strings", "BYTES", subject.strings)]
    inputs = [
        {
            "name": name,
            "datatype": kind,
            "shape": [len(rows), len(columns)],
            "data": [row[column] for row in rows for column in columns],
        }
        for name, kind, columns in parts
        if columns
    ]
    return json.dumps({"inputs": inputs})
