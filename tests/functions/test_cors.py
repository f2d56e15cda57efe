"""Browsers can read every answer, from the configured origins and from no others."""

import json

import pytest

from functions.inference.errors import ConfigurationError
from functions.inference.settings import Limits
from tests.functions.conftest import ORIGIN, OTHER_ORIGIN, Deployment, Function, rest_event


def broken_base64() -> dict:
    event = rest_event("POST", "/v1/predictions", "!", {"Origin": ORIGIN})
    event["isBase64Encoded"] = True
    return event


def post(body: str) -> dict:
    return rest_event("POST", "/v1/predictions", body, {"Origin": ORIGIN})


GOOD = json.dumps(
    {"instances": [{"island": "Dream", "bill_length_mm": 40, "flipper_length_mm": 190}]}
)
EVENTS = {
    200: post(GOOD),
    400: broken_base64(),
    404: rest_event("GET", "/nothing", headers={"Origin": ORIGIN}),
    405: rest_event("GET", "/v1/predictions", headers={"Origin": ORIGIN}),
    413: post('"' + "x" * Limits().body + '"'),
    415: rest_event("POST", "/v1/predictions", "x", {"Origin": ORIGIN, "Content-Type": "text/a"}),
    422: post("{}"),
}


@pytest.mark.parametrize("status", EVENTS)
def test_every_answer_can_be_read_by_a_listed_origin(function: Function, status: int) -> None:
    answer = function.send(EVENTS[status])
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["vary"] == "Origin"
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"Lambent-Model", "Lambent-Contract", "X-Request-Id", "Retry-After"} <= set(exposed)


def test_even_an_unexpected_error_can_be_read(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("functions.inference.attempt.encode", bug)
    answer = deployment.function().send(post(GOOD))
    assert answer.status == 500
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["content-type"] == "application/problem+json"


def test_even_a_503_can_be_read(deployment: Deployment) -> None:
    deployment.s3.objects.clear()
    answer = deployment.function(LAMBENT_STANDBY="").send(post(GOOD))
    assert answer.status == 503
    assert answer.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize("origin", [ORIGIN, OTHER_ORIGIN])
def test_each_of_several_origins_is_answered_with_itself(function: Function, origin: str) -> None:
    answer = function.get("/health/live", Origin=origin)
    assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example"])
def test_threat_api8_no_other_origin_is_let_in(function: Function, origin: str) -> None:
    answer = function.get("/health/live", Origin=origin)
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["vary"] == "Origin"


def test_answers_without_an_origin_still_vary_by_it(function: Function) -> None:
    assert function.get("/health/live").headers["vary"] == "Origin"


def preflight(origin: str, method: str = "POST", wanted: str = "content-type") -> dict:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": wanted,
    }
    return rest_event("OPTIONS", "/v1/predictions", headers=headers)


def test_a_preflight_is_answered(function: Function) -> None:
    wanted = "content-type,x-api-key,authorization,x-request-id"
    answer = function.send(preflight(OTHER_ORIGIN, wanted=wanted))
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == OTHER_ORIGIN
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert set(wanted.split(",")) <= set(allowed)
    assert int(answer.headers["access-control-max-age"]) > 0


def test_a_preflight_of_another_origin_or_method_is_refused(function: Function) -> None:
    stranger = function.send(preflight("https://evil.example"))
    assert stranger.status == 400
    assert "access-control-allow-origin" not in stranger.headers
    assert function.send(preflight(ORIGIN, method="DELETE")).status == 400


def test_threat_api8_a_wildcard_is_refused_at_start(deployment: Deployment) -> None:
    with pytest.raises(ConfigurationError, match="wildcard"):
        deployment.handler(LAMBENT_CORS_ORIGINS="https://a.example,*")


def test_without_origins_no_browser_of_elsewhere_is_let_in(deployment: Deployment) -> None:
    answer = deployment.function(LAMBENT_CORS_ORIGINS="").get("/health/live", Origin=ORIGIN)
    assert "access-control-allow-origin" not in answer.headers
