"""What the template opens to the world: checkov sees neither routes nor CORS."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.inference.schemas import ProblemDetails
from infra.local.cloudwatch.metrics import evaluate
from model_store.artifact.layout import list_key

ROOT = Path(__file__).parents[3]
Expand = Callable[..., dict[str, Any]]
CORS = "gatewayresponse.header.Access-Control-Allow-Origin"
RETRY = "gatewayresponse.header.Retry-After"
JSON = "application/json"


@pytest.fixture(scope="module")
def resources(expand_template: Expand) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = expand_template("template.yaml")["Resources"]
    return found


@pytest.fixture(scope="module")
def body(resources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = resources["Api"]["Properties"]["Body"]
    return found


def operations(body: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def of_type(resources: dict[str, dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {n: r["Properties"] for n, r in resources.items() if r["Type"] == kind}


def test_these_are_all_the_routes_there_are(body: dict[str, Any]) -> None:
    """Threats API5 and API9: nothing of the control plane is on the API."""
    assert {(path, method) for path, method, _ in operations(body)} == {
        ("/health/{check}", "get"),
        ("/health/{check}", "options"),
        ("/openapi.json", "get"),
        ("/openapi.json", "options"),
        ("/docs", "get"),
        ("/{proxy+}", "x-amazon-apigateway-any-method"),
        ("/{proxy+}", "options"),
    }


def test_every_route_that_predicts_asks_for_the_api_key(body: dict[str, Any]) -> None:
    """Threat API2."""
    guarded = {(p, m) for p, m, operation in operations(body) if "security" in operation}
    assert guarded == {("/{proxy+}", "x-amazon-apigateway-any-method")}
    operation = body["paths"]["/{proxy+}"]["x-amazon-apigateway-any-method"]
    assert operation["security"] == {"Fn::If": ["WithApiKey", [{"api_key": []}], []]}
    scheme = body["components"]["securitySchemes"]["api_key"]
    assert (scheme["type"], scheme["name"], scheme["in"]) == ("apiKey", "x-api-key", "header")


def test_the_api_key_is_required_unless_somebody_says_otherwise(
    load_template: Callable[[str], dict[str, Any]],
) -> None:
    assert load_template("template.yaml")["Parameters"]["ApiKeyRequired"]["Default"] == "true"


def test_every_route_calls_the_live_alias(body: dict[str, Any]) -> None:
    for _, _, operation in operations(body):
        integration = operation["x-amazon-apigateway-integration"]
        assert integration["type"] == "aws_proxy"
        assert integration["timeoutInMillis"] == 29000
        assert ":live/invocations" in json.dumps(integration["uri"])


def test_errors_of_the_gateway_carry_the_origin_of_the_caller_never_a_star(
    body: dict[str, Any],
) -> None:
    """Threat API8: a browser must read a 403 or 429, and no answer opens itself to every site."""
    for response in body["x-amazon-apigateway-gateway-responses"].values():
        assert response["responseParameters"][CORS] == "method.request.header.Origin"
    assert "'*'" not in json.dumps(body)


def test_every_error_of_the_gateway_is_a_problem_with_its_true_status(body: dict[str, Any]) -> None:
    """Also a type that is not named: the defaults set the status that their text states."""
    responses = body["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= responses.keys()
    for response in responses.values():
        problem = ProblemDetails.model_validate_json(response["responseTemplates"][JSON])
        assert str(problem.status) == response["statusCode"]
        assert problem.type == "urn:lambent:problem:gateway:$context.error.responseType"


def test_an_error_of_the_gateway_that_may_pass_says_when_to_ask_again(body: dict[str, Any]) -> None:
    """Fault row 34."""
    responses = body["x-amazon-apigateway-gateway-responses"].values()
    passing = [r for r in responses if r["statusCode"] >= "429"]
    again = [r for r in responses if RETRY in r["responseParameters"]]
    assert again == passing


def test_gateway_errors_name_the_model_but_no_version(body: dict[str, Any]) -> None:
    """After a rollback the version of the stack is not the one that is live."""
    for response in body["x-amazon-apigateway-gateway-responses"].values():
        named = response["responseParameters"]["gatewayresponse.header.Lambent-Model"]
        assert named == {"Fn::Sub": "'${ModelName}'"}


@pytest.mark.parametrize("origins", ["*", "https://*.shop.example", "shop.example", "https://a, *"])
def test_cors_origins_are_named_in_full(
    load_template: Callable[[str], dict[str, Any]], origins: str
) -> None:
    """Threat API8: CORS is a list, never *."""
    pattern = load_template("template.yaml")["Parameters"]["CorsOrigins"]["AllowedPattern"]
    assert not re.fullmatch(pattern, origins)
    assert re.fullmatch(pattern, "https://a.example,http://localhost:3000")


def test_the_function_may_read_its_own_model_and_lists_and_nothing_else(
    resources: dict[str, dict[str, Any]],
) -> None:
    role = of_type(resources, "AWS::IAM::Role")["InferenceRole"]
    always, traces = role["Policies"]
    statements = always["PolicyDocument"]["Statement"]
    allowed = {s["Sid"]: (s["Effect"], s["Action"]) for s in statements}
    assert allowed == {
        "Artifact": ("Allow", "s3:GetObject"),
        "ArtifactKey": ("Allow", "kms:Decrypt"),
        "OwnVersions": ("Allow", "lambda:InvokeFunction"),
        "OwnLogs": ("Allow", ["logs:CreateLogStream", "logs:PutLogEvents"]),
    }
    assert "ManagedPolicyArns" not in role
    assert traces["Fn::If"][0] == "WithTracing"
    artifact = next(s for s in statements if s["Sid"] == "Artifact")
    objects = [resource["Fn::Sub"][0] for resource in artifact["Resource"]]
    bucket = "arn:${AWS::Partition}:s3:::${Bucket}/"
    kept = ("blobs/sha256/*", "models/${ModelName}/*", "lists/${ModelName}/*")
    assert objects == [bucket + name for name in kept]
    assert not any(s["Resource"] == "*" for s in statements)


def test_the_gate_may_verify_a_signature_and_ask_the_key_for_nothing_else(
    resources: dict[str, dict[str, Any]],
) -> None:
    (policy,) = of_type(resources, "AWS::IAM::Role")["PreTrafficRole"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    assert [s["Action"] for s in statements if s.get("Sid") == "Signature"] == ["kms:Verify"]


def test_a_list_may_be_written_over_and_a_model_never(
    load_template: Callable[[str], dict[str, Any]],
) -> None:
    """Threat ML06: what is published stays; a list changes without a deploy."""
    policy = load_template("infra/platform.yaml")["Resources"]["ArtifactBucketPolicy"]
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    (deny,) = (s for s in statements if s["Sid"] == "DenyOverwriting")
    assert (deny["Effect"], deny["Action"], deny["Principal"]) == ("Deny", "s3:PutObject", "*")
    covered = [resource["Fn::Sub"] for resource in deny["Resource"]]
    assert covered == [
        f"${{ArtifactBucket.Arn}}/{kept}/*" for kept in ("blobs", "models", "contracts")
    ]
    assert deny["Condition"]["Null"] == {"s3:if-none-match": "true"}
    assert not list_key("birds", "top").startswith(("blobs/", "models/"))
    assert [s["Sid"] for s in statements] == ["DenyWithoutTls", "DenyOverwriting"]


def test_one_version_per_release_digest_and_old_ones_are_kept(expand_template: Expand) -> None:
    """Rollback targets survive the deploys after them."""

    def version(**parameters: str) -> tuple[str, dict[str, Any]]:
        found = expand_template("template.yaml", **parameters)["Resources"]
        return next((n, r) for n, r in found.items() if r["Type"] == "AWS::Lambda::Version")

    name, resource = version()
    assert resource["DeletionPolicy"] == "Retain"
    assert version(ReleaseDigest="3" * 64)[0] != name
    assert version(MemorySize="2048")[0] == name


def test_there_is_one_stage_and_it_is_throttled_logged_and_measured(
    resources: dict[str, dict[str, Any]],
) -> None:
    """Threat API4."""
    (stage,) = of_type(resources, "AWS::ApiGateway::Stage").values()
    assert stage["StageName"] == "live"
    assert "DestinationArn" in stage["AccessLogSetting"]
    everywhere, *documents = stage["MethodSettings"]
    assert everywhere["ThrottlingRateLimit"] == {"Ref": "ThrottleRate"}
    assert [setting["ResourcePath"] for setting in documents] == ["/~1docs", "/~1openapi.json"]
    assert {setting["ThrottlingRateLimit"] for setting in documents} == {1}
    for setting in stage["MethodSettings"]:
        assert setting["DataTraceEnabled"] is False  # it would log request bodies
        assert "LoggingLevel" not in setting  # its group would never expire, and outlive the stack
        assert setting["MetricsEnabled"] is True


def test_access_logs_hold_no_address_of_the_caller(resources: dict[str, dict[str, Any]]) -> None:
    (stage,) = of_type(resources, "AWS::ApiGateway::Stage").values()
    assert "sourceIp" not in stage["AccessLogSetting"]["Format"]


LIVE = {"ErrorAlarm", "LatencyAlarm", "ThrottleAlarm", "FallbackAlarm"}
CANARY = {"CanaryErrorAlarm", "CanaryLatencyAlarm", "CanaryFallbackAlarm"}


def test_a_lit_alarm_cannot_come_from_silence_but_for_that_over_the_judge(
    resources: dict[str, dict[str, Any]],
) -> None:
    """Fault row 45: what is called every minute and is silent is broken."""
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    assert alarms.keys() == LIVE | CANARY | {"JudgeAlarm"}
    silent = {n for n, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"}
    assert silent == {"JudgeAlarm"}
    assert {a["TreatMissingData"] for a in alarms.values()} == {"breaching", "notBreaching"}


def test_one_odd_minute_stops_no_release(resources: dict[str, dict[str, Any]]) -> None:
    """Fault row 23: a single failure is compared with those of the live version, by the judge."""
    for name in CANARY:
        alarm = resources[name]["Properties"]
        assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (3, 2), name


@pytest.mark.parametrize("name", ["FallbackAlarm", "CanaryFallbackAlarm"])
def test_odd_rows_of_a_caller_light_no_alarm_that_moves_traffic(
    resources: dict[str, dict[str, Any]], name: str
) -> None:
    """Fault row 23: Fallbacks counts rows, those that were odd among them, so that one batch a
    minute would undo a release. FallbackRequests counts requests for which the model failed."""
    metrics = resources[name]["Properties"]["Metrics"]
    measured = {
        metric["Id"]: metric["MetricStat"]["Metric"]["MetricName"]
        for metric in metrics
        if "MetricStat" in metric
    }
    assert measured == {"fallbacks": "FallbackRequests", "requests": "Requests"}
    (expression,) = [metric["Expression"] for metric in metrics if "Expression" in metric]
    assert evaluate(expression, {"requests": 4.0, "fallbacks": 1.0}) == 25
    assert evaluate(expression, {"requests": 4.0, "fallbacks": None}) == 0


def test_a_judge_that_fails_each_time_lights_its_alarm(
    resources: dict[str, dict[str, Any]],
) -> None:
    alarm = resources["JudgeAlarm"]["Properties"]
    (expression,) = [m["Expression"] for m in alarm["Metrics"] if "Expression" in m]
    assert evaluate(expression, {"runs": 1.0, "failed": None}) == alarm["Threshold"] == 1
    assert evaluate(expression, {"runs": 3.0, "failed": 3.0}) == 0
    assert evaluate(expression, {"runs": None, "failed": None}) is None
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    (rule,) = of_type(resources, "AWS::Events::Rule").values()
    assert rule["ScheduleExpression"] == "rate(1 minute)"


def shift(resources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    (group,) = of_type(resources, "AWS::CodeDeploy::DeploymentGroup").values()
    return group


def test_a_lit_alarm_of_the_live_version_does_not_stop_its_remedy(
    resources: dict[str, dict[str, Any]],
) -> None:
    """CodeDeploy watches the new version alone, by alarms that are new with each version; an alarm
    that it cannot read stops it (fault row 45)."""
    condition, *watched = shift(resources)["AlarmConfiguration"]["Fn::If"]
    assert condition == "StepByStep"
    step_by_step, at_once = ({a["Name"]["Ref"] for a in each["Alarms"]} for each in watched)
    assert (step_by_step, at_once) == (CANARY | {"JudgeAlarm"}, CANARY)
    assert all(each["Enabled"] for each in watched)
    assert not any(each.get("IgnorePollAlarmFailure", False) for each in watched)
    version = re.compile(r"-\$\{InferenceFunctionVersion\w+\.Version\}$")
    for name in CANARY:
        assert version.search(resources[name]["Properties"]["AlarmName"]["Fn::Sub"])


def named_in(part: Any) -> set[str]:
    """What a part of the template refers to."""
    if isinstance(part, list):
        return set().union(*map(named_in, part))
    if not isinstance(part, dict):
        return set()
    direct = {part["Ref"]} if "Ref" in part else set()
    if "Fn::GetAtt" in part:
        direct.add(part["Fn::GetAtt"][0])
    return direct.union(*map(named_in, part.values()))


def test_traffic_waits_until_the_judge_knows_the_new_version(
    resources: dict[str, dict[str, Any]],
) -> None:
    """Fault row 45: CloudFormation orders by references alone, and a judge of the release before
    judges nothing."""
    (alias,) = of_type(resources, "AWS::Lambda::Alias")
    before, seen = {alias}, set[str]()
    while before:
        seen |= before
        before = named_in([resources[name] for name in before if name in resources]) - seen
    assert {"CanaryFunction", "PreTrafficFunction"} <= seen


def test_every_metric_of_a_canary_alarm_is_of_the_new_version_alone(
    resources: dict[str, dict[str, Any]],
) -> None:
    number = {"ExecutedVersion": "AWS/Lambda", "lambda_version": "Lambent"}
    for name in CANARY:
        alarm = resources[name]["Properties"]
        stats = [m["MetricStat"]["Metric"] for m in alarm.get("Metrics", ()) if "MetricStat" in m]
        for metric in stats or [alarm]:
            by = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
            (dimension,) = by.keys() & number.keys()
            assert metric["Namespace"] == number[dimension]
            assert by[dimension]["Fn::GetAtt"][1] == "Version"


def test_alarms_of_the_live_version_call_the_guard_and_throttling_does_not(
    resources: dict[str, dict[str, Any]],
) -> None:
    """Another version would be throttled as well."""
    guard = {"Fn::GetAtt": ["GuardFunction", "Arn"]}
    calls = {
        name
        for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items()
        if isinstance(alarm["AlarmActions"], list) and guard in alarm["AlarmActions"]
    }
    assert calls == LIVE - {"ThrottleAlarm"}
    permission = resources["AlarmsCallGuard"]["Properties"]
    assert permission["Principal"] == "lambda.alarms.cloudwatch.amazonaws.com"
    assert "alarm:lambent-${ModelName}-*" in permission["SourceArn"]["Fn::Sub"]


def test_the_alias_moves_by_codedeploy_after_the_hook_unless_the_gate_is_off(
    expand_template: Expand,
) -> None:
    def policy(gate: str) -> dict[str, Any] | None:
        found = expand_template("template.yaml", Gate=gate)["Resources"]
        alias = next(r for r in found.values() if r["Type"] == "AWS::Lambda::Alias")
        moved: dict[str, Any] | None = alias.get("UpdatePolicy")
        return moved

    assert policy("false") is None
    moved = policy("true")
    assert moved is not None
    hook = moved["CodeDeployLambdaAliasUpdate"]["BeforeAllowTrafficHook"]
    assert hook == {"Ref": "PreTrafficFunction"}


def test_every_way_that_people_may_choose_for_traffic_is_one_that_codedeploy_has(
    load_template: Callable[[str], dict[str, Any]],
) -> None:
    """Compared with the names that the transform knows."""
    from samtranslator.model.preferences.deployment_preference_collection import (
        CODEDEPLOY_PREDEFINED_CONFIGURATIONS_LIST as KNOWN,
    )

    from infra.release.deploy.rules import TRAFFICS

    allowed = load_template("template.yaml")["Parameters"]["Traffic"]["AllowedValues"]
    assert list(TRAFFICS) == allowed
    assert set(allowed) == set(KNOWN)


OPERATIONS = ("PreTraffic", "Canary", "Guard")


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_stands_beside_a_model_may_touch_nothing_of_another(
    resources: dict[str, dict[str, Any]], name: str
) -> None:
    """Only what reads and cannot be narrowed is for every resource; the history is its own part."""
    (policy,) = resources[f"{name}Role"]["Properties"]["Policies"]
    statements = [s.get("Fn::If", [None, s])[1] for s in policy["PolicyDocument"]["Statement"]]
    for statement in statements:
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        assert not any("*" in action for action in actions)
        if statement["Resource"] == "*":
            reads = ("Get", "List", "Describe", "BatchGet")
            assert all(action.split(":")[1].startswith(reads) for action in actions), actions
    (history,) = (s for s in statements if s["Sid"] == "History")
    keys = history["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]
    assert keys == [{"Ref": "ModelName"}]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_stands_beside_a_model_has_its_own_role_and_logs(
    resources: dict[str, dict[str, Any]], name: str
) -> None:
    function = resources[f"{name}Function"]["Properties"]
    assert function["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    assert function["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Logs"}
    module, attribute = function["Handler"].rsplit(".", 1)
    assert attribute == "handler"
    assert Path(ROOT, *module.split(".")).with_suffix(".py").exists()


@pytest.fixture(scope="module")
def error_alarm(resources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return of_type(resources, "AWS::CloudWatch::Alarm")["ErrorAlarm"]


@pytest.mark.parametrize("trouble", ["crashes", "answers", "corrupt"])
def test_one_crash_5xx_or_corrupt_artifact_lights_the_alarm(
    error_alarm: dict[str, Any], trouble: str
) -> None:
    """Fault rows 5, 29 and 31; the other metrics may have no data at all."""
    nothing: dict[str, float | None] = {"crashes": None, "answers": None, "corrupt": None}
    (expression,) = [m["Expression"] for m in error_alarm["Metrics"] if "Expression" in m]
    assert evaluate(expression, nothing) == 0
    assert evaluate(expression, nothing | {trouble: 1.0}) == error_alarm["Threshold"] == 1
    assert error_alarm["EvaluationPeriods"] == 1


def test_the_error_alarm_watches_what_lambda_and_the_function_measure(
    error_alarm: dict[str, Any],
) -> None:
    service = {"service"}
    watched = {
        m["Id"]: (
            m["MetricStat"]["Metric"]["Namespace"],
            m["MetricStat"]["Metric"]["MetricName"],
            {d["Name"] for d in m["MetricStat"]["Metric"]["Dimensions"]},
        )
        for m in error_alarm["Metrics"]
        if "MetricStat" in m
    }
    assert watched == {
        "crashes": ("AWS/Lambda", "Errors", {"FunctionName", "Resource"}),
        "answers": ("Lambent", "Errors", service),
        "corrupt": ("Lambent", "ArtifactCorrupt", service),
    }


def test_the_names_of_the_alarms_are_those_that_status_asks_for(
    resources: dict[str, dict[str, Any]],
) -> None:
    from infra.release.deployed.status import ALARMS

    named = {
        alarm["AlarmName"]["Fn::Sub"]
        for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items()
        if name in LIVE
    }
    assert named == {f"lambent-${{ModelName}}-{alarm}" for alarm in ALARMS}


def test_the_dashboard_is_json(resources: dict[str, dict[str, Any]]) -> None:
    dashboard = of_type(resources, "AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]
    assert len(json.loads(dashboard["Fn::Sub"])["widgets"]) == 4


def test_every_log_group_forgets(resources: dict[str, dict[str, Any]]) -> None:
    for group in of_type(resources, "AWS::Logs::LogGroup").values():
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}
        assert "KmsKeyId" in group


def test_what_cannot_be_made_again_outlives_the_platform_stack(expand_template: Expand) -> None:
    platform = expand_template("infra/platform.yaml")["Resources"]
    for name in ("ArtifactKey", "ArtifactBucket", "HistoryTable"):
        assert platform[name]["DeletionPolicy"] == "Retain"
        assert platform[name]["UpdateReplacePolicy"] == "Retain"
