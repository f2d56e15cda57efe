"""The answer to an event that is no request."""

import json
from typing import Any

import pytest

from functions.inference.last_resort import refuse_unreadable

LISTED = "https://shop.example"
IDENTITY = {"lambent-model": "penguins@1", "lambent-contract": "unknown"}


def refuse(**event: Any) -> dict[str, Any]:
    return refuse_unreadable(event, [LISTED, "https://intranet.example"], IDENTITY)


@pytest.mark.parametrize("event", [{}, {"headers": None, "requestContext": None}, {"headers": {}}])
def test_any_event_is_a_problem_with_status_400(event: dict[str, Any]) -> None:
    answer = refuse(**event)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (400, False)
    assert answer["headers"] == {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": "",
        **IDENTITY,
    }
    assert json.loads(answer["body"])["type"] == "urn:lambent:problem:unreadable-request"


def test_the_answer_names_the_request_by_the_gateways_id() -> None:
    answer = refuse(requestContext={"requestId": "c6af9ac6"})
    assert json.loads(answer["body"])["instance"] == "c6af9ac6"
    assert answer["headers"]["x-request-id"] == "c6af9ac6"


@pytest.mark.parametrize("name", ["Origin", "origin", "ORIGIN"])
def test_a_browser_of_a_listed_site_may_read_it(name: str) -> None:
    headers = refuse(headers={"Host": "a:b:c", name: LISTED})["headers"]
    assert headers["access-control-allow-origin"] == LISTED
    assert headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", f"{LISTED}.evil.example"])
def test_threat_api8_a_browser_of_another_site_may_not(origin: str) -> None:
    assert "access-control-allow-origin" not in refuse(headers={"Origin": origin})["headers"]


def test_nothing_of_the_event_is_repeated_but_a_listed_origin() -> None:
    canary = "canary-93aa"
    answer = refuse(body=canary, path=f"/{canary}", headers={"Host": canary, "Origin": canary})
    assert canary not in json.dumps(answer)
