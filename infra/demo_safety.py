"""How bad releases end, on the embedded AWS whose minutes pass in six seconds.

`make demo-safety` runs it: a version that gets its traffic step by step, one that is refused before
it gets any, and one that the guard takes back.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import typer

from infra.cli.wiring import LOCAL_PORT
from infra.demo import ARTIFACTS, Demo, Once, Port, require_version, show

TIME_SCALE = 10.0
BIRD = {
    "island": "Biscoe",
    "bill_length_mm": 48.5,
    "bill_depth_mm": 15.0,
    "flipper_length_mm": 220,
    "body_mass_g": 5000,
    "sex": "male",
}
TRAP = BIRD | {"body_mass_g": 5001.5}
"""Makes the models of tests/bad_models/late.py fail."""
PAUSE = 0.2
PATIENCE = 180.0
GRADUAL = ("--traffic", "Linear10PercentEvery1Minute", "--tolerance-percent", "10")
"""With the usual tolerance of five points a busy machine answers too few requests for a verdict."""


@contextmanager
def callers(demo: Demo, *rows: dict[str, Any], count: int = 3) -> Iterator[None]:
    """So many ask for these rows in turn, as long as the block runs."""
    done = Event()

    def ask() -> None:
        turn = 0
        while not done.wait(PAUSE):
            demo.answer(rows[turn % len(rows)])
            turn += 1

    threads = [Thread(target=ask, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def publish(demo: Demo, source: str, version: str) -> None:
    demo.lambent("package", source, "--version", version, "--out", ARTIFACTS, "--replace")
    demo.lambent("publish", f"{ARTIFACTS}/penguins/{version}")


def journey(demo: Demo) -> None:
    with demo.step("Version 1 goes live; nothing was there before, so nothing is compared"):
        publish(demo, "examples/penguins/model.py", "1")
        demo.lambent("deploy", "penguins@1")
    demo.find_the_api()
    promoted(demo)
    refused(demo)
    taken_back(demo)
    with demo.step("Look: who did what, and why; the record is sealed"):
        demo.lambent("history", "penguins")


def promoted(demo: Demo) -> None:
    with demo.step("Version 2 is better; package and publish it"):
        publish(demo, "examples/penguins/model.py", "2")
    with (
        demo.step(
            "Deploy it while callers ask: it is tried first, then gets 10 % more of the traffic "
            "every minute (six seconds here), while alarms and a judge compare it with version 1; "
            "ten points more of any trouble would be too much"
        ),
        callers(demo, BIRD),
    ):
        demo.lambent("deploy", "penguins@2", *GRADUAL)
    require_version(demo.ask(BIRD), "2")


def refused(demo: Demo) -> None:
    with demo.step("Version 3 learned from mixed-up labels: packaging cannot know, its tests pass"):
        publish(demo, "tests/bad_models/permuted.py", "3-permuted")
    with demo.step("Deploy it: it is asked made-up rows beside version 2, and is refused"):
        demo.fails("deploy", "penguins@3-permuted", *GRADUAL)
    with demo.step("Ask: no caller has met version 3"):
        require_version(demo.ask(BIRD), "2")


def taken_back(demo: Demo) -> None:
    with demo.step("Version 4 fails on one weight that nobody ever tried"):
        publish(demo, "tests/bad_models/late.py", "4-crashing")
    with demo.step("Deploy it all at once, and let it hold back more often: no fault is found"):
        allowed = ("--traffic", "AllAtOnce", "--tolerance-percent", "50")
        demo.lambent("deploy", "penguins@4-crashing", *allowed)
        require_version(demo.ask(BIRD), "4-crashing")
    with (
        demo.step(
            "Callers send that weight: fallbacks answer, an alarm lights up, and the guard takes "
            "version 4 back, with nobody at the keyboard"
        ),
        callers(demo, BIRD, TRAP),
    ):
        wait_for(demo, "2")
    with demo.step("Ask once more: the very next answer is version 2's"):
        require_version(demo.ask(BIRD), "2")


def answered_by(demo: Demo) -> str | None:
    """The version; None while a busy machine is late and API Gateway answers for it."""
    answer = demo.answer(BIRD)
    return answer.json()["model"]["version"] if answer.status == 200 else None


def wait_for(demo: Demo, version: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while answered_by(demo) != version:
        if time.monotonic() > deadline:
            raise SystemExit(f"demo: the guard did not bring version {version} back")
        time.sleep(0.2)


def main(once: Once = False, port: Port = LOCAL_PORT) -> None:
    """Release a better model, a wrong one and one that fails later; see which stay."""
    show(journey, port, "docs/runbook.md.", once=once, time_scale=TIME_SCALE)


if __name__ == "__main__":
    typer.run(main)
