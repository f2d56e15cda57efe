"""Fresh process to first answer, the artifact read over TLS (bar P5); in milliseconds.

The interpreter is that of the Lambda runtime, so boto3 is there for everyone. Lambent is its own
bundle as `sam build` makes it. The first round warms the page cache and is not counted.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.bundles import without_pyc
from benchmarks.cast import Cast, assembled, requests, write_events
from benchmarks.contender import Contender, Running
from benchmarks.models import Subject
from benchmarks.rounds import Series, interleaved
from model_store.gateway_event import rest_event

Start = tuple[Contender, Path]
"""Who starts, and the file with the event that comes first."""


def measure(subjects: Mapping[str, Subject], rounds: int) -> Series:
    found: Series = {}
    for name, subject in subjects.items():
        with assembled(subject) as (cast, scratch):
            starts = {f"{name} {what}": start for what, start in _starts(cast, scratch).items()}
            found |= started(starts, rounds)
    return found


def _starts(cast: Cast, scratch: Path) -> dict[str, Start]:
    prediction = write_events(scratch / "prediction", requests(cast.subject, 1, 1))
    card = scratch / "card"
    card.write_text(json.dumps(rest_event("GET", "/v1/model")), encoding="utf-8")
    unread = cast.documentation(without_pyc("naive"))
    unread = replace(unread, variables={**unread.variables, "PYTHONDONTWRITEBYTECODE": "1"})
    return {
        "lambent": (cast.lambent(), prediction),
        "lambent, FastAPI loaded": (cast.lambent(), card),
        "naive": (cast.documentation(), prediction),
        "naive without .pyc": (unread, prediction),
        "pickle tutorial": (cast.tutorial(), prediction),
        "floor": (cast.cold_floor(), prediction),
    }


def started(starts: Mapping[str, Start], rounds: int) -> Series:
    asked = {
        name: partial(first_answer, contender, events)
        for name, (contender, events) in starts.items()
    }
    interleaved(asked, 1)
    return interleaved(asked, rounds)


def first_answer(contender: Contender, events: Path) -> float:
    with Running(contender, events) as running:
        return running.first_s * 1000
