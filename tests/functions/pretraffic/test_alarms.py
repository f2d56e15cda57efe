"""No promotion without somebody who watches (fault row 45)."""

from typing import Any

import pytest

from functions.pretraffic.alarms import check_alarms
from tests.functions.conftest import publish
from tests.functions.pretraffic.conftest import ALARM, parts
from tests.functions.pretraffic.stage import Stage


def alarm(name: str = "errors-7", version: str = "7", **changes: Any) -> dict[str, Any]:
    """As CloudWatch describes it."""
    dimensions = [
        {"Name": "FunctionName", "Value": "lambent-penguins"},
        {"Name": "ExecutedVersion", "Value": version},
    ]
    given = {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Dimensions": dimensions}
    return {"AlarmName": name, "StateValue": "INSUFFICIENT_DATA", **given, **changes}


def summed(*versions: str) -> dict[str, Any]:
    """An alarm on metric math: AWS's own errors and Lambent's, by version."""
    metrics = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "MetricName": "Errors",
                    "Dimensions": [{"Name": "lambda_version", "Value": version}],
                }
            },
        }
        for number, version in enumerate(versions)
    ]
    sum_of = {"Id": "all", "Expression": "SUM(METRICS())"}
    found = alarm(Metrics=[*metrics, sum_of])
    return {
        name: value for name, value in found.items() if name not in ("MetricName", "Dimensions")
    }


def check(
    *found: dict[str, Any], names: tuple[str, ...] = ("errors-7",), shifts: bool = True
) -> Any:
    return check_alarms(names, found, "7", shifts=shifts)


@pytest.mark.parametrize("found", [alarm(), alarm(StateValue="OK"), summed("7", "7")])
def test_alarms_on_the_candidate_that_are_not_lit_are_usable(found: dict[str, Any]) -> None:
    """Without data yet: its metrics begin with its first request."""
    assert check(found).verdict == "passed"


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (alarm("another"), "errors-7 does not exist"),
        (alarm(StateValue="ALARM"), "errors-7 is lit already"),
        (alarm(version="6"), "errors-7 watches Lambda version 6"),
        (summed("6", "7"), "errors-7 watches Lambda version 6"),
        (summed(), "errors-7 measures nothing"),
    ],
)
def test_an_alarm_that_could_stop_nothing_is_named(found: dict[str, Any], fault: str) -> None:
    told = check(found)
    assert (told.verdict, told.told) == ("failed", f"the release could not be stopped: {fault}")


def test_each_alarm_is_told() -> None:
    told = check(alarm(), names=("errors-7", "latency-7", "fallbacks-7")).told
    assert "latency-7 does not exist; fallbacks-7 does not exist" in told


def test_a_shift_without_alarms_is_refused_and_a_release_all_at_once_is_not() -> None:
    assert check(names=()).verdict == "failed"
    assert check(names=(), shifts=False).verdict == "skipped"


def test_a_missing_alarm_keeps_a_release_from_any_traffic(stage: Stage) -> None:
    """Fault row 45: nothing is asked of the candidate before somebody watches."""
    stage.deploy("7", *parts(publish(version="2")))
    report = stage.release(LAMBENT_CANARY_ALARMS=f"{ALARM},lambent-penguins-judge")
    assert "lambent-penguins-judge does not exist" in report["why"]
    assert stage.verdict == "Failed"
    assert stage.asked == []
    assert stage.events[-1].action == "refused"
