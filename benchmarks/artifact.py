"""The forest's graph as packaged beside skl2onnx's own (bar P7): size, load, run, answers.

The size and the load are of the whole artifact's graph beside the plain one of skl2onnx. The runs
and the answers are of the artifact with and without the optimisation.
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
from model_store.artifact.folder import Artifact
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
    rows = subject.rows
    forms = {"optimised": subject.lambent, "unoptimised": subject.unoptimised}
    sessions = {name: opened(form.model) for name, form in forms.items()}
    single = {name: [_feed(form, [row]) for row in rows[:RUNS]] for name, form in forms.items()}
    batch = {name: [_feed(form, rows)] for name, form in forms.items()}
    found: Series = {}
    for what, feeds in {"1 row": single, "batch": batch}.items():
        measured = {
            f"{name} run, {what}": partial(_run, session, feeds[name])
            for name, session in sessions.items()
        }
        found |= interleaved(measured, rounds)
    answers = [session.run(None, batch[name][0]) for name, session in sessions.items()]
    return found | {"largest difference": [_gap(*answers)]}


def seconds(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def _feed(form: Artifact, rows: list[dict[str, Any]]) -> Feed:
    manifest = form.manifest
    return encode([normalise(manifest.contract, row) for row in rows], manifest.inputs)


def _run(session: Any, feeds: list[Feed]) -> float:
    upcoming = itertools.cycle(feeds)
    return seconds(lambda: session.run(None, next(upcoming)), len(feeds))


def _gap(one: list[Any], other: list[Any]) -> float:
    """The largest difference of a number; a label that differs counts as 1."""
    pairs = zip(one, other, strict=True)
    return max(float(np.max(np.abs(a - b) if a.dtype.kind == "f" else a != b)) for a, b in pairs)
