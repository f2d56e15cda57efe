"""1,000 rows in one request, and the memory that a request at the limit takes (bar P8).

Milliseconds per request. For memory the megabytes that a fresh process grows by after its first
answer: for 1,000 rows, and for as many as a body of 6 MB holds, which are read and then refused.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.cast import Cast, assembled, requests, write_events
from benchmarks.contender import Contender, Running
from benchmarks.models import Subject
from benchmarks.rounds import Series, interleaved
from benchmarks.warm import slices

ROWS = 1000
DIFFERENT, SLICE = 5, 5
LARGEST = 5_990_000


def measure(subjects: Mapping[str, Subject], rounds: int) -> Series:
    found: Series = {}
    for name, subject in subjects.items():
        with assembled(subject) as (cast, scratch):
            found |= _times(name, cast, scratch, rounds)
            found |= _memory(name, cast, scratch, rounds)
    return found


def _times(name: str, cast: Cast, scratch: Path, rounds: int) -> Series:
    events = write_events(scratch / "events", requests(cast.subject, ROWS, DIFFERENT))
    contenders = {f"{name} lambent": cast.lambent(), f"{name} floor": cast.floor()}
    return slices(contenders, events, rounds, SLICE)


def _memory(name: str, cast: Cast, scratch: Path, rounds: int) -> Series:
    one = requests(cast.subject, 1, 1)
    most = LARGEST // len(one[0])
    bodies = {
        "1,000 rows": requests(cast.subject, ROWS, DIFFERENT),
        "6 MB": requests(cast.subject, most, 2),
    }
    files = {what: write_events(scratch / what, one + more) for what, more in bodies.items()}
    asked = {
        f"{name} memory, {what}": partial(grown, cast.lambent(), file, len(bodies[what]))
        for what, file in files.items()
    }
    return interleaved(asked, rounds)


def grown(contender: Contender, events: Path, count: int) -> float:
    """By how many MB the peak rises over that after the first event."""
    with Running(contender, events) as running:
        before = running.peak()
        running.nanoseconds(count)
        return (running.peak() - before) / 1e6
