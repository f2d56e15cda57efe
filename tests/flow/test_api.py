"""The deployed API through the gateway: who may call, from where, and what it says of itself."""

from dataclasses import replace
from typing import Any

import pytest
import urllib3
from jsonschema import Draft202012Validator

from tests.flow.conftest import SITE, Api, Shell


def test_without_a_key_nothing_is_predicted_and_a_browser_may_read_why(
    penguins: Api, penguin: dict[str, Any]
) -> None:
    """Threat API2; CORS on the gateway's own errors."""
    status, _, headers = penguins.request(
        "POST", "/v1/predictions", {"instances": [penguin]}, key=False, origin=SITE
    )
    assert status == 403
    assert headers["access-control-allow-origin"] == SITE


@pytest.fixture(scope="module")
def problems(penguins: Api) -> Draft202012Validator:
    """What the API's own document says of its errors."""
    _, document, _ = penguins.request("GET", "/openapi.json", key=False)
    schema = {"$ref": "#/components/schemas/ProblemDetails", "components": document["components"]}
    return Draft202012Validator(schema)


def assert_problem(problems: Draft202012Validator, status: int, answer: Any) -> None:
    answered, body, headers = answer
    problems.validate(body)
    assert (answered, body["status"]) == (status, status)
    assert body["type"].startswith("urn:lambent:problem:gateway:")
    assert body["instance"] == headers["x-amzn-requestid"]
    assert headers["content-type"] == "application/problem+json"
    assert headers["lambent-model"] == "penguins"
    assert ("retry-after" in headers) == (status == 429 or status >= 500)


@pytest.mark.parametrize(
    ("status", "method", "path", "body", "key"),
    [
        (403, "GET", "/v1/model", None, False),
        (404, "GET", "/", None, True),
        (404, "DELETE", "/docs", None, False),
        (413, "POST", "/v1/predictions", "x" * (10 << 20), True),
    ],
)
def test_what_the_gateway_refuses_is_a_problem_as_the_api_documents_it(
    penguins: Api,
    problems: Draft202012Validator,
    status: int,
    method: str,
    path: str,
    body: Any,
    key: bool,
) -> None:
    assert_problem(problems, status, penguins.request(method, path, body, key=key))


@pytest.mark.parametrize(
    "limit",
    [
        {"throttle": {"rateLimit": 0.001, "burstLimit": 1}},
        {"quota": {"limit": 1, "period": "DAY"}},
    ],
)
def test_whoever_asks_too_often_is_told_so_in_the_same_form(
    penguins: Api, problems: Draft202012Validator, client: Any, limit: dict[str, Any]
) -> None:
    """Fault row 34, threat API4."""
    gateway = client("apigateway")
    stage = {"apiId": penguins.url.split("/")[-2], "stage": "live"}
    plan = gateway.create_usage_plan(name="once", apiStages=[stage], **limit)["id"]
    key = gateway.create_api_key(name="once", enabled=True)
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    once = replace(penguins, key=key["value"])
    assert once.request("GET", "/v1/model")[0] == 200
    assert_problem(problems, 429, once.request("GET", "/v1/model"))


def test_a_function_that_may_not_run_is_a_problem_too(
    penguins: Api, problems: Draft202012Validator, client: Any
) -> None:
    functions, name = client("lambda"), "lambent-penguins"
    before = functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        assert_problem(problems, 500, penguins.request("GET", "/v1/model"))
    finally:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=before)


def test_a_browser_of_the_listed_site_may_call(penguins: Api, penguin: dict[str, Any]) -> None:
    status, _, headers = _preflight(penguins, SITE)
    assert status in {200, 204}
    assert headers["access-control-allow-origin"] == SITE
    status, _, headers = penguins.ask([penguin], origin=SITE)
    assert (status, headers["access-control-allow-origin"]) == (200, SITE)


def test_a_browser_of_another_site_may_not(penguins: Api) -> None:
    """Threat API8."""
    _, _, headers = _preflight(penguins, "https://elsewhere.example")
    assert "access-control-allow-origin" not in headers


def _preflight(api: Api, origin: str) -> tuple[int, Any, urllib3.HTTPHeaderDict]:
    answer = urllib3.request(
        "OPTIONS",
        f"{api.url}/v1/predictions",
        headers={
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,x-api-key",
        },
        timeout=60,
    )
    return answer.status, answer.data, answer.headers


def test_the_card_the_health_and_the_documentation_are_served(penguins: Api) -> None:
    assert penguins.request("GET", "/v1/model")[1]["model"]["name"] == "penguins"
    assert penguins.request("GET", "/health/live", key=False)[0] == 200
    assert penguins.request("GET", "/health/ready", key=False)[0] == 200
    assert "/v1/predictions" in penguins.request("GET", "/openapi.json", key=False)[1]["paths"]


def test_the_documentation_is_served_but_not_to_a_flood(
    penguins: Api, penguin: dict[str, Any], problems: Draft202012Validator
) -> None:
    """Threat API4: a long answer that needs no key has a low rate of its own."""
    answers = [documentation(penguins)]
    while answers[-1].status == 200 and len(answers) < 100:
        answers.append(documentation(penguins))
    assert b"openapi.json" in answers[0].data
    refused = answers[-1]
    assert refused.status == 429
    assert_problem(problems, 429, (refused.status, refused.json(), refused.headers))
    assert penguins.ask([penguin])[0] == 200


def documentation(api: Api) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", f"{api.url}/docs", timeout=60, retries=False)


def test_the_open_inference_protocol_is_served(penguins: Api) -> None:
    status, body, _ = penguins.request("GET", "/v2/models/penguins")
    assert status == 200
    assert "island" in {tensor["name"] for tensor in body["inputs"]}


def test_metrics_of_the_model_arrive_in_cloudwatch(
    penguins: Api, client: Any, penguin: dict[str, Any]
) -> None:
    penguins.ask([penguin])
    names = {
        m["MetricName"] for m in client("cloudwatch").list_metrics(Namespace="Lambent")["Metrics"]
    }
    assert {"Predictions", "Latency"} <= names


def test_no_alarm_is_lit_while_all_is_well(shell: Shell, penguins: Api) -> None:
    assert shell.lambent("status", "penguins", "--json").document["alarms"] == []
