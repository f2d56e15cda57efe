"""The choices of people and how template.yaml spells them."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.errors import Refused
from infra.release.parameters import Choices, defaults
from infra.release.rules import check_choices

Load = Callable[[str], dict[str, Any]]


def test_choices_survive_the_way_through_samconfig() -> None:
    chosen = Choices(
        memory=512,
        snapstart=True,
        tracing=True,
        api_key_required=False,
        cors_origins=("https://a.example", "https://b.example"),
    )
    assert Choices.from_parameters(chosen.as_parameters(), Choices()) == chosen


def test_every_choice_is_a_parameter_of_the_template_with_the_same_default(
    load_template: Load,
) -> None:
    parameters = load_template("template.yaml")["Parameters"]
    for name, value in Choices().as_parameters().items():
        assert str(parameters[name]["Default"]) == value, name


def test_the_embedded_aws_runs_the_interpreter_and_machine_at_hand(load_template: Load) -> None:
    allowed = load_template("template.yaml")["Parameters"]
    local = defaults(local=True)
    assert local.architecture in allowed["Architecture"]["AllowedValues"]
    assert local.runtime.startswith("python3.")
    assert defaults(local=False) == Choices()


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        (Choices(snapstart=True, runtime="python3.11"), "SnapStart"),
        (Choices(runtime="python3.11"), "too old"),
        (Choices(cors_origins=("*",)), r"\*"),
        (Choices(cors_origins=("https://*.example",)), r"\*"),
        (Choices(throttle_rate=100, throttle_burst=10), "burst"),
    ],
)
def test_what_cannot_work_is_refused_although_sam_takes_it(choices: Choices, reason: str) -> None:
    """Threat API8 for CORS: never *."""
    with pytest.raises(Refused, match=reason):
        check_choices(choices, local=False)


def test_python_3_11_is_fine_in_the_embedded_aws() -> None:
    check_choices(Choices(runtime="python3.11"), local=True)


def test_snapstart_excludes_provisioned_concurrency(load_template: Load) -> None:
    """sam accepts both on one function; AWS does not."""
    function = load_template("template.yaml")["Resources"]["InferenceFunction"]["Properties"]
    assert "SnapStart" in function
    assert "ProvisionedConcurrencyConfig" not in function
