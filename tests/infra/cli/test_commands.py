"""What people type, and what they (or their scripts, with --json) read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from infra.aws import Aws
from model_store.artifact.folder import write_artifact
from model_store.artifact.manifest import FileEntry
from model_store.canonical import sha256_hex

from ..release.conftest import FakeSam, StrictLambda, client_error, lambda_version, manifest
from ..release.shifting import Shifting
from .conftest import Lambent

Publish = Callable[[str], None]


@pytest.fixture
def deployed(lambent: Lambent, published: Publish) -> None:
    """scaled@1, then scaled@2."""
    for version in ("1", "2"):
        published(version)
        assert lambent("deploy", f"scaled@{version}").code == 0


def artifact(folder: Path) -> Path:
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["value"])],
        "same",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
    files = {"model.onnx": FileEntry(sha256=sha256_hex(model), size=len(model))}
    write_artifact(folder, manifest("5", files=files), {"model.onnx": model})
    return folder


def test_publishing_shows_its_plan_then_does_it_then_knows_it_is_done(
    lambent: Lambent, tmp_path: Path
) -> None:
    folder = str(artifact(tmp_path / "artifact"))
    plan = lambent("publish", folder, "--dry-run", "--json").json
    assert (plan["outcome"], len(plan["steps"])) == ("planned", 3)
    assert lambent("models", "--json").json == {"models": {}}
    assert lambent("publish", folder, "--json").json["outcome"] == "published"
    assert lambent("publish", folder, "--json").json["outcome"] == "already published"
    assert [v["version"] for v in lambent("models", "--json").json["models"]["scaled"]] == ["5"]


def test_the_first_publish_makes_the_platform(
    lambent: Lambent, aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra.release.stack import platform

    folder = str(artifact(tmp_path / "artifact"))
    made = platform.require_platform(aws)
    aws.cloudformation.delete_stack(StackName="lambent-platform")
    monkeypatch.setattr(platform, "deploy_platform", lambda *_: made)
    answer = lambent("publish", folder, "--dry-run", "--json")
    assert "create stack lambent-platform" in answer.json["steps"][0]
    answer = lambent("publish", folder, "--json")
    assert answer.json["outcome"] == "published"
    assert "lambent-platform" in answer.err


def test_the_platform_says_whether_it_sets_what_the_whole_account_shares(
    lambent: Lambent, aws: Aws
) -> None:
    """API Gateway has one logging role per account and region; one that is there is left alone."""
    steps = lambent("platform", "deploy", "--dry-run", "--api-gateway-logging").out
    assert "logging role in this region: set by this stack" in steps
    aws.cloudformation.delete_stack(StackName="lambent-platform")
    assert "set by this stack" in lambent("platform", "deploy", "--dry-run").out
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::1:role/logs"}
    aws.apigateway.update_account(patchOperations=[role])
    assert "left as it is" in lambent("platform", "deploy", "--dry-run").out


def test_show_tells_what_a_version_takes_and_how_it_was_proven(
    lambent: Lambent, published: Publish
) -> None:
    published("1")
    shown = lambent("show", "scaled@1")
    assert "scaled@1" in shown.out
    assert "x: number" in shown.out
    assert lambent("show", "scaled@1", "--json").json["digest"] == manifest("1").digest


def test_a_dry_run_of_deploy_changes_nothing(
    lambent: Lambent, sam: FakeSam, published: Publish
) -> None:
    published("1")
    answer = lambent("deploy", "scaled", "--dry-run", "--memory", "2048", "--json")
    assert answer.json["parameters"]["MemorySize"] == "2048"
    assert "create stack lambent-scaled" in " ".join(answer.json["steps"])
    assert (sam.ran, sam.config.exists()) == ([], False)


def test_every_option_of_deploy_reaches_the_template(lambent: Lambent, published: Publish) -> None:
    published("1")
    options = {
        "--memory": ("512", "MemorySize"),
        "--timeout": ("7", "Timeout"),
        "--architecture": ("x86_64", "Architecture"),
        "--runtime": ("python3.12", "Runtime"),
        "--reserved-concurrency": ("-1", "ReservedConcurrency"),
        "--cors-origin": ("https://shop.example", "CorsOrigins"),
        "--throttle-rate": ("5", "ThrottleRate"),
        "--throttle-burst": ("6", "ThrottleBurst"),
        "--daily-quota": ("1000", "DailyQuota"),
        "--log-level": ("DEBUG", "LogLevel"),
        "--log-retention-days": ("7", "LogRetentionDays"),
        "--latency-alarm-ms": ("300", "LatencyAlarmMs"),
        "--fallback-alarm-percent": ("5", "FallbackAlarmPercent"),
        "--traffic": ("Linear10PercentEvery2Minutes", "Traffic"),
        "--tolerance-percent": ("7", "TolerancePercent"),
        "--churn-percent": ("20", "ChurnPercent"),
        "--guard-hours": ("0", "GuardHours"),
        "--alarm-topic": ("arn:aws:sns:eu-west-1:1:t", "AlarmTopic"),
    }
    typed = [word for option, (value, _) in options.items() for word in (option, value)]
    typed += ["--snapstart", "--no-api-key", "--tracing"]
    parameters = lambent("deploy", "scaled", "--dry-run", "--json", *typed).json["parameters"]
    assert {name: parameters[name] for _, name in options.values()} == {
        name: value for value, name in options.values()
    }
    switched = (parameters["SnapStart"], parameters["ApiKeyRequired"], parameters["Tracing"])
    assert switched == ("On", "false", "on")


@pytest.mark.usefixtures("deployed")
def test_deploy_tells_where_the_model_answers(lambent: Lambent) -> None:
    answer = lambent("deploy", "scaled@2", "--json").json
    assert answer["api_url"] == "https://abc123.execute-api.us-east-1.amazonaws.com/live"
    assert (answer["version"], answer["changed"]) == ("2", False)


@pytest.mark.usefixtures("deployed")
def test_rollback_then_status_then_the_deploy_that_is_refused(lambent: Lambent) -> None:
    """Going back, seeing it, and being kept from bringing the bad version back."""
    plan = lambent("rollback", "scaled", "--dry-run", "--json").json
    assert (plan["outcome"], plan["to"]["version"]) == ("planned", "1")
    done = lambent("rollback", "scaled", "--why", "wrong", "--json").json
    assert (done["outcome"], done["from"]["version"]) == ("rolled back", "2")
    status = lambent("status", "scaled", "--json").json
    assert status["live"]["version"] == "1"
    assert status["published_not_live"] == ["2"]
    assert "pins scaled@2" in status["drift"]
    assert status["history"][-1]["why"] == "wrong"
    refused = lambent("deploy", "scaled", "--json")
    assert refused.code == 1
    assert "--again" in refused.json["error"]["next_step"]


@pytest.mark.usefixtures("deployed")
def test_a_rollback_is_done_even_if_it_cannot_be_written_down(
    lambent: Lambent, aws: Aws, sam: FakeSam
) -> None:
    """Fault row 43: S3 and DynamoDB both down; the version is named by hand."""
    aws.__dict__["s3"] = None

    def refuse(**_: Any) -> None:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    aws.dynamodb.meta.events.register_first("before-call.dynamodb.*", refuse)
    assert lambent("rollback", "scaled").code == 1
    answer = lambent("rollback", "scaled", "--to", "1", "--json")
    assert (answer.code, answer.json["outcome"]) == (0, "rolled back")
    assert "not in the history" in answer.err
    assert cast(StrictLambda, aws.lambda_).live == "1"


def test_an_error_is_one_line_and_never_a_traceback(lambent: Lambent) -> None:
    answer = lambent("show", "nonsense")
    assert answer.code == 1
    assert answer.err.startswith("lambent: reference 'nonsense': is not NAME@VERSION.")
    assert answer.err.count("\n") == 1
    assert answer.out == ""


def test_an_error_is_a_document_too(lambent: Lambent) -> None:
    error = lambent("show", "scaled@9", "--json").json["error"]
    assert error["kind"] == "NotPublished"
    assert error["where"] == "scaled@9"
    assert "lambent publish" in error["next_step"]


def test_wrong_usage_is_exit_code_2(lambent: Lambent) -> None:
    assert lambent("deploy").code == 2
    assert lambent("deploy", "scaled", "--memory", "much").code == 2


@pytest.mark.usefixtures("deployed")
def test_destroy_asks_first_and_says_what_it_keeps(
    lambent: Lambent, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[str] = []
    monkeypatch.setattr(FakeSam, "delete", lambda self, stack, region: deleted.append(stack))
    assert lambent("destroy", "scaled", typed="n\n").code == 1
    assert lambent("destroy", "scaled", "--dry-run", "--json").json["outcome"] == "planned"
    assert deleted == []
    answer = lambent("destroy", "scaled", "--yes", "--json").json
    assert answer["outcome"] == "destroyed"
    assert "published versions" in answer["kept"]
    assert deleted == ["lambent-scaled"]


def test_destroying_what_is_not_there_is_refused(lambent: Lambent) -> None:
    assert "is not there" in lambent("destroy", "scaled", "--yes").err


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize(
    "data", ['{"x": 1}', '[{"x": 1}]', '{"instances": [{"x": 1}]}', "@rows.json"]
)
def test_invoke_sends_rows_however_they_are_written(
    lambent: Lambent, aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.json").write_text('{"x": 1}')
    asked = answering(aws, {"statusCode": 200, "body": '{"predictions": []}'})
    answer = lambent("invoke", "scaled", "--data", data, "--json").json
    assert (answer["status"], answer["body"]) == (200, {"predictions": []})
    assert asked[0]["Qualifier"] == "live"
    event = json.loads(asked[0]["Payload"])
    assert json.loads(event["body"]) == {"instances": [{"x": 1}]}


@pytest.mark.usefixtures("deployed")
def test_invoke_asks_a_version_that_is_not_live(lambent: Lambent, aws: Aws) -> None:
    asked = answering(aws, {"statusCode": 422, "body": "{}"})
    assert lambent("invoke", "scaled", "--data", "{}", "--version", "1").code == 1
    assert asked[0]["Qualifier"] == "1"


@pytest.mark.usefixtures("deployed")
def test_invoke_tells_when_the_function_failed(lambent: Lambent, aws: Aws) -> None:
    answering(aws, {"errorMessage": "out of memory"}, FunctionError="Unhandled")
    answer = lambent("invoke", "scaled", "--data", "{}")
    assert answer.code == 1
    assert "out of memory" in answer.err
    assert "lambent logs scaled" in answer.err


def test_invoke_refuses_what_is_no_json(lambent: Lambent) -> None:
    assert "is not readable JSON" in lambent("invoke", "scaled", "--data", "{").err


def test_missing_rights_name_the_action(lambent: Lambent, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: Any) -> None:
        raise client_error("AccessDeniedException", "not authorized", 403)

    monkeypatch.setattr(StrictLambda, "get_alias", denied)
    error = lambent("rollback", "scaled", "--json").json["error"]
    assert error["kind"] == "AwsDenied"
    assert "UpdateAlias" in error["next_step"]


def test_a_number_out_of_its_bounds_is_wrong_usage(lambent: Lambent, published: Publish) -> None:
    """The bounds are those of template.yaml, where CloudFormation would refuse late."""
    published("1")
    bounds = template_bounds()
    assert len(bounds) == 11
    for option, beyond in bounds.items():
        for value in beyond:
            answer = lambent("deploy", "scaled@1", "--dry-run", option, str(value))
            assert (option, value, answer.code) == (option, value, 2)


@pytest.mark.parametrize(
    "option",
    [
        ("--architecture", "mips"),
        ("--runtime", "python2.7"),
        ("--log-level", "LOUD"),
        ("--log-retention-days", "6"),
    ],
)
def test_a_value_that_the_template_does_not_know_is_refused(
    lambent: Lambent, published: Publish, option: tuple[str, str]
) -> None:
    published("1")
    answer = lambent("deploy", "scaled@1", "--dry-run", *option)
    assert (answer.code, option[1] in answer.err) == (1, True)


def test_a_plan_for_people_does_not_spell_out_the_standby(
    lambent: Lambent, published: Publish
) -> None:
    published("1")
    whole = lambent("deploy", "scaled", "--dry-run", "--json").json["parameters"]["Standby"]
    shown = lambent("deploy", "scaled", "--dry-run").out
    assert whole not in shown
    assert f"(contract and fallback, {len(whole)} characters)" in shown


@pytest.mark.usefixtures("deployed")
def test_status_after_a_rollback_says_how_to_settle_the_drift(lambent: Lambent) -> None:
    assert lambent("rollback", "scaled").code == 0
    told = "(rolled back; settle it with: lambent deploy scaled@1)"
    assert told in lambent("status", "scaled").out


@pytest.mark.usefixtures("deployed")
def test_status_prints_the_line_that_sets_the_url(lambent: Lambent) -> None:
    url = "https://abc123.execute-api.us-east-1.amazonaws.com/live"
    assert f"export URL={url}\n" in lambent("status", "scaled", "--show-key").out
    assert "export" not in lambent("status", "scaled").out


def test_a_model_that_is_not_deployed_is_said_alike_by_every_command(
    lambent: Lambent, aws: Aws
) -> None:
    del aws.__dict__["lambda_"]  # the embedded one
    commands = (["rollback", "chrun"], ["logs", "chrun"], ["invoke", "chrun", "--data", "{}"])
    told = {lambent(*command).err for command in commands}
    assert told == {
        "lambent: model chrun: is not deployed here. Deploy it: lambent deploy chrun.\n"
    }


def test_the_version_of_lambent(lambent: Lambent) -> None:
    from importlib.metadata import version

    assert lambent("--version").out == f"lambent {version('lambent')}\n"


def test_invoke_says_that_a_file_is_not_there(lambent: Lambent) -> None:
    assert (
        "there is no file nofile.json" in lambent("invoke", "scaled", "--data", "@nofile.json").err
    )


def template_bounds() -> dict[str, list[int]]:
    """By option of deploy: numbers just out of the bounds of its parameter."""
    import re

    text = (Path(__file__).parents[3] / "template.yaml").read_text()
    found = {}
    for block in re.findall(r"^  \w+:\n    Type: Number\n(?:    .*\n)+", text, re.MULTILINE):
        name = block.split(":")[0].strip().removesuffix("Size")
        beyond = [int(low) - 1 for low in re.findall(r"MinValue: (-?\d+)", block)]
        beyond += [int(high) + 1 for high in re.findall(r"MaxValue: (\d+)", block)]
        if beyond:
            found["-" + re.sub(r"([A-Z])", r"-\1", name).lower()] = beyond
    return found


def answering(aws: Aws, payload: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Lambda answers every invoke with this; returns what it was asked."""
    import io

    asked: list[dict[str, Any]] = []

    def invoke(**request: Any) -> dict[str, Any]:
        asked.append(request)
        return {"Payload": io.BytesIO(json.dumps(payload).encode()), "StatusCode": 200, **more}

    cast(Any, aws.lambda_).invoke = invoke
    return asked


@pytest.mark.usefixtures("deployed")
def test_a_release_under_way_is_told_ended_and_told_as_refused(lambent: Lambent, aws: Aws) -> None:
    """Fault rows 41 and 46."""
    functions = cast(StrictLambda, aws.lambda_)
    functions.versions.append(lambda_version(3, "3"))
    functions.weights = {"3": 0.1}
    aws.__dict__["codedeploy"] = Shifting(functions, "2", "3", after=0)
    assert "version 3 has 10% of the traffic" in lambent("status", "scaled").out
    refused = lambent("destroy", "scaled", "--yes")
    assert (refused.code, "lambent rollback scaled" in refused.err) == (1, True)
    assert "is just being released" in lambent("fallback", "scaled", "off").err
    done = lambent("rollback", "scaled", "--why", "odd answers", "--json").json
    assert (done["outcome"], done["ends_release"]) == ("rolled back", True)
    assert (done["from"]["version"], done["to"]["version"]) == ("3", "2")
    assert (functions.live, functions.weights) == ("2", {})
    assert "Lambda version 3 on" in lambent("status", "scaled").out
    assert "refused 2 stays live" in lambent("history", "scaled").out
