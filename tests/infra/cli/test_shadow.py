"""What people type and read when live requests are copied to another version."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from infra.aws import Aws
from infra.release.deployed import draft as drafting
from infra.release.deployed.live import DRAFT, LambdaVersion

from ..release.conftest import FakeSam, client_error
from .conftest import Lambent
from .test_fallback import SwitchingLambda


class Functions(SwitchingLambda):
    reserved: int | None = 20

    def get_function_concurrency(self, FunctionName: str) -> dict[str, Any]:
        return {} if self.reserved is None else {"ReservedConcurrentExecutions": self.reserved}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "PAUSE", 0.0)


@pytest.fixture
def functions(lambent: Lambent, published: Callable[[str], None], aws: Aws) -> Functions:
    """scaled@1, then scaled@2, deployed."""
    functions = Functions([], "")
    aws.__dict__["lambda_"] = functions
    for version in ("1", "2"):
        functions.draft = LambdaVersion(DRAFT, version, "")
        published(version)
        assert lambent("deploy", f"scaled@{version}").code == 0
    live = functions.versions[-1]
    service = {"POWERTOOLS_SERVICE_NAME": "lambent-scaled"}
    pinned = {
        "LAMBENT_VERSION": live.model_version,
        "LAMBENT_DIGEST": live.digest,
        "LAMBENT_STANDBY": live.standby,
    }
    functions.versions[-1] = replace(live, environment=service | pinned, settings={})
    functions.draft = replace(functions.versions[-1], number=DRAFT)
    return functions


def test_requests_are_copied_and_then_no_more(lambent: Lambent, functions: Functions) -> None:
    before = functions.draft
    plan = lambent("shadow", "scaled@1", "--dry-run", "--json").json
    assert (plan["outcome"], plan["to"], len(plan["steps"])) == ("planned", None, 7)
    assert functions.live == "2"
    on = lambent("shadow", "scaled@1", "--percent", "30", "--why", "a try", "--json")
    assert "share 20 concurrent executions" in on.err
    assert (on.json["outcome"], functions.live) == ("on", "4")
    assert on.json["shadow"] == {"version": "1", "lambda_version": "3"}
    assert functions.draft.environment == before.environment
    twin = functions.versions[3].environment
    assert (twin["LAMBENT_SHADOW"], twin["LAMBENT_SHADOW_PERCENT"]) == ("3", "30")
    off = lambent("shadow", "scaled", "off", "--json").json
    assert (off["outcome"], off["to"]["lambda_version"]) == ("off", "2")
    told = lambent("status", "scaled", "--json").json["history"]
    assert [(e["action"], e["model_version"], e["why"]) for e in told[2:]] == [
        ("shadow on", "2", "30 % copied to scaled@1: a try"),
        ("shadow off", "2", ""),
    ]


def test_people_read_what_is_so_now_and_how_to_undo_it(
    lambent: Lambent, functions: Functions
) -> None:
    planned = lambent("shadow", "scaled@1", "--dry-run").out
    assert "planned: scaled@2 answers; 10 % of the requests are copied to scaled@1" in planned
    assert "  1. publish a version of scaled@1 that answers copies alone" in planned
    on = lambent("shadow", "scaled@1").out
    assert "scaled@2 answers; 10 % of the requests are copied to scaled@1" in on
    assert "lambent shadow scaled off" in on
    again = lambent("shadow", "scaled@1", "--json").json
    assert again["outcome"] == "already on"
    shown = lambent("status", "scaled").out
    assert "10 % of the requests are copied to scaled@1 (Lambda version 3)" in shown
    assert lambent("status", "scaled", "--json").json["shadow"]["percent"] == 10
    assert "nothing is copied" in lambent("shadow", "scaled", "off").out
    assert lambent("shadow", "scaled", "off", "--json").json["outcome"] == "already off"


def test_the_report_says_so_when_nothing_was_compared_yet(
    lambent: Lambent, functions: Functions
) -> None:
    assert "there is none" in lambent("shadow", "scaled").err
    lambent("shadow", "scaled@1")
    report = lambent("shadow", "scaled")
    assert "nothing yet; metrics may be a minute or two late" in report.out
    found = lambent("shadow", "scaled", "--json").json
    assert (found["on"], found["predictions"], found["disagreement"]) == (True, 0, None)


def measure(aws: Aws, **values: float) -> None:
    named = [("service", "lambent-scaled"), ("shadow", "3")]
    dimensions = [{"Name": name, "Value": value} for name, value in named]
    data = [{"MetricName": k, "Value": v, "Dimensions": dimensions} for k, v in values.items()]
    aws.cloudwatch.put_metric_data(Namespace="Lambent", MetricData=cast(Any, data))


def test_the_report_says_how_often_they_disagree_and_how_sure_that_is(
    lambent: Lambent, functions: Functions, aws: Aws
) -> None:
    lambent("shadow", "scaled@1")
    measure(aws, ShadowRequests=40, ShadowErrors=2, ShadowSkipped=1, ShadowPredictions=100)
    measure(aws, ShadowDisagreements=20, ShadowAbstentions=7, ShadowedAbstentions=3)
    measure(aws, ShadowConfidenceShift=-0.05)
    told = lambent("shadow", "scaled").out
    assert "40 requests, 2 not answered; 1 left out" in told
    assert "20 of 100 predictions: 20.00% (95 %: 13.34% to 28.88%)" in told
    assert "7 (live: 3, on the same rows)" in told
    assert "-0.050 on average" in told


def test_a_deploy_a_rollback_and_the_kill_switch_end_it(
    lambent: Lambent, functions: Functions, sam: FakeSam
) -> None:
    lambent("shadow", "scaled@1")
    back = lambent("rollback", "scaled", "--json").json
    assert (back["ends_shadow"], functions.live) == (True, "1")
    lambent("rollback", "scaled", "--to", "2")
    lambent("shadow", "scaled@1")
    off = lambent("fallback", "scaled", "on", "--json").json
    fallback = functions.versions[int(off["to"]["lambda_version"]) - 1]
    assert "LAMBENT_SHADOW" not in fallback.environment
    assert "is switched off" in lambent("shadow", "scaled@1").err
    lambent("fallback", "scaled", "off")
    assert functions.live == "2"


def test_a_version_that_does_not_answer_moves_nothing(
    lambent: Lambent, functions: Functions
) -> None:
    functions.status = 500
    refused = lambent("shadow", "scaled@1")
    assert (refused.code, functions.live) == (1, "2")
    assert "does not answer, so the alias was not moved" in refused.err
    assert not functions.draft.is_switched


def test_the_slower_of_two_operators_is_told_who_won(
    lambent: Lambent, functions: Functions
) -> None:
    """Fault row 40."""

    def faster() -> None:
        functions.live, functions.revision = "1", functions.revision + 1

    functions.meanwhile = faster
    refused = lambent("shadow", "scaled@1")
    assert (refused.code, functions.live) == (1, "1")
    assert "now live is version 1 (scaled@1)" in refused.err


def test_missing_permission_leaves_everything_as_it_was(
    lambent: Lambent, functions: Functions
) -> None:
    def denied(**_: Any) -> None:
        raise client_error("AccessDeniedException", "not authorized", 403)

    cast(Any, functions).publish_version = denied
    assert lambent("shadow", "scaled@1").code == 1
    assert functions.live == "2"
    assert not functions.draft.is_switched


def test_what_is_meant_must_be_clear(lambent: Lambent, functions: Functions) -> None:
    assert "lambent shadow scaled off" in lambent("shadow", "scaled@1", "off").err
    assert lambent("shadow", "scaled@1", "--percent", "0").code == 2
    assert lambent("shadow", "scaled", "on").code == 2
    assert lambent("shadow", "scaled@9").code == 1
