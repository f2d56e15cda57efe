"""A look at a release under way: what is asked of AWS, what is stopped, what is left alone."""

from typing import Any

import pytest

from model_store.errors import AwsError
from tests.functions.canary.cloud import CANARY, CRASHED, TOOK_LONG, Cloud, told

WELL = told(600, 250, 200, 150)
LIVE = told(5400, 2200, 1850, 1350, FAILED=5)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def test_without_a_deployment_one_question_is_all(cloud: Cloud) -> None:
    cloud.no_deployment()
    assert cloud.judge().look() is None
    cloud.done()


def test_a_deployment_of_another_model_is_left_alone(cloud: Cloud) -> None:
    cloud.shifts(3, function="lambent-other")
    assert cloud.judge().look() is None
    cloud.done()


def test_before_any_traffic_nothing_is_measured(cloud: Cloud) -> None:
    cloud.shifts(None)
    assert cloud.judge().look() is None
    cloud.done()


def test_traffic_that_moves_at_once_leaves_nothing_to_judge(cloud: Cloud) -> None:
    cloud.shifts(1, {"type": "AllAtOnce"})
    assert cloud.judge().look() is None
    cloud.done()


def test_a_candidate_that_does_well_goes_on(cloud: Cloud) -> None:
    cloud.shifts(3)
    cloud.measures(WELL, LIVE)
    assert cloud.judge().look() is None
    cloud.done()
    (line,) = cloud.lines
    assert line["message"] == "judged"
    assert {finding["verdict"] for finding in line["findings"]} == {"fine"}


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        (told(60, FAILED=20), "errors: 20 of 60 requests failed; of the live version 5 of 5400"),
        (told(60, **{CRASHED: 20}), "errors: 20 of 80 requests failed"),
        (told(60, FELL_BACK=20), "fallbacks: 20 of 60"),
        (told(60, DECLINED=20), "abstentions: 20 of 60"),
        (told(60, UNSURE=20), "confidence: 20 of 60"),
        (told(60, REFUSED=20), "refusals: 20 of 60"),
        (told(60, **{TOOK_LONG: 20}), "latency: 20 of 60"),
    ],
)
def test_whatever_is_worse_stops_the_release_at_once(
    cloud: Cloud, candidate: dict[str, float], why: str
) -> None:
    cloud.shifts(2)
    cloud.measures(candidate, LIVE)
    cloud.is_refused()
    assert (cloud.judge().look() or "").startswith(why)
    cloud.done()
    (line,) = cloud.lines
    assert line["message"] == "refused"
    assert (line["report"]["candidate"], line["report"]["live"]) == ("8", "7")


def test_answers_are_compared_at_the_end(cloud: Cloud) -> None:
    """One that answers everybody alike, surely and fast."""
    drifted = told(600, 0, 0, 600)
    cloud.shifts(5)
    cloud.measures(drifted, LIVE)
    assert cloud.judge().look() is None
    cloud.shifts(8.5)
    cloud.measures(drifted, LIVE)
    cloud.alarms_are_well()
    cloud.is_refused()
    assert "75% of the answers are others than live" in (cloud.judge().look() or "")
    cloud.done()


def test_a_candidate_that_did_well_to_the_end_is_let_go(cloud: Cloud) -> None:
    cloud.shifts(8.5)
    cloud.measures(WELL, LIVE)
    cloud.alarms_are_well()
    assert cloud.judge().look() is None
    cloud.done()


def test_fault_row_45_too_few_requests_are_no_promotion(cloud: Cloud) -> None:
    few = told(31, 20)
    cloud.shifts(5)
    cloud.measures(few, LIVE)
    assert cloud.judge().look() is None, "there is time left"
    cloud.shifts(8.5)
    cloud.measures(few, LIVE)
    cloud.alarms_are_well()
    cloud.is_refused()
    why = cloud.judge().look() or ""
    assert why.startswith("too few requests for a verdict: 31 of at least 58 (errors, ")
    cloud.done()


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ({"lambent_iris_judge": "OK"}, "lambent-iris-canary-errors-8 is missing"),
        (
            {"lambent_iris_judge": "OK", "lambent_iris_canary_errors_8": "INSUFFICIENT_DATA"},
            "lambent-iris-canary-errors-8 is INSUFFICIENT_DATA",
        ),
    ],
)
def test_fault_row_45_no_promotion_without_alarms(
    cloud: Cloud, states: dict[str, str], why: str
) -> None:
    cloud.shifts(8.5)
    cloud.measures(WELL, LIVE)
    cloud.alarms(**states)
    cloud.is_refused()
    assert cloud.judge().look() == f"no promotion without alarms: {why}"
    cloud.done()


def test_fault_row_23_a_burst_of_poisoned_input_neither_stops_nor_promotes(cloud: Cloud) -> None:
    """It is dealt out to both versions by chance."""
    cloud.shifts(3)
    cloud.measures(told(1000, REFUSED=700, FELL_BACK=100), told(9000, REFUSED=6300, FELL_BACK=900))
    assert cloud.judge().look() is None
    cloud.done()


def test_the_judge_of_the_release_before_waits_for_its_successor(cloud: Cloud) -> None:
    cloud.shifts(1, target="9")
    assert cloud.judge().look() is None
    cloud.done()


@pytest.mark.parametrize("minutes", [1, 9])
def test_codedeploys_own_way_back_is_left_alone(cloud: Cloud, minutes: int) -> None:
    """A rollback is a deployment too: from the candidate to what was live."""
    cloud.shifts(minutes, target="7", source="8")
    assert cloud.judge().look() is None
    cloud.done()


def test_a_judge_that_was_never_set_up_for_the_candidate_does_not_promote_it(cloud: Cloud) -> None:
    cloud.shifts(8.5, target="9")
    cloud.measures(WELL, LIVE)
    cloud.stubs["codedeploy"].add_response("stop_deployment", {"status": "Succeeded"})
    cloud.stubs["lambda"].add_client_error("get_function_configuration", "AccessDenied")
    cloud.is_told()
    assert cloud.judge().look() == "the judge is set up for version 8, not 9"
    cloud.done()


@pytest.mark.parametrize("service", ["lambda", "dynamodb"])
def test_what_cannot_be_written_down_is_stopped_all_the_same(cloud: Cloud, service: str) -> None:
    cloud.shifts(2)
    cloud.measures(told(60, FAILED=20), LIVE)
    cloud.is_stopped()
    if service == "dynamodb":
        cloud.tells_what_is_live()
        cloud.stubs["dynamodb"].add_client_error("query", "InternalServerError", "", 500)
    else:
        cloud.stubs["lambda"].add_client_error("get_function_configuration", "AccessDenied")
    cloud.is_told()
    assert cloud.judge().look()
    cloud.done()
    assert [line["message"] for line in cloud.lines] == ["not written down", "refused"]


def test_nobody_who_can_be_told_changes_nothing(cloud: Cloud) -> None:
    cloud.shifts(2)
    cloud.measures(told(60, FAILED=20), LIVE)
    cloud.is_stopped()
    cloud.tells_what_is_live()
    cloud.is_written_down()
    cloud.stubs["sns"].add_client_error("publish", "NotFound")
    assert cloud.judge().look()
    cloud.done()
    assert [line["message"] for line in cloud.lines] == ["refused", "not told"]


@pytest.mark.parametrize("operation", ["get_metric_data", "stop_deployment"])
def test_a_judge_that_cannot_work_fails_so_that_its_alarm_stops_the_release(
    cloud: Cloud, operation: str
) -> None:
    cloud.shifts(2)
    if operation == "get_metric_data":
        cloud.stubs["cloudwatch"].add_client_error(operation, "InternalServiceFault", "", 500)
    else:
        cloud.measures(told(60, FAILED=20), LIVE)
        cloud.stubs["codedeploy"].add_client_error(operation, "AccessDenied")
    with pytest.raises(AwsError):
        cloud.judge().look()
    assert cloud.lines == []


def test_a_release_that_has_ended_meanwhile_is_neither_refused_nor_a_failure(cloud: Cloud) -> None:
    """An alarm or a person was faster, or the last of the traffic has moved."""
    cloud.shifts(2)
    cloud.measures(told(60, FAILED=20), LIVE)
    ended = "DeploymentAlreadyCompletedException"
    cloud.stubs["codedeploy"].add_client_error("stop_deployment", ended)
    cloud.judge().look()
    cloud.done()
    assert [line["message"] for line in cloud.lines] == ["ended meanwhile"]


ASKED = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}
"""As CodeDeploy calls a hook: when all of the traffic has moved."""


def test_what_did_well_stays_when_codedeploy_asks_at_the_end(cloud: Cloud) -> None:
    cloud.shifts(10)
    cloud.measures(WELL, LIVE)
    cloud.alarms_are_well()
    cloud.is_answered("Succeeded")
    cloud.judge()(ASKED, None)
    cloud.done()


def test_fault_row_45_when_every_look_before_has_failed_the_last_one_decides(cloud: Cloud) -> None:
    """What is stopped by then needs no answer."""
    cloud.shifts(10)
    cloud.measures(told(31), LIVE)
    cloud.alarms_are_well()
    cloud.is_refused()
    cloud.judge()(ASKED, None)
    cloud.done()


def test_a_release_that_moved_at_once_is_not_judged_at_the_end(cloud: Cloud) -> None:
    cloud.shifts(0, {"type": "AllAtOnce"})
    cloud.is_answered("Succeeded")
    cloud.judge()(ASKED, None)
    cloud.done()


@pytest.mark.parametrize("trouble", ["no deployment", "no metrics"])
def test_fault_row_45_a_last_look_that_fails_promotes_nothing(cloud: Cloud, trouble: str) -> None:
    """It answers nothing: Lambda calls again, and CodeDeploy takes the traffic back in the end."""
    if trouble == "no deployment":
        cloud.no_deployment()
    else:
        cloud.shifts(10)
        cloud.stubs["cloudwatch"].add_client_error("get_metric_data", "InternalServiceFault")
    with pytest.raises(AwsError):
        cloud.judge()(ASKED, None)
    cloud.done()


LINEAR: dict[str, Any] = {
    "type": "TimeBasedLinear",
    "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 10},
}


@pytest.mark.parametrize(
    ("routing", "early", "late"),
    [
        (CANARY, 7.9, 8.1),
        (LINEAR, 87.9, 88.1),
    ],
)
def test_the_verdict_falls_while_two_looks_are_left(
    cloud: Cloud, routing: dict[str, Any], early: float, late: float
) -> None:
    """fault row 45: at the end of the shift nothing may be unknown, whatever its length."""
    few = told(31)
    cloud.shifts(early, routing)
    cloud.measures(few, LIVE)
    assert cloud.judge().look() is None
    cloud.shifts(late, routing)
    cloud.measures(few, LIVE)
    cloud.alarms_are_well()
    cloud.is_refused()
    assert cloud.judge().look()
    cloud.done()
