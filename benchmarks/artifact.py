"""The forest's graph as packaged beside skl2onnx's own (bar P7): size, load, run, answers.

The size and the load are of the whole artifact's graph beside the plain one of skl2onnx. The runs
and the answers are of the artifact with and without the optimisation, which take the same inputs.
Seconds of one processor, so that a busy machine matters less.
"""

import itertools
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.models import Subject
from benchmarks.rounds import Series, interleaved
from benchmarks.trees import opened
from model_store.contract import encode, normalise

LOADS, RUNS = 3, 100
Feed = dict[str, "np.ndarray[Any, Any]"]


def measure(subject: Subject, rounds: int) -> Series:
    graphs = {
        "optimised": subject.lambent.model,
        "unoptimised": subject.unoptimised.model,
        "skl2onnx": subject.plain,
    }
    found: Series = {f"{name} bytes": [float(len(graph))] for name, graph in graphs.items()}
    found |= interleaved(
        {
            f"{name} load": partial(seconds, partial(opened, graph), LOADS)
            for name, graph in graphs.items()
        },
        rounds,
    )
    return found | _runs(subject, rounds)


def _runs(subject: Subject, rounds: int) -> Series:
    single = [_feed(subject, [row]) for row in subject.rows[:RUNS]]
    batch = [_feed(subject, subject.rows)]
    found: Series = {}
    sessions = {
        "optimised": opened(subject.lambent.model),
        "unoptimised": opened(subject.unoptimised.model),
    }
    for what, feeds in {"1 row": single, "batch": batch}.items():
        measured = {
            f"{name} run, {what}": partial(_run, session, feeds)
            for name, session in sessions.items()
        }
        found |= interleaved(measured, rounds)
    gap = _gap(sessions["optimised"], sessions["unoptimised"], batch[0])
    return found | {"largest difference": [gap]}


def seconds(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def _feed(subject: Subject, rows: list[dict[str, Any]]) -> Feed:
    manifest = subject.lambent.manifest
    return encode([normalise(manifest.contract, row) for row in rows], manifest.inputs)


def _run(session: Any, feeds: list[Feed]) -> float:
    upcoming = itertools.cycle(feeds)
    return seconds(lambda: session.run(None, next(upcoming)), len(feeds))


def _gap(one: Any, other: Any, feed: Feed) -> float:
    """The largest difference of a number; a label that differs counts as 1."""
    pairs = zip(one.run(None, feed), other.run(None, feed), strict=True)
    return max(float(np.max(np.abs(a - b) if a.dtype.kind == "f" else a != b)) for a, b in pairs)
