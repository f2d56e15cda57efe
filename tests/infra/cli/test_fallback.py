"""What people type and read when a model has to be off the air at once."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any, cast

import pytest

from infra.aws import Aws
from infra.release.deployed import draft as drafting
from infra.release.deployed.live import DRAFT, LambdaVersion

from ..release.conftest import FakeSam, StrictLambda, client_error, configuration
from .conftest import Lambent


class SwitchingLambda(StrictLambda):
    """With a draft that is configured and published as Lambda does it."""

    draft: LambdaVersion
    status = 200

    def get_paginator(self, operation: str) -> Any:
        found = [configuration(version) for version in (self.draft, *self.versions)]
        return type("Pages", (), {"paginate": lambda *_, **__: [{"Versions": found}]})()

    def get_function_configuration(self, FunctionName: str, Qualifier: str) -> dict[str, Any]:
        if Qualifier == DRAFT:
            return configuration(self.draft)
        return super().get_function_configuration(FunctionName, Qualifier)

    def update_function_configuration(self, FunctionName: str, Environment: Any) -> None:
        self._called("UpdateFunctionConfiguration")
        self.draft = replace(self.draft, environment=Environment["Variables"])

    def publish_version(self, FunctionName: str, Description: str) -> dict[str, Any]:
        self._called("PublishVersion")
        number = str(len(self.versions) + 1)
        named = self.draft.environment
        self.versions.append(
            LambdaVersion(
                number,
                named["LAMBENT_VERSION"],
                named["LAMBENT_DIGEST"],
                named["LAMBENT_STANDBY"],
                environment=named,
            )
        )
        return {"Version": number}

    def invoke(self, **_: Any) -> dict[str, Any]:
        return {"Payload": BytesIO(json.dumps({"statusCode": self.status}).encode())}


@pytest.fixture
def functions(lambent: Lambent, published: Callable[[str], None], aws: Aws) -> SwitchingLambda:
    """scaled@1, then scaled@2, deployed."""
    functions = SwitchingLambda([], "")
    aws.__dict__["lambda_"] = functions
    for version in ("1", "2"):
        functions.draft = LambdaVersion(DRAFT, version, "")
        published(version)
        assert lambent("deploy", f"scaled@{version}").code == 0
    functions.draft = replace(functions.versions[-1], number=DRAFT)
    return functions


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "PAUSE", 0.0)


def test_a_model_is_switched_off_and_on_again(lambent: Lambent, functions: SwitchingLambda) -> None:
    plan = lambent("fallback", "scaled", "on", "--dry-run", "--json").json
    assert (plan["outcome"], plan["to"], len(plan["steps"])) == ("planned", None, 4)
    assert functions.live == "2"
    on = lambent("fallback", "scaled", "on", "--why", "odd", "--json").json
    assert (on["outcome"], on["to"]) == (
        "switched on",
        {"version": "2", "lambda_version": "3", "fallback_only": True},
    )
    assert not functions.draft.is_fallback_only
    off = lambent("fallback", "scaled", "off", "--json").json
    assert (off["outcome"], off["to"]["lambda_version"]) == ("switched off", "2")
    told = lambent("status", "scaled", "--json").json["history"]
    assert [(e["action"], e["why"]) for e in told[2:]] == [
        ("fallback on", "odd"),
        ("fallback off", ""),
    ]


def test_people_read_what_is_so_now_and_how_to_undo_it(
    lambent: Lambent, functions: SwitchingLambda
) -> None:
    planned = lambent("fallback", "scaled", "on", "--dry-run").out
    assert "  1. publish a fallback-only version of scaled@2" in planned
    on = lambent("fallback", "scaled", "on").out
    assert "scaled@2 is switched off; its fallback answers every request" in on
    assert "lambent fallback scaled off" in on
    assert "already switched off" in lambent("fallback", "scaled", "on").out
    assert "scaled@2 answers" in lambent("fallback", "scaled", "off").out
    assert "it is not switched off" in lambent("fallback", "scaled", "off").out


def test_the_status_and_a_rollback_say_that_only_the_fallback_answers(
    lambent: Lambent, functions: SwitchingLambda
) -> None:
    lambent("fallback", "scaled", "on", "--why", "odd")
    shown = lambent("status", "scaled").out
    assert "FALLBACK ONLY since" in shown
    assert "odd; was scaled@2 (Lambda version 2)" in shown
    found = lambent("status", "scaled", "--json").json
    assert found["live"]["fallback_only"] is True
    assert found["switched_off"]["why"] == "odd"
    assert "ends" in lambent("rollback", "scaled", "--dry-run").out
    assert lambent("rollback", "scaled", "--json").json["ends_fallback"] is True
    assert functions.live == "1"


def test_a_deploy_must_say_which_version_it_means(
    lambent: Lambent, functions: SwitchingLambda, sam: FakeSam
) -> None:
    lambent("fallback", "scaled", "on", "--why", "odd")
    before = list(sam.ran)
    refused = lambent("deploy", "scaled", "--json")
    assert (refused.code, sam.ran) == (1, before)
    assert "lambent fallback scaled off" in refused.json["error"]["next_step"]
    done = lambent("deploy", "scaled@2")
    assert "the deploy ends that" in done.err
    assert lambent("status", "scaled", "--json").json["live"]["fallback_only"] is False


def test_a_killed_switch_is_seen_and_mended(lambent: Lambent, functions: SwitchingLambda) -> None:
    """The process died between changing $LATEST and putting it back."""
    environment = {**functions.draft.environment, "LAMBENT_FALLBACK_ONLY": "on"}
    usual = functions.draft
    for mended_by in (("fallback", "scaled", "off"), ("deploy", "scaled@2", "--memory", "512")):
        functions.draft = replace(usual, environment=environment)
        assert "unfinished" in lambent("status", "scaled").out
        assert lambent("status", "scaled", "--json").json["cut_short"] is True
        answer = lambent(*mended_by)
        assert (answer.code, "cut short" in answer.err) == (0, True), answer.err
        assert not functions.draft.is_fallback_only


def test_a_switch_is_done_even_if_it_cannot_be_written_down(
    lambent: Lambent, functions: SwitchingLambda, aws: Aws
) -> None:
    """Fault row 43: S3 and DynamoDB both down, for both ways."""
    aws.__dict__["s3"] = None

    def refuse(**_: Any) -> None:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    aws.dynamodb.meta.events.register_first("before-call.dynamodb.*", refuse)
    on = lambent("fallback", "scaled", "on")
    assert (on.code, functions.live) == (0, "3")
    assert "not in the history" in on.err
    off = lambent("fallback", "scaled", "off")
    assert (off.code, functions.live) == (0, "2")
    assert "newest with the same model" in off.err


def test_a_version_that_does_not_answer_never_meets_a_caller(
    lambent: Lambent, functions: SwitchingLambda
) -> None:
    functions.status = 500
    refused = lambent("fallback", "scaled", "on")
    assert (refused.code, functions.live) == (1, "2")
    assert "--force" in refused.err
    assert not functions.draft.is_fallback_only
    forced = lambent("fallback", "scaled", "on", "--force")
    assert (forced.code, functions.live) == (0, "3")


def test_the_slower_of_two_operators_is_told_who_won(
    lambent: Lambent, functions: SwitchingLambda
) -> None:
    """Fault row 40."""
    lambent("fallback", "scaled", "on")
    lambent("fallback", "scaled", "off")

    def faster() -> None:
        functions.live, functions.revision = "1", functions.revision + 1

    functions.meanwhile = faster
    refused = lambent("fallback", "scaled", "on")
    assert (refused.code, functions.live) == (1, "1")
    assert "now live is version 1 (scaled@1)" in refused.err


def test_only_on_and_off_are_switches(lambent: Lambent) -> None:
    assert lambent("fallback", "scaled", "maybe").code == 2


def test_missing_permission_leaves_everything_as_it_was(
    lambent: Lambent, functions: SwitchingLambda
) -> None:
    def denied(**_: Any) -> None:
        raise client_error("AccessDeniedException", "not authorized", 403)

    cast(Any, functions).publish_version = denied
    refused = lambent("fallback", "scaled", "on")
    assert (refused.code, functions.live) == (1, "2")
    assert "permission" in refused.err
    assert not functions.draft.is_fallback_only
