"""How far the model of Lambda (infra/capacity) is from the local runtime under the same arrivals.

    python -m benchmarks.capacity [SECONDS] [--write]

Deploys an example to an embedded AWS that keeps idle environments for two seconds, sends Poisson
arrivals for SECONDS, and simulates the same arrivals with the cold and warm invocations that it
measured one by one before and after. --write puts the table into docs/scale.md. Nothing is
asserted: the machine decides how good it looks.
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


def foretold(arrivals: Array, work: Work) -> tuple[float, float, float]:
    """p50, p99 and cold share, as medians over simulations that differ in what they draw. An idle
    environment goes at the first look after its time, half a tick late in the mean."""
    setup = Setup(concurrency=100, keep_alive_s=KEPT_S + TICK_S / 2, gateway=None)
    runs = [
        simulate(arrivals, work, setup, np.random.default_rng((SEED, n)))
        for n in range(SIMULATIONS)
    ]
    figures = [(run.latency(0.5), run.latency(0.99), run.share(COLD)) for run in runs]
    p50, p99, cold = np.median(figures, axis=0)
    return float(p50), float(p99), float(cold)


def table(seen: list[Seen], arrivals: Array, work: Work) -> str:
    latency = [each.latency_ms for each in seen]
    cold = statistics.mean(each.cold for each in seen)
    found = (float(np.quantile(latency, 0.5)), float(np.quantile(latency, 0.99)), cold)
    told = foretold(arrivals, work)
    rows = [
        f"| {name} | {a:.{digits}f} | {b:.{digits}f} | {(b / a - 1) * 100:+.0f} % |"
        for name, a, b, digits in zip(
            ("p50 (ms)", "p99 (ms)", "cold share"), found, told, (1, 0, 3), strict=True
        )
    ]
    day = datetime.datetime.now(tz=datetime.UTC).date()
    load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors"
    head = (
        f"{len(seen)} requests at {RATE:g} per second, environments kept for {KEPT_S:g} s idle; "
        f"{day}, Python {platform.python_version()}, {platform.machine()}, {load}."
    )
    return "\n".join(
        [head, "", "| | Local runtime | Simulated | Error |", "|---|---|---|---|", *rows]
    )


def write(text: str) -> None:
    marked = re.compile(r"(<!-- measured -->\n).*?(<!-- /measured -->)", re.DOTALL)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        marked.sub(lambda place: f"{place[1]}{text}\n{place[2]}", page), encoding="utf-8"
    )


def measure(seconds: float) -> str:
    with EmbeddedAws(idle_limit_s=KEPT_S) as aws, tempfile.TemporaryDirectory() as folder:
        os.environ |= aws.environment()
        config = wiring.samconfig_path(wiring.aws())
        try:
            deploy(folder)
            limits = Config(max_pool_connections=256, retries={"max_attempts": 0}, read_timeout=60)
            client = boto3.client("lambda", config=limits)
            arrivals = steady(RATE, seconds, np.random.default_rng(SEED))
            before = sample(client)
            seen = replay(client, arrivals)
            return table(seen, arrivals, distributions(before + sample(client)))
        finally:
            config.unlink(missing_ok=True)


if __name__ == "__main__":
    given = [each for each in sys.argv[1:] if each != "--write"]
    made = measure(float(given[0]) if given else 120.0)
    print(made)
    if "--write" in sys.argv:
        write(made)
