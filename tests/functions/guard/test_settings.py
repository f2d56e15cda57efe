"""What template.yaml tells the guard."""

import pytest

from functions.guard.settings import Settings, read_settings
from functions.operations.environment import NotConfigured

ENV = {
    "LAMBENT_MODEL": "iris",
    "LAMBENT_FUNCTION": "lambent-iris",
    "LAMBENT_HISTORY": "history",
    "LAMBENT_GUARD_HOURS": "24",
    "LAMBENT_ALARM_TOPIC": "",
}


def test_the_environment_is_read() -> None:
    assert read_settings(ENV) == Settings("iris", "lambent-iris", "history", 24.0)


@pytest.mark.parametrize("name", sorted(ENV.keys() - {"LAMBENT_ALARM_TOPIC"}))
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(NotConfigured, match=f"{name}: is not set"):
        read_settings({k: v for k, v in ENV.items() if k != name})


def test_hours_must_be_a_number() -> None:
    with pytest.raises(NotConfigured, match="LAMBENT_GUARD_HOURS: is 'a day'"):
        read_settings(ENV | {"LAMBENT_GUARD_HOURS": "a day"})
