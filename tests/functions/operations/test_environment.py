"""What template.yaml tells the functions beside a model, and what they say where it does not."""

import pytest

from functions.operations.environment import Environment, NotConfigured


def test_what_is_missing_or_empty_is_named_with_the_next_step() -> None:
    for env in (Environment({}), Environment({"LAMBENT_MODEL": ""})):
        with pytest.raises(NotConfigured, match=r"LAMBENT_MODEL: is not set.*`lambent deploy`"):
            env.text("MODEL")


@pytest.mark.parametrize("text", ["many", "nan", "0", "-5", "60"])
def test_a_number_that_means_nothing_is_refused(text: str) -> None:
    env = Environment({"LAMBENT_TOLERANCE_PERCENT": text})
    with pytest.raises(NotConfigured, match=f"is {text!r}.*from 1 to 50"):
        env.share("TOLERANCE_PERCENT", most=50)


def test_names_are_joined_by_commas_and_may_be_none() -> None:
    env = Environment({"LAMBENT_ALARMS": "one,two", "LAMBENT_NONE": ""})
    assert env.names("ALARMS") == ("one", "two")
    assert env.names("NONE") == env.names("MISSING") == ()
