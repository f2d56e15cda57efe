"""A model that cannot start in its function is refused before anything is changed."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.errors import Refused
from infra.release.deploy.parameters import Choices
from infra.release.deploy.plan import plan_deploy
from infra.release.deploy.situation import Situation
from model_store.artifact.facts import FileEntry, Provenance
from model_store.artifact.manifest import Manifest
from tests.infra.release.conftest import manifest

Make = Callable[..., Situation]


def forest(megabytes: float) -> Manifest:
    made = Provenance(
        python="3.11",
        libraries={},
        opset={"ai.onnx.ml": 3},
        ir_version=9,
        estimator="sklearn.ensemble.RandomForestRegressor",
    )
    files = {"model.onnx": FileEntry(sha256="0" * 64, size=int(megabytes * 1e6))}
    return manifest("1", files=files, provenance=made)


def plan(situation: Make, megabytes: float, **choices: Any) -> tuple[str, ...]:
    """Its notes."""
    model, chosen = forest(megabytes), Choices(**choices)
    return plan_deploy(situation(manifest=model, digest=model.digest, choices=chosen)).notes


@pytest.mark.parametrize("local", [True, False])
def test_what_needs_more_memory_than_the_function_gets_is_refused(
    situation: Make, local: bool
) -> None:
    model, chosen = forest(50), Choices(memory=512)
    made = situation(manifest=model, digest=model.digest, choices=chosen, is_local=local)
    with pytest.raises(Refused, match=r"cannot start with 512 MB.*of 512 MB") as refusal:
        plan_deploy(made)
    assert "Use --memory" in refusal.value.next_step


def test_the_advised_memory_is_not_refused_nor_noted(situation: Make) -> None:
    with pytest.raises(Refused) as refusal:
        plan(situation, 50, memory=512)
    memory = int(refusal.value.next_step.split("--memory ")[1])
    assert not any("may not start" in note for note in plan(situation, 50, memory=memory))


def test_what_takes_longer_than_the_init_phase_is_refused_unless_it_has_snapstart(
    situation: Make,
) -> None:
    with pytest.raises(Refused, match="of 10 s") as refusal:
        plan(situation, 400, memory=10_240)
    assert "--snapstart" in refusal.value.next_step
    plan(situation, 400, memory=10_240, snapstart=True)


def test_what_may_be_too_large_is_deployed_with_a_note_and_a_size(situation: Make) -> None:
    (told,) = [note for note in plan(situation, 55, memory=1024) if "may not start" in note]
    assert "MB by estimate, of 1,024 MB" in told
    assert "Use --memory" in told


def test_a_model_that_fits_has_no_note(situation: Make) -> None:
    assert not any("may not start" in note for note in plan(situation, 3))
