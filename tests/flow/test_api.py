"""The deployed API through the gateway: who may call, from where, and what it says of itself."""

from typing import Any

import urllib3

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
    page = urllib3.request("GET", f"{penguins.url}/docs", timeout=60)
    assert (page.status, b"openapi.json" in page.data) == (200, True)


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
