"""Bodies that must be refused: with which status, and without repeating what was sent."""

import base64
import json
from typing import Any

import pytest

from functions.inference.settings import Limits
from tests.functions.conftest import Deployment, Function, rest_event

CANARY = "canary-7f3a"


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["type"] == f"urn:lambent:problem:{slug}"
    assert answer.body["status"] == status
    assert answer.body["title"]
    assert answer.body["detail"]
    assert answer.body["instance"] == answer.headers["x-request-id"]
    return answer.body


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"flipper_length_mm": None}, "/instances/0/flipper_length_mm", "missing"),
        ({"flipper_length_mm": "211"}, "/instances/0/flipper_length_mm", "wrong_type"),
        ({"flipper_length_mm": True}, "/instances/0/flipper_length_mm", "wrong_type"),
        ({"island": 3}, "/instances/0/island", "wrong_type"),
        ({"wing_count": 2}, "/instances/0/wing_count", "unknown_field"),
        ({"bill_length_mm": 10**30}, "/instances/0/bill_length_mm", None),
        ({"sex": "\ud800"}, "/instances/0/sex", None),
    ],
)
def test_fault_row_16_a_bad_feature_is_named_and_its_value_is_not_repeated(
    function: Function, penguin: dict, change: dict, pointer: str, code: str | None
) -> None:
    found = problem(function.predict(penguin | change), 422, "invalid-request")
    (error,) = found["errors"]
    assert error["pointer"] == pointer
    assert error["message"]
    assert code in (None, error["code"])


def test_fault_row_16_every_bad_row_is_reported_and_no_value_is(
    function: Function, penguin: dict
) -> None:
    answer = function.predict(
        penguin, penguin | {"island": CANARY}, CANARY, penguin | {CANARY: CANARY}
    )
    found = problem(answer, 422, "invalid-request")
    assert [error["pointer"].split("/")[2] for error in found["errors"]] == ["1", "2", "3"]
    assert CANARY not in answer.text
    assert CANARY not in str(answer.headers)


def test_a_flood_of_violations_is_cut_short(function: Function) -> None:
    found = problem(function.predict(*[{}] * 900), 422, "invalid-request")
    assert len(found["errors"]) <= 100


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_fault_row_17_a_number_that_is_not_finite_is_a_422_that_names_the_field(
    function: Function, penguin: dict, number: str
) -> None:
    text = json.dumps({"instances": [penguin]}).replace("46.1", number)
    found = problem(function.post("/v1/predictions", text), 422, "invalid-request")
    assert found["errors"][0]["pointer"] == "/instances/0/bill_length_mm"


@pytest.mark.parametrize(
    "body",
    [
        '{"instances": [], "instances": []}',
        '{"instances": [{"sex": "male", "sex": "female"}]}',
    ],
)
def test_fault_row_18_a_field_named_twice_is_refused(function: Function, body: str) -> None:
    problem(function.post("/v1/predictions", body), 400, "invalid-json")


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"instances":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"instances": [{"flipper_length_mm": ' + "9" * 5000 + "}]}",
        '{"instances": [{"flipper_length_mm": -' + "9" * 400 + "}]}",
    ],
    ids=["open", "lists", "objects", "integer", "overflowing"],
)
def test_fault_row_19_absurd_depth_and_absurd_integers_are_refused(
    function: Function, body: str
) -> None:
    problem(function.post("/v1/predictions", body), 400, "invalid-json")


@pytest.mark.parametrize("body", ["not base64!", "a", "YQ=", "\u00e9"])
def test_fault_row_20_a_body_that_is_not_the_base64_it_claims_is_refused(
    function: Function, body: str
) -> None:
    event = rest_event("POST", "/v1/predictions", body)
    event["isBase64Encoded"] = True
    problem(function.send(event), 400, "invalid-base64")


def test_bytes_that_are_not_utf8_are_refused(function: Function) -> None:
    event = rest_event("POST", "/v1/predictions", base64.b64encode(b'{"a": "\xff"}').decode())
    event["isBase64Encoded"] = True
    problem(function.send(event), 400, "invalid-json")


@pytest.mark.parametrize("body", ["", "{", "{]", '{"instances": [}', "\ufeff{}"])
def test_what_is_not_json_is_refused(function: Function, body: str) -> None:
    problem(function.post("/v1/predictions", body), 400, "invalid-json")


@pytest.mark.parametrize(
    "document",
    [[], 1, '"x"', None, {}, {"instances": {}}, {"instances": []}, {"instances": [], "x": 1}],
)
def test_json_without_a_list_of_instances_is_refused(function: Function, document: Any) -> None:
    problem(function.post("/v1/predictions", document), 422, "invalid-request")


def test_threat_api4_fault_row_21_a_body_over_the_limit_is_a_413(function: Function) -> None:
    body = '{"instances": "' + "x" * Limits().body + '"}'
    problem(function.post("/v1/predictions", body), 413, "body-too-large")


def test_threat_api4_fault_row_21_a_batch_over_the_limit_is_a_413_before_inference(
    function: Function, penguin: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.inference.attempt.encode", None)
    problem(function.predict(*[penguin] * (Limits().rows + 1)), 413, "too-many-rows")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "multipart/form-data"])
def test_another_content_type_than_json_is_a_415(
    function: Function, penguin: dict, media_type: str
) -> None:
    event = rest_event(
        "POST",
        "/v1/predictions",
        json.dumps({"instances": [penguin]}),
        {"Content-Type": media_type},
    )
    problem(function.send(event), 415, "unsupported-media-type")


def test_json_with_a_charset_is_read(function: Function, penguin: dict) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = json.dumps({"instances": [penguin]})
    assert function.send(rest_event("POST", "/v1/predictions", body, headers)).status == 200


def test_unknown_routes_and_methods_are_problems_too(function: Function) -> None:
    problem(function.get("/v1/nothing"), 404, "not-found")
    answer = function.get("/v1/predictions")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


def test_a_bug_is_a_500_that_tells_nothing(
    deployment: Deployment, penguin: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr("functions.inference.attempt.encode", bug)
    answer = deployment.function().predict(penguin)
    problem(answer, 500, "internal-error")
    assert CANARY not in answer.text
