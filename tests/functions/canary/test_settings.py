"""What the judge needs to know, and what it says when it does not."""

import pytest

from functions.canary.errors import JudgeNotConfigured
from functions.canary.settings import Settings, read_settings

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
    assert read_settings(ENVIRONMENT) == Settings(
        model="iris",
        function="lambent-iris",
        history="history",
        candidate="8",
        version="2",
        digest="b" * 64,
        latency_ms=2000,
        tolerance=0.05,
        churn=0.3,
        alarms=("one", "two"),
        topic="",
    )


@pytest.mark.parametrize("name", [name for name in ENVIRONMENT if "ALARM" not in name])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(JudgeNotConfigured, match=f"{name}: is not set"):
        read_settings(ENVIRONMENT | {name: ""})


@pytest.mark.parametrize("text", ["many", "nan", "0", "-5", "60"])
def test_a_tolerance_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(JudgeNotConfigured, match="LAMBENT_TOLERANCE_PERCENT"):
        read_settings(ENVIRONMENT | {"LAMBENT_TOLERANCE_PERCENT": text})
