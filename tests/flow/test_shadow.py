"""Live requests are copied to a version that is not live, and its callers notice nothing."""

import time
from typing import Any

import pytest

from tests.flow.conftest import Api, Shell


@pytest.fixture(scope="module", autouse=True)
def released(shell: Shell, penguins: Api) -> None:
    """What is in $LATEST is what is live, whatever other tests have done to it."""
    shell.lambent("deploy", "penguins@2", "--again")


def compared(shell: Shell, api: Api, penguin: dict[str, Any], least: int) -> dict[str, Any]:
    """The report, once so many predictions were compared; asks until then. A shadow that starts
    while the machine is busy answers the first ones too late."""
    until = time.monotonic() + 120
    while True:
        assert api.version(penguin) == "2"
        report = shell.lambent("shadow", "penguins", "--json").document
        if report["predictions"] >= least:
            return report
        assert time.monotonic() < until, report


@pytest.mark.usefixtures("two_after_one")
def test_two_versions_are_compared_on_live_requests_until_it_is_switched_off(
    shell: Shell, penguins: Api, client: Any, penguin: dict[str, Any]
) -> None:
    draft = client("lambda").get_function_configuration(FunctionName="lambent-penguins")
    on = shell.lambent("shadow", "penguins@1", "--percent", "100", "--why", "a try", "--json")
    assert on.document["outcome"] == "on"
    after = client("lambda").get_function_configuration(FunctionName="lambent-penguins")
    assert after["Environment"] == draft["Environment"]

    report = compared(shell, penguins, penguin | {"bill_length_mm": 46.51873}, least=3)
    assert report["shadow"]["version"] == "1"
    assert report["live"] == on.document["to"]
    assert report["disagreements"] == report["predictions"]  # version 1 knows the body alone,
    assert report["shadow_abstentions"] == report["predictions"]  # and is not sure enough of it
    assert report["live_abstentions"] == 0
    assert report["disagreement"]["share"] == 1
    assert 0 < report["disagreement"]["low"] < 1
    assert report["shadow_latency_ms"]["p95"] > 0
    events = client("logs").filter_log_events(logGroupName="/aws/lambda/lambent-penguins")["events"]
    assert not any("46.51873" in event["message"] for event in events)

    told = shell.lambent("status", "penguins").out
    assert "100 % of the requests are copied to penguins@1" in told
    assert "a try" in told
    off = shell.lambent("shadow", "penguins", "off", "--json").document
    assert off["to"] == on.document["from"]
    assert penguins.version(penguin) == "2"
    assert "are copied" not in shell.lambent("status", "penguins").out
    ended = shell.lambent("shadow", "penguins", "--json").document
    assert (ended["on"], ended["predictions"] >= 3) == (False, True)


@pytest.mark.usefixtures("two_after_one")
def test_a_rollback_ends_it_and_never_leads_to_a_shadow(
    shell: Shell, penguins: Api, penguin: dict[str, Any]
) -> None:
    shell.lambent("shadow", "penguins@1")
    assert "is what is live" in shell.refused("shadow", "penguins@2")
    back = shell.lambent("rollback", "penguins", "--json").document
    assert (back["ends_shadow"], back["to"]["version"]) == (True, "1")
    assert penguins.version(penguin) == "1"
    assert "nothing is copied" in shell.lambent("shadow", "penguins", "off").out
