"""One warm invocation in process, one row and 1,000 rows (bars P1, P2, P8).

The real handler on events of a REST API, with validation, decision and telemetry. Each contender
lives in a process of its own and is asked for a slice of invocations in turn; the figure of a round
is the median of its slice, in milliseconds.
"""

import contextlib
import statistics
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.cast import assembled, requests, write_events
from benchmarks.contender import Contender, Running
from benchmarks.models import Subject
from benchmarks.rounds import Series, interleaved

DIFFERENT = 150
SLICE = 300


def measure(subjects: Mapping[str, Subject], rounds: int) -> Series:
    found: Series = {}
    for name, subject in subjects.items():
        with assembled(subject) as (cast, scratch):
            events = write_events(scratch / "events", requests(subject, 1, DIFFERENT))
            contenders = {
                f"{name} lambent": cast.lambent(),
                f"{name} lambent by FastAPI": cast.through_fastapi(),
                f"{name} floor": cast.floor(),
                f"{name} bare session.run": cast.bare(),
                f"{name} documentation": cast.documentation(),
            }
            found |= slices(contenders, events, rounds, SLICE)
    return found


def slices(contenders: Mapping[str, Contender], events: Path, rounds: int, count: int) -> Series:
    """Median milliseconds of each slice, after one that is not counted."""
    with contextlib.ExitStack() as open_:
        running = {
            name: open_.enter_context(Running(each, events)) for name, each in contenders.items()
        }
        for each in running.values():
            each.nanoseconds(min(count, DIFFERENT))
        asked = {name: partial(_median, each, count) for name, each in running.items()}
        return interleaved(asked, rounds)


def _median(running: Running, count: int) -> float:
    return statistics.median(running.nanoseconds(count)) / 1e6
