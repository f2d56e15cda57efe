"""One warm invocation through the real runtime client, awslambdaric (bar P3); in milliseconds.

From handing an event to the embedded Lambda's Runtime API to its answer there; one row.
"""

import contextlib
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from uuid import uuid4

from benchmarks.cast import assembled, requests
from benchmarks.contender import TRACE, Contender
from benchmarks.models import Subject
from benchmarks.rounds import Series, interleaved
from infra.local.lambda_service.runtime_api import Invocation, RuntimeApi
from model_store.gateway_event import rest_event

DIFFERENT = 100
PATIENCE_S = 60.0


def measure(subjects: Mapping[str, Subject], rounds: int) -> Series:
    found: Series = {}
    for name, subject in subjects.items():
        with assembled(subject) as (cast, _):
            contenders = {
                f"{name} lambent": cast.lambent(),
                f"{name} echo": cast.echo(),
                f"{name} documentation": cast.documentation(),
            }
            found |= invoked(contenders, requests(subject, 1, DIFFERENT), rounds)
    return found


def invoked(contenders: Mapping[str, Contender], bodies: list[str], rounds: int) -> Series:
    """Median milliseconds over all bodies, after a slice that is not counted."""
    events = [rest_event("POST", "/v1/predictions", body) for body in bodies]
    payloads = [json.dumps(event).encode() for event in events]
    with contextlib.ExitStack() as open_:
        running = {name: open_.enter_context(_worker(each)) for name, each in contenders.items()}
        asked = {name: partial(_median, api, payloads) for name, api in running.items()}
        interleaved(asked, 1)
        return interleaved(asked, rounds)


@contextlib.contextmanager
def _worker(contender: Contender) -> Iterator[RuntimeApi]:
    with tempfile.TemporaryDirectory() as scratch, contextlib.closing(RuntimeApi()) as api:
        process = subprocess.Popen(  # noqa: S603
            [contender.python, "-m", "awslambdaric", f"{contender.module}.handler"],
            env=contender.environment(scratch) | {"AWS_LAMBDA_RUNTIME_API": api.address},
            stdout=subprocess.DEVNULL,
        )
        try:
            yield api
        finally:
            process.kill()
            process.wait()


def _median(api: RuntimeApi, payloads: list[bytes]) -> float:
    return statistics.median(_invoke(api, each) for each in payloads)


def _invoke(api: RuntimeApi, payload: bytes) -> float:
    deadline = int((time.time() + PATIENCE_S) * 1000)
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:bench:1"
    began = time.perf_counter()
    api.send(Invocation(str(uuid4()), payload, deadline, arn, TRACE))
    while (event := api.events.get(timeout=PATIENCE_S)).kind == "ready":
        pass
    took = (time.perf_counter() - began) * 1000
    if event.kind != "responded" or json.loads(event.payload).get("statusCode") != 200:
        raise RuntimeError(f"the function {event.kind}: {event.payload[:200]!r}")
    return took
