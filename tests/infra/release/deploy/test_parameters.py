"""The choices of people and how template.yaml spells them."""

from collections.abc import Callable
from typing import Any

from infra.release.deploy.parameters import Choices, defaults

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


def test_snapstart_excludes_provisioned_concurrency(load_template: Load) -> None:
    """sam accepts both on one function; AWS does not."""
    function = load_template("template.yaml")["Resources"]["InferenceFunction"]["Properties"]
    assert "SnapStart" in function
    assert "ProvisionedConcurrencyConfig" not in function
