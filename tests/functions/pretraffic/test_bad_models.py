"""What callers would meet without the hook: bad models are refused, and a better one is not."""

from collections.abc import Callable

import pytest

from model_store.artifact.folder import Artifact
from tests.bad_models.trigger import is_sprung_by
from tests.functions.pretraffic.conftest import ALARM
from tests.functions.pretraffic.stage import Stage

Packaged = Callable[[str, str], Artifact]
EXAMPLE = "examples/penguins/model.py"


@pytest.fixture
def penguins(empty_stage: Stage, packaged: Packaged) -> Stage:
    """Version 1 of the example is live."""
    live = packaged(EXAMPLE, "1")
    empty_stage.deploy("6", live.manifest, live.models)
    empty_stage.live = "6"
    empty_stage.watch(ALARM)
    return empty_stage


def test_a_better_model_passes(penguins: Stage, packaged: Packaged) -> None:
    """It answers more rows, and some otherwise: both are allowed."""
    candidate = packaged(EXAMPLE, "2")
    penguins.deploy("7", candidate.manifest, candidate.models)
    report = penguins.release()
    assert report["why"] == ""
    assert penguins.verdict == "Succeeded"
    assert {check["verdict"] for check in report["checks"]} == {"passed"}
    assert penguins.events == ()


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("permuted", "answers differ from those of the live version: more than 30%, beyond chance"),
        ("drifting", "answers differ from those of the live version: more than 30%, beyond chance"),
        ("abstaining", "abstentions in 390 rows"),
        ("crashing", "the model failed on"),
    ],
)
def test_a_bad_model_is_refused_although_its_golden_examples_pass(
    penguins: Stage, packaged: Packaged, kind: str, why: str
) -> None:
    candidate = packaged(f"tests/bad_models/{kind}.py", "3")
    penguins.deploy("7", candidate.manifest, candidate.models)
    report = penguins.release()
    assert why in report["why"]
    assert penguins.verdict == "Failed"
    assert (
        next(c for c in report["checks"] if c["name"] == "golden examples")["verdict"] == "passed"
    )


def test_a_model_that_is_slow_on_some_inputs_is_refused(
    penguins: Stage, packaged: Packaged
) -> None:
    """No clock is asked: this Lambda reports what such rows would take."""
    candidate = packaged("tests/bad_models/drifting.py", "3")
    deployed = penguins.deploy("7", candidate.manifest, candidate.models)
    deployed.milliseconds = lambda rows: 900.0 if any(map(is_sprung_by, rows)) else 5.0
    report = penguins.release()
    assert "warm requests took longer than 200 ms" in report["why"]
    assert penguins.asked_of("7") < 60
    assert penguins.asked_of("6") == 0
