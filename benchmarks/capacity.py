"""How far the model of Lambda (infra/capacity) is from the local runtime under the same arrivals.

    python -m benchmarks.capacity [ROUNDS] [SECONDS] [--write]

Deploys an example to an embedded AWS that keeps idle environments for two seconds. In each of the
ROUNDS it sends other Poisson arrivals for SECONDS, and simulates the same arrivals with the cold
and warm invocations that it measured one by one before and after. --write puts the table into
docs/scale.md. Nothing is asserted: the machine decides how good it looks.
"""

import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from botocore.config import Config

from infra.capacity.arrivals import steady
from infra.capacity.page import PAGE
from infra.capacity.simulation import COLD, Setup, Work, simulate
from infra.capacity.times import Array, Times
from infra.cli import wiring
from infra.local.server import TICK_S, EmbeddedAws
from model_store.gateway_event import rest_event

LAMBENT = str(Path(sys.executable).with_name("lambent"))
KEPT_S, RATE, SIMULATIONS, SEED = 2.0, 0.7, 200, 5
ROUNDS, SECONDS = 5, 100.0
FIGURES = ("p50 (ms)", 1), ("p99 (ms)", 0), ("cold share", 3)
"""Each with its digits after the point."""
COLDS, WARMS, WARM_PAUSE_S = 5, 5, 0.7
ROW = {
    "island": "Dream",
    "bill_length_mm": 46.5,
    "bill_depth_mm": 17.9,
    "flipper_length_mm": 192,
    "body_mass_g": 3500,
    "sex": "female",
}


@dataclass(frozen=True)
class Seen:
    """One invocation, as its caller saw it."""

    latency_ms: float
    cold: bool


def invoke(client: Any) -> Seen:
    body = json.dumps({"instances": [ROW]})
    event = json.dumps(rest_event("POST", "/v1/predictions", body)).encode()
    started = time.perf_counter()
    reply = client.invoke(
        FunctionName="lambent-penguins", Qualifier="live", Payload=event, LogType="Tail"
    )
    answer = json.loads(reply["Payload"].read())
    took = (time.perf_counter() - started) * 1000
    if answer.get("statusCode") != 200:
        raise SystemExit(f"the function answered {answer}")
    return Seen(took, b"Init Duration" in b64decode(reply["LogResult"]))


def deploy(folder: str) -> None:
    for command in (
        ("package", "examples/penguins/model.py", "--version", "1", "--out", folder),
        ("publish", f"{folder}/penguins/1"),
        ("deploy", "penguins@1"),
    ):
        subprocess.run([LAMBENT, *command], check=True, cwd=PAGE.parents[1])  # noqa: S603


def sample(client: Any) -> list[Seen]:
    """Cold ones after a pause that no idle environment outlives; warm ones after pauses such as
    lie between arrivals, since a process that just ran is quicker."""
    seen = []
    for _ in range(COLDS):
        time.sleep(KEPT_S + 3 * TICK_S)
        seen.append(invoke(client))
        for _ in range(WARMS):
            time.sleep(WARM_PAUSE_S)
            seen.append(invoke(client))
    return seen


def distributions(seen: list[Seen]) -> Work:
    warm = [each.latency_ms for each in seen if not each.cold]
    median = statistics.median(warm)
    starts = [max(0.0, each.latency_ms - median) for each in seen if each.cold]
    return Work(Times.measured(warm), Times.measured(starts))


def replay(client: Any, arrivals: Array) -> list[Seen]:
    """Each at its time, whether or not the one before is answered."""
    began = time.perf_counter()

    def at(second: float) -> Seen:
        time.sleep(max(0.0, began + second - time.perf_counter()))
        return invoke(client)

    with ThreadPoolExecutor(max_workers=len(arrivals)) as callers:
        return list(callers.map(at, arrivals))


Figures = tuple[float, float, float]


@dataclass(frozen=True)
class Round:
    """p50, p99 and cold share, as the local runtime had them and as they are simulated."""

    requests: int
    seen: Figures
    told: Figures
    load: float

    def error(self, place: int) -> float:
        return self.told[place] / self.seen[place] - 1


def foretold(arrivals: Array, work: Work) -> Figures:
    """As medians over simulations that differ in what they draw. An idle environment goes at the
    first look after its time, half a tick late in the mean."""
    setup = Setup(concurrency=100, keep_alive_s=KEPT_S + TICK_S / 2, gateway=None)
    runs = [
        simulate(arrivals, work, setup, np.random.default_rng((SEED, n)))
        for n in range(SIMULATIONS)
    ]
    figures = [(run.latency(0.5), run.latency(0.99), run.share(COLD)) for run in runs]
    p50, p99, cold = np.median(figures, axis=0)
    return float(p50), float(p99), float(cold)


def figures(seen: list[Seen]) -> Figures:
    p50, p99 = np.quantile([each.latency_ms for each in seen], (0.5, 0.99))
    return float(p50), float(p99), statistics.mean(each.cold for each in seen)


def table(rounds: list[Round], seconds: float) -> str:
    loads, requests = [each.load for each in rounds], sum(each.requests for each in rounds)
    day = datetime.datetime.now(tz=datetime.UTC).date()
    head = (
        f"{len(rounds)} rounds of {seconds:g} s with other arrivals, {requests} requests at "
        f"{RATE:g} per second, environments kept for {KEPT_S:g} s idle; {day}, "
        f"Python {platform.python_version()}, {platform.machine()}, load {min(loads):.1f} to "
        f"{max(loads):.1f} on {os.cpu_count()} processors."
    )
    titles = "| Medians of the rounds | Local runtime | Simulated | Error | of single rounds |"
    return "\n".join([head, "", titles, "|---|---|---|---|---|", *rows(rounds)])


def rows(rounds: list[Round]) -> Iterator[str]:
    for place, (name, digits) in enumerate(FIGURES):
        seen = statistics.median(each.seen[place] for each in rounds)
        told = statistics.median(each.told[place] for each in rounds)
        errors = [each.error(place) for each in rounds]
        both = f"{seen:.{digits}f} | {told:.{digits}f} | {told / seen - 1:+.0%}"
        yield f"| {name} | {both} | {min(errors):+.0%} to {max(errors):+.0%} |"


def write(text: str) -> None:
    marked = re.compile(r"(<!-- measured -->\n).*?(<!-- /measured -->)", re.DOTALL)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        marked.sub(lambda place: f"{place[1]}{text}\n{place[2]}", page), encoding="utf-8"
    )


def measure(rounds: int, seconds: float) -> str:
    with EmbeddedAws(idle_limit_s=KEPT_S) as aws, tempfile.TemporaryDirectory() as folder:
        os.environ |= aws.environment()
        config = wiring.samconfig_path(wiring.aws())
        try:
            deploy(folder)
            limits = Config(max_pool_connections=256, retries={"max_attempts": 0}, read_timeout=60)
            client = boto3.client("lambda", config=limits)
            return table(list(compared(client, rounds, seconds)), seconds)
        finally:
            config.unlink(missing_ok=True)


def compared(client: Any, rounds: int, seconds: float) -> Iterator[Round]:
    before = sample(client)
    for number in range(rounds):
        arrivals = steady(RATE, seconds, np.random.default_rng((SEED, number)))
        seen, load = replay(client, arrivals), os.getloadavg()[0]
        after = sample(client)
        work = distributions(before + after)
        found = Round(len(seen), figures(seen), foretold(arrivals, work), load)
        print(found, flush=True)
        yield found
        before = after


if __name__ == "__main__":
    given = [float(each) for each in sys.argv[1:] if each != "--write"]
    rounds, seconds = [*given, *(ROUNDS, SECONDS)[len(given) :]]
    made = measure(int(rounds), seconds)
    print(made)
    if "--write" in sys.argv:
        write(made)
