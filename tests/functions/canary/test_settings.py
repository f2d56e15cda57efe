"""What the judge needs to know, and what it says when it does not."""

from dataclasses import replace

import pytest

from functions.canary.settings import read_settings
from functions.operations.environment import NotConfigured
from tests.functions.canary.cloud import SETTINGS

ENVIRONMENT = {
    "LAMBENT_MODEL": "iris",
    "LAMBENT_FUNCTION": "lambent-iris",
    "LAMBENT_HISTORY": "history",
    "LAMBENT_CANDIDATE": "8",
    "LAMBENT_VERSION": "2",
    "LAMBENT_DIGEST": "b" * 64,
    "LAMBENT_LATENCY_MS": "2000",
    "LAMBENT_TOLERANCE_PERCENT": "5",
    "LAMBENT_CHURN_PERCENT": "30",
    "LAMBENT_CANARY_ALARMS": "one,two",
    "LAMBENT_ALARM_TOPIC": "",
}


def test_the_environment_of_the_template_is_understood() -> None:
    assert read_settings(ENVIRONMENT) == replace(SETTINGS, alarms=("one", "two"), topic="")


@pytest.mark.parametrize("name", [name for name in ENVIRONMENT if "ALARM" not in name])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(NotConfigured, match=f"{name}: is not set"):
        read_settings(ENVIRONMENT | {name: ""})
