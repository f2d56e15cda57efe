"""A simpler model, or the previous version's, answers where the model does not."""

from typing import Any

import pytest

from functions.inference.settings import Limits
from model_store.artifact.facts import OutputNames
from model_store.fallbacks.records import Constant, OtherModel
from tests.functions.conftest import Clock, Deployment, Function, Published, logged, publish
from tests.functions.models import (
    LAST,
    classifier,
    contract,
    endless,
    failing,
    other,
    regression,
)

SIMPLE = classifier((0.2, 0.6, 0.2))
OLDER = classifier((0.6, 0.2, 0.2))
NAN = classifier((float("nan"), 0.5, 0.5))
CHAIN = (other(), LAST)


def only(function: Function, penguin: dict) -> dict[str, Any]:
    answer = function.predict(penguin)
    assert answer.status == 200, answer.text
    (found,) = answer.body["predictions"]
    return found


def told(function: Function, penguin: dict) -> tuple[str, str, str]:
    found = only(function, penguin)
    assert found["decision"] == "fallback"
    return found["source"], found["value"], found["reason"]


def store(deployment: Deployment, **changes: Any) -> Published:
    given = {"others": {"baseline": SIMPLE}, "fallbacks": CHAIN}
    deployment.published = publish(**{**given, **changes})
    deployment.published.put(deployment.s3)
    return deployment.published


def reads(deployment: Deployment, role: str = "baseline") -> int:
    return deployment.s3.requests.count(deployment.published.key_of(role))


@pytest.mark.parametrize(("row", "data"), [(5, b"flipped"), (7, None)])
def test_fault_rows_5_and_7_the_baseline_answers_for_a_model_that_cannot_be_loaded(
    deployment: Deployment, penguin: dict, row: int, data: bytes | None
) -> None:
    """Its confidence is not passed on: nobody has calibrated it."""
    published = store(deployment)
    del deployment.s3.objects[published.blob_key]
    if data is not None:
        deployment.s3.objects[published.blob_key] = data
    assert only(deployment.function(), penguin) == {
        "decision": "fallback",
        "value": "Chinstrap",
        "source": "baseline",
        "reason": "model_corrupt" if row == 5 else "model_unavailable",
        "alternatives": [],
        "flags": [],
    }


@pytest.mark.parametrize(
    ("row", "model", "reason"),
    [(24, NAN, "invalid_output"), (25, classifier((0.1, 0.1)), "invalid_output"),
     (26, failing(), "model_error"), (27, endless(), "deadline_exceeded")],
)  # fmt: skip
def test_fault_rows_24_to_27_the_baseline_answers_for_a_model_that_misbehaves(
    deployment: Deployment, penguin: dict, row: int, model: bytes, reason: str
) -> None:
    """A model that hangs leaves the baseline its share of the time."""
    store(deployment, model=model)
    function = deployment.function()
    function.context.remaining_ms = 1500
    assert told(function, penguin) == ("baseline", "Chinstrap", reason), row


def test_fault_row_27_a_model_that_hangs_is_given_all_the_time_if_no_fallback_needs_any(
    deployment: Deployment, penguin: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_store.predictor import Predictor

    given: list[float | None] = []
    predict = Predictor.predict
    monkeypatch.setattr(
        Predictor,
        "predict",
        lambda self, tensors, seconds: given.append(seconds) or predict(self, tensors, seconds),
    )
    only(deployment.function(), penguin)
    store(deployment)
    only(deployment.function(), penguin)
    assert given == [14.5, pytest.approx(14.5 * 0.8)]


def test_a_chain_of_models_is_asked_in_order(deployment: Deployment, penguin: dict) -> None:
    store(
        deployment,
        model=failing(),
        others={"previous": OLDER, "baseline": SIMPLE},
        fallbacks=(other("previous"), other(), LAST),
    )
    assert told(deployment.function(), penguin) == ("previous", "Adelie", "model_error")
    deployment.s3.objects[deployment.published.key_of("previous")] = b"corrupt"
    deployment.cache = deployment.cache.with_name("empty")
    assert told(deployment.function(), penguin) == ("baseline", "Chinstrap", "model_error")


@pytest.mark.parametrize("data", [b"corrupt", None])
def test_fault_rows_5_and_31_a_baseline_that_cannot_be_loaded_leaves_the_next_fallback(
    deployment: Deployment,
    penguin: dict,
    clock: Clock,
    data: bytes | None,
    capsys: pytest.CaptureFixture,
) -> None:
    published = store(deployment, model=failing())
    key = published.key_of("baseline")
    del deployment.s3.objects[key]
    if data is not None:
        deployment.s3.objects[key] = data
    function = deployment.function()
    assert told(function, penguin)[0] == "constant"
    assert told(function, penguin)[0] == "constant"
    assert reads(deployment) == 1, "not for every request"
    (line,) = logged(capsys.readouterr().out, "fallback_model_not_loaded")
    assert key in line["where"]
    deployment.s3.objects[key] = SIMPLE
    clock.now += Limits().retry_load_after
    assert told(function, penguin)[0] == "baseline"


def test_a_baseline_that_the_runtime_refuses_leaves_the_next_fallback(
    deployment: Deployment, penguin: dict
) -> None:
    store(deployment, model=failing(), others={"baseline": b"not an onnx file"})
    assert told(deployment.function(), penguin)[0] == "constant"


@pytest.mark.parametrize("baseline", [NAN, failing(), endless()], ids=["nan", "raises", "hangs"])
def test_fault_rows_24_to_27_a_baseline_that_misbehaves_leaves_the_next_fallback(
    deployment: Deployment, penguin: dict, baseline: bytes, capsys: pytest.CaptureFixture
) -> None:
    store(deployment, model=failing(), others={"baseline": baseline})
    function = deployment.function()
    function.context.remaining_ms = 1000
    assert told(function, penguin) == ("constant", "Adelie", "model_error")
    assert logged(capsys.readouterr().out, "fallback_model_failed")


def test_fault_row_26_a_baseline_that_keeps_failing_is_left_alone_for_a_while(
    deployment: Deployment, penguin: dict, clock: Clock, capsys: pytest.CaptureFixture
) -> None:
    deployment.limits = Limits(breaker_failures=2)
    store(deployment, model=NAN, others={"baseline": failing()})
    function = deployment.function()
    for _ in range(5):
        assert told(function, penguin)[0] == "constant"
    assert len(logged(capsys.readouterr().out, "fallback_model_failed")) == 2
    clock.now += Limits().breaker_cooldown
    told(function, penguin)
    assert len(logged(capsys.readouterr().out, "fallback_model_failed")) == 1, "half-open"


def test_a_bug_in_a_fallback_leaves_the_next_one(
    deployment: Deployment,
    penguin: dict,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError(penguin)

    store(deployment, model=NAN)
    function = deployment.function()
    monkeypatch.setattr("functions.inference.sources.encode", bug)
    assert told(function, penguin)[0] == "constant"
    assert logged(capsys.readouterr().out, "unexpected_error")[0]["error"] == "ZeroDivisionError"


def test_the_baseline_is_loaded_when_it_is_first_needed_and_once(
    deployment: Deployment, penguin: dict
) -> None:
    store(deployment, contract=contract(bill="fallback"))
    function = deployment.function()
    assert only(function, penguin)["decision"] == "model"
    assert reads(deployment) == 0
    for _ in range(3):
        assert told(function, penguin | {"bill_length_mm": 99})[0] == "baseline"
    assert reads(deployment) == 1


def test_without_time_the_baseline_is_not_loaded(deployment: Deployment, penguin: dict) -> None:
    store(deployment)
    function = deployment.function()
    function.context.remaining_ms = 100
    assert told(function, penguin) == ("constant", "Adelie", "deadline_exceeded")
    assert reads(deployment) == 0


def test_a_row_that_the_baseline_cannot_answer_goes_to_the_next_fallback(
    deployment: Deployment, penguin: dict
) -> None:
    """A baseline that knows only what `sex` is as a number: one row spoils not the other."""
    store(deployment, contract=contract(bill="fallback", island="fallback"))
    found = deployment.function().predict(
        penguin, penguin | {"bill_length_mm": 99}, penguin | {"island": "Atlantis"}
    )
    sources = [p.get("source", "model") for p in found.body["predictions"]]
    assert sources == ["model", "baseline", "baseline"]


def test_a_simpler_regression_answers_with_the_shortest_number(deployment: Deployment) -> None:
    """190.3 as the float32 that the graph gives is 190.3000030517578."""
    store(
        deployment,
        model=regression(),
        others={"baseline": regression()},
        contract=contract(bill="fallback"),
        task="regression",
        labels=(),
        golden=(),
        outputs=OutputNames(value="value"),
        fallbacks=(
            OtherModel(role="baseline", inputs=other().inputs, outputs=OutputNames(value="value")),
            Constant(value=200.0),
        ),
    )
    row = {"island": "Dream", "flipper_length_mm": 190.3}
    assert only(deployment.function(), row)["value"] == 190.3
    assert told(deployment.function(), row | {"bill_length_mm": 99})[:2] == ("baseline", 190.3)
