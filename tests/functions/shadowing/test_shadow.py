"""The thread behind the handler: when it asks, what it tells, and that callers know nothing."""

import gc
import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.inference.breaker import Breaker
from functions.inference.shadowing.asking import NotAnswered
from functions.inference.shadowing.extensions_api import ExtensionRefused, Invocation
from functions.inference.shadowing.measures import Measures
from functions.inference.shadowing.shadow import COOLDOWN, FAILURES, Comparing
from tests.functions.conftest import (
    Clock,
    Context,
    Deployment,
    Function,
    logged,
    metrics,
    rest_event,
)
from tests.functions.shadowing.stand_ins import LambdaStandIn

NOW = 1_800_000_000.0
ANSWER = {
    "statusCode": 200,
    "body": json.dumps({"predictions": [{"decision": "model", "value": "a", "confidence": 0.5}]}),
}
PREDICTION = rest_event("POST", "/v1/predictions", '{"instances": [{}]}')


@dataclass
class Other:
    """The other version; `does` is asked for its answer."""

    does: Callable[[], dict[str, Any]] = lambda: ANSWER
    asked: list[dict[str, Any]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def ask(self, event: dict[str, Any], seconds: float) -> dict[str, Any]:
        self.asked.append(event)
        self.seconds.append(seconds)
        return self.does()


def fail(error: Exception) -> Callable[[], dict[str, Any]]:
    def raise_it() -> dict[str, Any]:
        raise error

    return raise_it


@dataclass
class Sandbox:
    """Runs requests as Lambda's runtime does: handle, send, drop the answer, follow up."""

    other: Other
    clock: Clock
    comparing: Comparing
    handled: list[str] = field(default_factory=list)

    def request(
        self, event: dict[str, Any] = PREDICTION, answer: Any = ANSWER, left: float = 15.0
    ) -> dict[str, Any]:
        request_id = f"request-{len(self.handled)}"
        self.handled.append(request_id)
        handle = self.comparing.around(lambda *_: answer)
        sent = json.loads(json.dumps(handle(event, Context(aws_request_id=request_id))))
        self.comparing.follow(Invocation(request_id, NOW + left))
        return sent


@pytest.fixture
def sandbox(clock: Clock) -> Sandbox:
    other = Other()
    breaker = Breaker(FAILURES, COOLDOWN, clock)
    measures = Measures("lambent-test-shadow", "7")
    comparing = Comparing(1.0, other, measures, breaker, lambda: NOW, clock, lambda: 0.5)
    return Sandbox(other, clock, comparing)


def test_the_other_version_is_asked_after_the_runtime_has_let_go_of_the_answer(
    sandbox: Sandbox,
) -> None:
    """While somebody holds the answer it may not be sent yet; the collector plays no part."""
    gc.disable()
    try:
        events: list[str] = []
        sandbox.other.does = lambda: events.append("asked") or ANSWER
        handle = sandbox.comparing.around(lambda *_: ANSWER)
        follow = threading.Thread(
            target=sandbox.comparing.follow, args=(Invocation("r", NOW + 15),), daemon=True
        )
        follow.start()
        answer = handle(PREDICTION, Context(aws_request_id="r"))
        follow.join(0.3)
        assert (events, follow.is_alive()) == ([], True)
        events.append(f"sent {answer['statusCode']}")
        del answer
        follow.join(10)
        assert events == ["sent 200", "asked"]
    finally:
        gc.enable()


def test_the_answer_is_what_the_handler_gave(sandbox: Sandbox) -> None:
    assert sandbox.request() == ANSWER
    sandbox.other.does = fail(NotAnswered("late"))
    assert sandbox.request() == ANSWER


def test_what_differs_is_counted_by_the_version_that_was_asked(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"decision": "model", "value": "b", "confidence": 0.75}
    sandbox.other.does = lambda: {
        "statusCode": 200,
        "body": json.dumps({"predictions": [other]}),
    }
    sandbox.request()
    output = capsys.readouterr().out
    found = metrics(output)
    assert found["ShadowRequests"] == found["ShadowDisagreements"] == 1
    assert found["ShadowPredictions"] == 1
    assert found["ShadowConfidenceShift"] == 0.25
    assert found["ShadowErrors"] == 0
    line = json.loads(output)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service", "shadow"]]
    assert (line["service"], line["shadow"]) == ("lambent-test-shadow", "7")


@pytest.mark.parametrize("kind", ["throttled", "late", "unreachable", "refused", "failed"])
def test_fault_row_53_a_failure_of_the_other_version_is_a_count(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    sandbox.other.does = fail(NotAnswered(kind))
    sandbox.request()
    output = capsys.readouterr().out
    assert metrics(output) == {"ShadowRequests": 1, "ShadowErrors": 1}
    assert json.loads(output)["shadow_error"] == kind


def test_an_answer_that_cannot_be_compared_is_a_failure(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.other.does = lambda: {"statusCode": 503, "body": "{}"}
    sandbox.request()
    assert metrics(capsys.readouterr().out)["ShadowErrors"] == 1


def test_fault_row_34_after_a_few_failures_in_a_row_it_is_left_alone_for_a_while(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both versions share the concurrency: what is throttled must not be asked on and on."""
    sandbox.other.does = fail(NotAnswered("throttled"))
    for _ in range(FAILURES + 5):
        sandbox.request()
    assert len(sandbox.other.asked) == FAILURES
    assert metrics(capsys.readouterr().out)["ShadowSkipped"] == 5
    sandbox.clock.now += COOLDOWN
    sandbox.request()
    assert len(sandbox.other.asked) == FAILURES + 1


def test_it_takes_two_seconds_at_most_and_none_that_the_function_has_not(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.request()
    sandbox.request(left=1.5)
    assert sandbox.other.seconds == [2.0, 1.0]
    sandbox.request(left=0.4)
    assert len(sandbox.other.asked) == 2


def test_requests_that_are_not_its_business_end_at_once(sandbox: Sandbox) -> None:
    sandbox.request(rest_event("GET", "/health/live"))
    sandbox.request(answer={"statusCode": 422, "body": "{}"})
    sandbox.request(rest_event("POST", "/v1/predictions", "x" * 300_000))
    assert sandbox.other.asked == []


def test_the_share_is_drawn_whatever_the_caller_sends(sandbox: Sandbox) -> None:
    sandbox.comparing.share = 0.5  # as much as is drawn
    headers = {"X-Shadow": "on", "Lambent-Shadow": "7"}
    sandbox.request(rest_event("POST", "/v1/predictions", '{"shadow": true}', headers))
    assert sandbox.other.asked == []
    sandbox.comparing.share = 0.6
    sandbox.request()
    assert len(sandbox.other.asked) == 1


def test_a_handler_that_raises_raises_and_nothing_is_waited_for(sandbox: Sandbox) -> None:
    handle = sandbox.comparing.around(lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        handle(PREDICTION, Context(aws_request_id="r"))
    sandbox.comparing.follow(Invocation("r", NOW + 15))
    assert sandbox.other.asked == []


def test_a_follow_up_that_came_late_is_not_mistaken_for_the_next(sandbox: Sandbox) -> None:
    sandbox.comparing.around(lambda *_: ANSWER)(PREDICTION, Context(aws_request_id="old"))
    sandbox.request()
    assert len(sandbox.other.asked) == 1


@dataclass
class Extensions:
    """Tells of these invocations, or raises; then blocks for ever."""

    script: "queue.SimpleQueue[Invocation | Exception]"
    done: threading.Event = field(default_factory=threading.Event)

    def next(self) -> Invocation:
        if self.script.empty():
            self.done.set()
        found = self.script.get()
        if isinstance(found, Exception):
            raise found
        return found


def test_neither_a_bug_nor_a_refusal_ends_the_thread(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """If it ended, Lambda would hold each request until the time limit of the function."""
    sandbox.other.does = fail(RuntimeError("a bug"))
    slept: list[float] = []
    sandbox.comparing.sleep = slept.append
    handle = sandbox.comparing.around(lambda *_: ANSWER)
    script: queue.SimpleQueue[Invocation | Exception] = queue.SimpleQueue()
    for step in (ExtensionRefused("", "", ""), Invocation("r", NOW + 15)):
        script.put(step)
    handle(PREDICTION, Context(aws_request_id="r"))
    extensions = Extensions(script)
    threading.Thread(target=sandbox.comparing.run, args=(extensions,), daemon=True).start()
    assert extensions.done.wait(10)
    assert (slept, len(sandbox.other.asked)) == ([1.0], 1)
    line = capsys.readouterr().out
    assert json.loads(line)["shadow_error"] == "unexpected"
    assert "a bug" not in line


def shadowing(deployment: Deployment, lambda_: LambdaStandIn) -> Function:
    return deployment.function(
        LAMBENT_SHADOW="7",
        AWS_LAMBDA_RUNTIME_API=lambda_.address,
        AWS_ENDPOINT_URL_LAMBDA=f"http://{lambda_.address}",
        AWS_LAMBDA_FUNCTION_NAME="lambent-penguins",
    )


def test_a_deployed_function_copies_its_requests_and_no_value_is_logged(
    deployment: Deployment,
    lambda_: LambdaStandIn,
    penguin: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Threat personal data: canary strings in body, key and answer of the shadow."""
    canary, length = "CANARY-9b1d", 46.987654321
    shadows = {"predictions": [{"decision": "model", "value": canary, "confidence": 0.5}]}
    answer = json.dumps({"statusCode": 200, "body": json.dumps(shadows)}).encode()
    lambda_.answer = lambda: (200, {}, answer)
    function = shadowing(deployment, lambda_)
    assert lambda_.idle.get(timeout=10) == "id"
    assert lambda_.registered == [{"events": ["INVOKE"]}]
    lambda_.begin(function.context.aws_request_id)
    sent = {"instances": [penguin | {"bill_length_mm": length}]}
    headers = {"x-api-key": canary, "X-Shadow": canary}
    assert function.post("/v1/predictions", sent, **headers).status == 200
    assert lambda_.idle.get(timeout=10) == "id"
    ((_, signed, event),) = lambda_.invoked
    assert str(length) in event["body"]
    assert canary not in json.dumps([signed, event])
    output = capsys.readouterr().out
    assert metrics(output)["ShadowDisagreements"] == 1
    assert canary not in output
    assert str(length) not in output


def test_callers_see_no_difference(
    deployment: Deployment, lambda_: LambdaStandIn, penguin: dict[str, Any]
) -> None:
    plain, copied = deployment.function(), shadowing(deployment, lambda_)
    one, other = plain.predict(penguin), copied.predict(penguin)
    assert (one.status, one.text, one.headers) == (other.status, other.text, other.headers)


def test_a_function_whose_extension_is_refused_answers_alone(
    deployment: Deployment,
    lambda_: LambdaStandIn,
    penguin: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    lambda_.refuses = True
    assert shadowing(deployment, lambda_).predict(penguin).status == 200
    output = capsys.readouterr().out
    assert logged(output, "shadow_unusable")
    assert lambda_.invoked == []
