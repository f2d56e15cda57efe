"""What CodeDeploy, the history and people hear, whatever happens to the hook."""

import json
from typing import Any

import pytest

from functions.pretraffic import rehearsal
from functions.pretraffic.errors import NotUnderstood
from model_store.artifact.facts import GoldenExample
from model_store.errors import AwsError
from model_store.predictions import ModelPrediction
from tests.functions.conftest import PENGUIN, Context, publish
from tests.functions.models import classifier, contract
from tests.functions.pretraffic.conftest import parts
from tests.functions.pretraffic.stage import Stage

GENTOO = ModelPrediction(value="Gentoo", confidence=0.7)
WRONG = classifier((0.7, 0.2, 0.1))
CANARY = "zz-canary-4711"


def told(stage: Stage) -> list[tuple[str, str]]:
    """Name and verdict of each check that was logged."""
    return [(check["name"], check["verdict"]) for check in stage.lines[-1]["report"]["checks"]]


def test_a_version_that_answers_alike_may_go_live(stage: Stage) -> None:
    stage.deploy("7", *parts(publish(version="2")))
    report = stage.release()
    assert (stage.verdict, report["fit"], report["why"]) == ("Succeeded", True, "")
    assert stage.events == ()
    (line,) = stage.lines
    assert line["message"] == "rehearsed"
    assert told(stage) == [
        (name, "passed")
        for name in (
            "alarms",
            "artifact",
            "readiness",
            "golden examples",
            "contract",
            "latency",
            "failures",
            "speed",
            "churn",
            "abstentions",
            "fallbacks",
        )
    ]


def test_the_candidate_is_asked_as_the_gateway_asks_and_as_no_caller_can(stage: Stage) -> None:
    """The stage tells these requests from those of callers; only API Gateway can write it."""
    stage.deploy("7", *parts(publish(version="2")))
    stage.release()
    stages = {event["requestContext"]["stage"] for _, event in stage.asked}
    paths = {event["path"] for number, event in stage.asked if number == "7"}
    assert stages == {"rehearsal"}
    assert paths == {"/health/ready", "/v1/predictions"}


def test_nothing_live_leaves_nothing_to_compare_with(stage: Stage) -> None:
    stage.live = None
    stage.deploy("7", *parts(publish(version="2")))
    stage.release()
    assert stage.verdict == "Succeeded"
    assert ("comparison", "skipped") in told(stage)
    assert ("latency", "passed") in told(stage)
    assert ("failures", "passed") in told(stage)


def test_a_wrong_golden_answer_is_refused_with_its_number(stage: Stage) -> None:
    """The graph in the bucket is the one that is pinned; its answers are not the promised ones."""
    stage.deploy("7", *parts(publish(WRONG, version="2")))
    report = stage.release()
    why = "golden example 1: answered 'Adelie' (confidence 0.7), "
    assert report["why"] == why + "expected 'Gentoo' (confidence 0.7)"
    assert stage.verdict == "Failed"
    assert stage.asked_of("6") == 0


def test_a_refusal_is_in_the_history_with_its_reason(stage: Stage) -> None:
    refused = publish(WRONG, version="2")
    stage.deploy("7", *parts(refused))
    report = stage.release()
    observed, event = stage.events
    assert (observed.action, observed.target) == ("observed", "6")
    assert (event.action, event.source, event.target) == ("refused", "7", "6")
    assert (event.model_version, event.left) == ("1", refused.digest)
    assert (event.who, event.why) == ("lambent pre-traffic hook", report["why"])


def test_a_refusal_is_written_down_once_however_often_lambda_calls(stage: Stage) -> None:
    stage.deploy("7", *parts(publish(WRONG, version="2")))
    stage.release()
    stage.release()
    assert [event.action for event in stage.events] == ["observed", "refused"]


def test_people_are_told_with_the_next_step(stage: Stage) -> None:
    sent: list[dict[str, Any]] = []
    stage.deploy("7", *parts(publish(WRONG, version="2")))
    sns = stage.client("sns")
    sns.meta.events.register(
        "provide-client-params.sns.Publish", lambda params, **_: sent.append(params)
    )
    stage.release()
    (message,) = sent
    assert message["TopicArn"] == stage.topic
    assert message["Subject"] == "Lambent: penguins@2 refused before traffic"
    assert "golden example 1: answered 'Adelie'" in message["Message"]
    assert "penguins@1 stays live" in message["Message"]
    assert "lambent history penguins" in message["Message"]


def test_without_a_topic_nobody_is_told(stage: Stage) -> None:
    stage.deploy("7", *parts(publish(WRONG, version="2")))
    stage.refusing["Publish"] = ["AuthorizationError"]
    stage.release(LAMBENT_ALARM_TOPIC="")
    assert [line["message"] for line in stage.lines] == ["refused"]


@pytest.mark.parametrize(
    ("operation", "line"), [("Query", "not written down"), ("Publish", "not told")]
)
def test_the_verdict_stands_whoever_cannot_be_told(stage: Stage, operation: str, line: str) -> None:
    stage.deploy("7", *parts(publish(WRONG, version="2")))
    stage.refusing[operation] = ["AccessDeniedException"]
    stage.release()
    assert stage.verdict == "Failed"
    assert [told["message"] for told in stage.lines] == ["refused", line]


def test_lambda_calls_again_when_codedeploy_does_not_take_the_verdict(stage: Stage) -> None:
    stage.deploy("7", *parts(publish(WRONG, version="2")))
    stage.refusing["PutLifecycleEventHookExecutionStatus"] = ["ServiceException"] * 9
    with pytest.raises(AwsError):
        stage.release()


@pytest.mark.parametrize(
    ("operation", "codes", "why"),
    [
        ("GetObject", ["AccessDenied"], "AWS denies GetObject"),
        ("GetObject", ["ServiceException"] * 3, "GetObject fails"),
        ("GetAlias", ["AccessDeniedException"], "AWS denies GetAlias"),
        ("DescribeAlarms", ["AccessDenied"], "AWS denies DescribeAlarms"),
        ("Invoke", ["AccessDeniedException"], "AWS denies Invoke"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    stage: Stage, operation: str, codes: list[str], why: str
) -> None:
    """CodeDeploy would wait an hour for a hook that says nothing."""
    stage.deploy("7", *parts(publish(version="2")))
    stage.refusing[operation] = codes
    assert why in stage.release()["why"]
    assert stage.verdict == "Failed"


def test_a_throttled_request_is_sent_again(stage: Stage) -> None:
    """Reserved concurrency is shared with the callers of the live version."""
    stage.deploy("7", *parts(publish(version="2")))
    stage.refusing["Invoke"] = ["TooManyRequestsException"] * 3
    stage.release()
    assert stage.verdict == "Succeeded"
    assert stage.slept == [0.5, 1.0, 2.0]


class Fading(Context):
    """Every look at the clock takes two seconds."""

    def get_remaining_time_in_millis(self) -> int:
        self.remaining_ms -= 2000
        return self.remaining_ms


def test_a_hook_whose_time_is_nearly_up_refuses_instead_of_hanging(stage: Stage) -> None:
    stage.deploy("7", *parts(publish(version="2")))
    stage.context = Fading(remaining_ms=120_000)
    assert "its time ran out before all was tried" in stage.release()["why"]
    assert stage.verdict == "Failed"
    assert stage.context.remaining_ms > 20_000


def test_a_live_version_that_takes_all_the_time_refuses_no_candidate(stage: Stage) -> None:
    class UntilLive(Context):
        def get_remaining_time_in_millis(self) -> int:
            return 600_000 if not stage.asked_of("6") else 30_000

    stage.deploy("7", *parts(publish(version="2")))
    stage.context = UntilLive()
    stage.release()
    assert stage.verdict == "Succeeded"
    assert told(stage)[-1] == ("comparison", "skipped")


def test_a_bug_in_the_hook_refuses_and_repeats_no_value(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(CANARY)

    stage.deploy("7", *parts(publish(version="2")))
    monkeypatch.setattr(rehearsal, "replay", broken)
    assert stage.release()["why"].startswith("the hook itself failed: ValueError in broken, line")
    assert stage.verdict == "Failed"
    assert CANARY not in json.dumps(stage.lines)


def test_a_model_that_does_not_load_is_refused(stage: Stage) -> None:
    """Twice more, when the function tries again itself."""
    published = publish(b"no graph", version="2")
    stage.deploy("7", *parts(published))
    why = stage.release()["why"]
    assert why.startswith("/health/ready answered 503 ")
    assert stage.slept == [10.5, 10.5]


def test_a_function_that_crashes_is_told_by_the_type_alone(stage: Stage) -> None:
    def crash(event: dict[str, Any], context: Any) -> dict[str, Any]:
        raise KeyError(CANARY)

    stage.deploy("7", *parts(publish(version="2"))).handler = crash
    assert stage.release()["why"] == "/health/ready failed (KeyError)"
    assert CANARY not in json.dumps(stage.lines)


def test_another_manifest_than_the_pinned_one_is_refused(stage: Stage) -> None:
    """Threat ML06: what was swapped in the bucket never gets to the model."""
    stage.deploy("7", *parts(publish(version="2")))
    stage.publish(*parts(publish(version="2", title="Swapped")))
    assert "is not the manifest that was pinned" in stage.release()["why"]
    assert stage.asked == []


def test_no_feature_value_is_ever_logged(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Threat "personal data": rows are told by their number, in the report and in the message."""
    free = contract(island="flag")
    row = {**PENGUIN, "island": CANARY, "flipper_length_mm": 211.0}
    golden = (GoldenExample(row=row, answer=GENTOO),)
    stage.deploy("7", *parts(publish(WRONG, version="2", contract=free, golden=golden)))
    report = stage.release()
    assert report["why"].startswith("golden example 1: answered 'Adelie'")
    assert any(CANARY in (event["body"] or "") for _, event in stage.asked)
    output = capsys.readouterr().out
    assert CANARY not in output + json.dumps([stage.lines, report]) + str(stage.events)


def test_a_rehearsal_by_hand_tells_nobody(stage: Stage) -> None:
    stage.deploy("7", *parts(publish(WRONG, version="2")))
    report = stage.hook()({"rehearse": True}, stage.context)
    assert report["fit"] is False
    assert (stage.told, stage.events) == ([], ())


@pytest.mark.parametrize("event", [{}, {"rehearse": "yes"}, {"DeploymentId": "d-1"}])
def test_an_event_of_somebody_else_is_refused(stage: Stage, event: dict[str, Any]) -> None:
    stage.deploy("7", *parts(publish(version="2")))
    with pytest.raises(NotUnderstood):
        stage.hook()(event, stage.context)
    assert stage.asked == []
