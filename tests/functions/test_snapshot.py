"""SnapStart: what is in the snapshot, and what every sandbox that starts from it does anew."""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from functions.inference.settings import Limits
from model_store.artifact.facts import GoldenExample
from model_store.predictions import ModelPrediction
from tests.functions.conftest import PENGUIN, Deployment, lines, logged, only
from tests.functions.models import LAST, TOP, classifier, failing, other

GOLDEN = GoldenExample(row=PENGUIN, answer=ModelPrediction(value="Gentoo", confidence=0.7))
SNAPSHOT = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}


class Runtime:
    """What Lambda's runtime offers as `snapshot_restore_py`."""

    def __init__(self) -> None:
        self.before: list[Callable[[], None]] = []
        self.after: list[Callable[[], None]] = []

    def module(self) -> Any:
        def kept(hooks: list[Callable[[], None]]) -> Callable[..., None]:
            return lambda hook, *args: hooks.append(lambda: hook(*args))

        return SimpleNamespace(
            register_before_snapshot=kept(self.before), register_after_restore=kept(self.after)
        )

    def take_snapshot(self) -> None:
        for hook in self.before:
            hook()

    def restore(self) -> None:
        for hook in self.after:
            hook()


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    runtime = Runtime()
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", runtime.module())
    return runtime


def test_the_snapshot_has_answered_the_golden_examples_and_told_nobody(
    deployment: Deployment, runtime: Runtime, capsys: pytest.CaptureFixture
) -> None:
    function = deployment.deploy(golden=(GOLDEN,))
    function = deployment.function(**SNAPSHOT)
    capsys.readouterr()
    runtime.take_snapshot()
    assert capsys.readouterr().out == ""
    runtime.restore()
    assert only(function.predict(PENGUIN))["decision"] == "model"
    assert [line["ColdStart"] for line in lines(capsys.readouterr().out)] == [[1.0]]


def test_a_model_that_fails_on_its_golden_examples_is_asked_again_after_the_snapshot(
    deployment: Deployment, runtime: Runtime
) -> None:
    """The breaker that opened before is closed in every copy."""
    deployment.deploy(failing(), golden=(GOLDEN,) * 3)
    function = deployment.function(**SNAPSHOT)
    for _ in range(6):
        runtime.take_snapshot()
    assert only(function.predict(PENGUIN))["reason"] == "breaker_open"
    runtime.restore()
    assert only(function.predict(PENGUIN))["reason"] == "model_error"


def test_a_load_that_failed_before_the_snapshot_is_tried_by_the_first_request(
    deployment: Deployment, runtime: Runtime
) -> None:
    kept = dict(deployment.s3.objects)
    deployment.s3.objects.clear()
    function = deployment.function(**SNAPSHOT)
    runtime.take_snapshot()
    deployment.s3.objects.update(kept)
    assert only(function.predict(PENGUIN))["reason"] == "model_unavailable"
    runtime.restore()
    assert only(function.predict(PENGUIN))["decision"] == "model"


def test_what_fallbacks_lacked_before_the_snapshot_is_tried_by_the_first_request(
    deployment: Deployment, runtime: Runtime, capsys: pytest.CaptureFixture
) -> None:
    """A list, another model, and a breaker that had opened."""
    others = {"previous": failing(), "baseline": classifier((0.2, 0.6, 0.2))}
    chain = (TOP, other("previous"), other(), LAST)
    deployment.limits = Limits(breaker_failures=1)
    deployment.deploy(failing(), others=others, fallbacks=chain, golden=(GOLDEN,))
    kept = dict(deployment.s3.objects)
    del deployment.s3.objects[deployment.published.key_of("baseline")]
    function = deployment.function(**SNAPSHOT)
    runtime.take_snapshot()
    deployment.s3.objects.update(kept)
    assert only(function.predict(PENGUIN))["source"] == "constant"
    assert len(logged(capsys.readouterr().out, "fallback_model_failed")) == 1
    runtime.restore()
    assert only(function.predict(PENGUIN))["source"] == "baseline"
    assert len(logged(capsys.readouterr().out, "fallback_model_failed")) == 1
    deployment.write_list("Gentoo")
    assert only(function.predict(PENGUIN))["source"] == "baseline"
    runtime.restore()
    assert only(function.predict(PENGUIN))["source"] == "popular"
