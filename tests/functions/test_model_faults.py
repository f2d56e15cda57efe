"""The model itself misbehaves: NaN, nonsense, errors, endless loops."""

from typing import Any

import pytest

from functions.inference.settings import Limits
from model_store.outputs import Outputs
from model_store.predictor import Predictor
from tests.functions.conftest import (
    Clock,
    Deployment,
    Function,
    logged,
    metrics,
    publish,
)
from tests.functions.models import classifier, contract, endless, failing
from tests.functions.s3_stand_in import refuse

NAN = float("nan")


def deploy(deployment: Deployment, model: bytes, **changes: object) -> Function:
    deployment.published = publish(model, **changes)
    deployment.published.put(deployment.s3)
    return deployment.function()


def decision(function: Function, penguin: dict) -> tuple[str, str | None]:
    answer = function.predict(penguin)
    assert answer.status == 200
    (prediction,) = answer.body["predictions"]
    return prediction["decision"], prediction.get("reason")


@pytest.mark.parametrize(
    ("row", "probabilities"),
    [
        (24, (0.1, NAN, 0.7)),
        (24, (0.1, float("inf"), 0.7)),
        (25, (0.1, 0.2, 0.1)),
        (25, (0.9, 0.2, 0.7)),
        (25, (-0.5, 0.5, 1.0)),
        (25, (0.3, 0.7)),
    ],
)
def test_fault_rows_24_and_25_an_output_that_makes_no_sense_is_not_passed_on(
    deployment: Deployment,
    penguin: dict,
    row: int,
    probabilities: tuple[float, ...],
    capsys: pytest.CaptureFixture,
) -> None:
    function = deploy(deployment, classifier(probabilities))
    assert decision(function, penguin) == ("fallback", "invalid_output")
    output = capsys.readouterr().out
    assert metrics(output)["Fallbacks"] == 1
    assert logged(output, "request")[0]["failure"] == "ModelOutputInvalid"


def test_fault_row_26_a_model_that_raises_is_left_alone_for_a_while_and_then_asked_again(
    deployment: Deployment, penguin: dict, clock: Clock
) -> None:
    """`sex` missing reaches the graph as "", which is no number; "male" fails all the same."""
    deployment.limits = Limits(breaker_failures=3, breaker_cooldown=30)
    function = deploy(deployment, failing())
    for _ in range(3):
        assert decision(function, penguin) == ("fallback", "model_error")
    assert decision(function, penguin) == ("fallback", "breaker_open")
    clock.now += 30
    assert decision(function, penguin) == ("fallback", "model_error"), "half-open asks once"
    assert decision(function, penguin) == ("fallback", "breaker_open")


def test_fault_row_26_a_model_that_answers_again_is_asked_as_before(
    deployment: Deployment, penguin: dict, clock: Clock
) -> None:
    """`failing` answers where `sex` is a number: 7 mends it, until the next "female"."""
    deployment.limits = Limits(breaker_failures=2, breaker_cooldown=30)
    function = deploy(deployment, failing(), contract=contract(sex="flag"))
    mended = penguin | {"sex": "7"}
    assert decision(function, penguin) == ("fallback", "model_error")
    assert decision(function, penguin) == ("fallback", "model_error")
    assert decision(function, mended) == ("fallback", "breaker_open")
    clock.now += 30
    assert decision(function, mended) == ("model", None), "half-open: asked, and it answers"
    assert decision(function, mended) == ("model", None), "closed: asked without waiting"
    assert decision(function, penguin) == ("fallback", "model_error")
    assert decision(function, mended) == ("model", None), "one failure does not open it again"


def test_fault_rows_23_and_26_rows_that_the_model_fails_on_spoil_no_other_row(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    """However many such batches a caller sends, the breaker stays closed for everybody."""
    deployment.limits = Limits(breaker_failures=2)
    function = deploy(deployment, failing(), contract=contract(sex="flag"))
    good = penguin | {"sex": "7"}
    for _ in range(4):
        found = function.predict(good, penguin, good).body["predictions"]
        assert [p["decision"] for p in found] == ["model", "fallback", "model"]
        assert found[1]["reason"] == "model_error"
    assert decision(function, good) == ("model", None)
    assert logged(capsys.readouterr().out, "request")[0]["failure"] == "ModelFailed"


def test_fault_row_26_a_batch_of_which_no_row_is_answered_counts_once(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.limits = Limits(breaker_failures=2)
    function = deploy(deployment, failing())
    for reason in ("model_error", "model_error", "breaker_open"):
        found = function.predict(penguin, penguin, penguin).body["predictions"]
        assert [p["reason"] for p in found] == [reason] * 3


def test_fault_rows_23_and_26_a_batch_of_poisoned_rows_does_not_keep_the_model_busy(
    deployment: Deployment, penguin: dict, deadlines: list[float | None]
) -> None:
    deployment.limits = Limits(failures_alone=3)
    function = deploy(deployment, failing(), contract=contract(sex="flag"))
    good = penguin | {"sex": "7"}
    found = function.predict(good, *[penguin] * 100, good).body["predictions"]
    assert [p["decision"] for p in found] == ["model"] + ["fallback"] * 101
    assert len(deadlines) == 1 + 1 + 3, "the batch, the good row, and three that failed"


def test_fault_row_27_rows_that_are_asked_one_by_one_share_the_time_of_the_request(
    deployment: Deployment, penguin: dict, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 15 seconds the batch takes five, and so do the first two rows alone."""
    ask = Predictor.predict

    def slowly(self: Predictor, *asked: Any) -> Outputs:
        clock.now += 5
        return ask(self, *asked)

    function = deploy(deployment, failing(), contract=contract(sex="flag"))
    monkeypatch.setattr(Predictor, "predict", slowly)
    good = penguin | {"sex": "7"}
    found = function.predict(good, penguin, good, good).body["predictions"]
    assert [p.get("reason") for p in found] == [
        None,
        "model_error",
        "deadline_exceeded",
        "deadline_exceeded",
    ]


def test_fault_row_26_callers_without_time_left_do_not_open_the_breaker_for_others(
    deployment: Deployment, penguin: dict
) -> None:
    deployment.limits = Limits(breaker_failures=2, fair_run=0.2)
    function = deploy(deployment, endless())
    for remaining_ms in (100, 600, 100, 600):
        function.context.remaining_ms = remaining_ms
        assert decision(function, penguin) == ("fallback", "deadline_exceeded")
    function.context.remaining_ms = 900
    assert decision(function, penguin) == ("fallback", "deadline_exceeded")
    assert decision(function, penguin) == ("fallback", "deadline_exceeded")
    assert decision(function, penguin) == ("fallback", "breaker_open"), "these had a fair run"


def test_fault_row_27_a_model_that_hangs_is_stopped_before_lambda_runs_out_of_time(
    deployment: Deployment, penguin: dict
) -> None:
    function = deploy(deployment, endless())
    function.context.remaining_ms = 900
    assert decision(function, penguin) == ("fallback", "deadline_exceeded")


def test_fault_row_27_without_time_the_model_is_not_asked_at_all(
    deployment: Deployment, penguin: dict
) -> None:
    function = deploy(deployment, endless())
    function.context.remaining_ms = 100
    assert decision(function, penguin) == ("fallback", "deadline_exceeded")


@pytest.fixture
def deadlines(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """The seconds that each call of the model is given."""
    given: list[float | None] = []
    predict = Predictor.predict

    def noting(self: Predictor, tensors: Any, deadline_s: float | None) -> Outputs:
        given.append(deadline_s)
        return predict(self, tensors, deadline_s)

    monkeypatch.setattr(Predictor, "predict", noting)
    return given


def test_fault_row_27_the_model_is_given_what_lambda_has_left_but_for_the_reserve(
    deployment: Deployment, penguin: dict, deadlines: list[float | None]
) -> None:
    deployment.limits = Limits(reserve=0.75)
    function = deployment.function()
    for remaining_ms in (15_000, 2_000):
        function.context.remaining_ms = remaining_ms
        assert decision(function, penguin) == ("model", None)
    assert deadlines == [14.25, 1.25]


def test_fault_row_27_what_a_late_load_took_is_not_given_to_the_model_once_more(
    deployment: Deployment, penguin: dict, clock: Clock, deadlines: list[float | None]
) -> None:
    deployment.s3.misbehave(refuse(403, "AccessDenied"), always=True)
    function = deployment.function()
    deployment.s3.recover()
    clock.now += 1000

    def slow(request: Any) -> None:
        clock.now += 11
        request.answer(200, deployment.published.manifest.to_bytes())

    deployment.s3.misbehave(slow)
    assert decision(function, penguin) == ("model", None)
    assert deadlines == [3.5]


@pytest.mark.parametrize("model", [classifier((0.1, NAN, 0.7)), failing()], ids=["nan", "raises"])
def test_fault_row_31_a_failing_model_without_fallback_is_a_503(
    deployment: Deployment, penguin: dict, model: bytes
) -> None:
    answer = deploy(deployment, model, fallbacks=()).predict(penguin)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.body["type"] == "urn:lambent:problem:no-answer"
    assert "access-control-allow-origin" not in answer.headers, "no Origin was sent"


def test_a_model_that_the_runtime_refuses_leaves_the_fallback(
    deployment: Deployment, penguin: dict
) -> None:
    function = deploy(deployment, b"not an onnx file")
    assert decision(function, penguin) == ("fallback", "model_corrupt")
    assert function.get("/health/ready").status == 503
