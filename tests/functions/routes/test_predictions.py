"""POST /v1/predictions, through raw gateway events into the real handler."""

import base64
import json

import pytest

from tests.functions.conftest import Deployment, Function, metrics, publish, rest_event
from tests.functions.models import contract


def test_one_instance_is_answered_by_the_model(function: Function, penguin: dict) -> None:
    answer = function.predict(penguin)
    assert answer.status == 200
    assert answer.body["predictions"] == [
        {
            "decision": "model",
            "value": "Gentoo",
            "confidence": 0.7,
            "prediction_set": None,
            "interval": None,
            "probabilities": None,
            "doubts": [],
            "needs_review": False,
            "flags": [],
        }
    ]


def test_many_instances_are_answered_in_order_with_one_prediction_each(
    function: Function, penguin: dict
) -> None:
    answer = function.predict(*[penguin] * 250)
    assert len(answer.body["predictions"]) == 250


def test_threat_ml09_every_answer_names_model_version_contract_and_request(
    function: Function, deployment: Deployment, penguin: dict
) -> None:
    manifest = deployment.published.manifest
    answers = [
        function.predict(penguin),
        function.predict({}),
        function.get("/v1/model"),
        function.get("/nowhere"),
        function.get("/health/live"),
        function.send(rest_event("OPTIONS", "/v1/predictions")),
    ]
    for answer in answers:
        assert answer.headers["lambent-model"] == "penguins@1"
        assert answer.headers["lambent-contract"] == f"1.0+{manifest.contract.digest[:12]}"
        assert answer.headers["x-request-id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    assert answers[0].body["model"] == {
        "name": "penguins",
        "version": "1",
        "digest": manifest.digest,
        "contract": {"version": "1.0", "digest": manifest.contract.digest},
    }
    assert answers[0].body["request_id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


def test_fault_row_32_the_answer_names_the_version_this_function_is_pinned_to(
    deployment: Deployment, penguin: dict
) -> None:
    """An alias that moves mid-request starts another function version; this one stays itself."""
    old = deployment.function()
    newer = publish(version="2")
    newer.put(deployment.s3)
    deployment.published = newer
    new = deployment.function()
    assert old.predict(penguin).body["model"]["version"] == "1"
    assert new.predict(penguin).body["model"]["version"] == "2"
    assert old.predict(penguin).headers["lambent-model"] == "penguins@1"


def test_a_request_id_is_taken_from_the_caller_only_if_it_is_a_uuid(function: Function) -> None:
    sent = "11111111-2222-4333-8444-555555555555"
    assert function.get("/health/live", **{"X-Request-Id": sent}).headers["x-request-id"] == sent
    other = function.get("/health/live", **{"X-Request-Id": "Jane Doe"})
    assert other.headers["x-request-id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


def test_http_api_v2_events_are_answered_with_the_stage_taken_off_the_path(
    function: Function, penguin: dict
) -> None:
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/live/v1/predictions",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example"},
        "requestContext": {
            "stage": "live",
            "requestId": "JKJaXmPLvHcESHA=",
            "http": {"method": "POST", "path": "/live/v1/predictions", "sourceIp": "127.0.0.1"},
        },
        "body": base64.b64encode(json.dumps({"instances": [penguin]}).encode()).decode(),
        "isBase64Encoded": True,
    }
    answer = function.send(event)
    assert answer.status == 200
    assert answer.body["request_id"] == "JKJaXmPLvHcESHA="


def test_the_base_path_of_a_custom_domain_is_taken_off(function: Function, penguin: dict) -> None:
    event = rest_event("POST", "/v1/predictions", json.dumps({"instances": [penguin]}))
    event["path"] = "/penguins/v1/predictions"
    assert function.send(event).status == 200


def test_a_route_that_the_gateway_names_itself_is_found(function: Function) -> None:
    event = rest_event("GET", "/penguins/health/ready")
    event |= {"resource": "/health/{check}", "pathParameters": {"check": "ready"}}
    assert function.send(event).status == 200
    event |= {"path": "/openapi.json", "resource": "/openapi.json", "pathParameters": None}
    assert function.send(event).status == 200


@pytest.mark.parametrize(
    ("policy", "value", "status", "decision"),
    [
        ("reject", 99, 422, None),
        ("flag", 99, 200, "model"),
        ("fallback", 99, 200, "fallback"),
        ("fallback", 50, 200, "model"),
    ],
)
def test_fault_row_22_an_out_of_range_value_is_treated_as_the_contract_says(
    deployment: Deployment,
    penguin: dict,
    policy: str,
    value: float,
    status: int,
    decision: str | None,
) -> None:
    deployment.published = publish(contract=contract(bill=policy))
    deployment.published.put(deployment.s3)
    answer = deployment.function().predict(penguin | {"bill_length_mm": value})
    assert answer.status == status
    if decision:
        assert answer.body["predictions"][0]["decision"] == decision


@pytest.mark.parametrize(
    ("policy", "decision"), [("flag", "model"), ("fallback", "fallback"), ("reject", None)]
)
def test_fault_row_22_an_unseen_category_is_treated_as_the_contract_says(
    deployment: Deployment, penguin: dict, policy: str, decision: str | None
) -> None:
    deployment.published = publish(contract=contract(island=policy))
    deployment.published.put(deployment.s3)
    answer = deployment.function().predict(penguin | {"island": "Atlantis"}, penguin)
    if decision is None:
        assert answer.status == 422
        return
    odd, ordinary = answer.body["predictions"]
    assert odd["decision"] == decision
    assert odd["flags"] == [{"feature": "island", "reason": "unseen_category", "action": policy}]
    assert ordinary["decision"] == "model"


def test_fallbacks_by_contract_are_counted(
    deployment: Deployment, penguin: dict, capsys: pytest.CaptureFixture
) -> None:
    deployment.published = publish(contract=contract(island="fallback"))
    deployment.published.put(deployment.s3)
    deployment.function().predict(penguin | {"island": "Atlantis"}, penguin)
    counted = metrics(capsys.readouterr().out)
    assert (counted["Predictions"], counted["Fallbacks"]) == (2, 1)
