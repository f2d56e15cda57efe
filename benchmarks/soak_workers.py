"""The processes that run functions: each has its function's name in its environment."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from infra.release.stack.stacks import function_name


@dataclass(frozen=True)
class Usage:
    """What a process holds. process: its id."""

    process: int
    memory_mb: float
    files: int
    threads: int


def usage(process: psutil.Process) -> Usage:
    """Raises psutil.NoSuchProcess."""
    with process.oneshot():
        memory_mb = round(process.memory_info().rss / 1e6, 2)
        return Usage(process.pid, memory_mb, process.num_fds(), process.num_threads())


def busiest(embedded: psutil.Process, model: str) -> Usage | None:
    """Of the worker that has answered most for the model."""
    found = [worker for worker, name in _named(embedded) if name == function_name(model)]
    with contextlib.suppress(psutil.NoSuchProcess):
        return usage(max(found, key=lambda worker: worker.cpu_times().user)) if found else None
    return None


def workers_around(embedded: psutil.Process, model: str) -> list[psutil.Process]:
    """Of the model's function, and of those that watch over it: hook, judge and guard."""
    return [worker for worker, name in _named(embedded) if function_name(model) in name]


def _named(embedded: psutil.Process) -> Iterator[tuple[psutil.Process, str]]:
    """Without those that are gone, or not quite there: a copy of their parent, for a moment."""
    for worker in embedded.children():
        with contextlib.suppress(psutil.Error):
            yield worker, worker.environ().get("AWS_LAMBDA_FUNCTION_NAME", "")
