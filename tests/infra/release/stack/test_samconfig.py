"""samconfig.toml is a file of people: what they wrote in it stays."""

import tomllib
from pathlib import Path

import pytest

from infra.errors import ToolFailed
from infra.release.stack.samconfig import SamConfig

PARAMETERS = {"ModelName": "scaled", "Architecture": "x86_64", "Runtime": "python3.12"}


@pytest.fixture
def config(tmp_path: Path) -> SamConfig:
    return SamConfig(tmp_path / "folder/samconfig.toml")


def test_what_is_written_is_read_again(config: SamConfig) -> None:
    config.write("scaled", PARAMETERS, "eu-central-1")
    assert config.parameters("scaled") == PARAMETERS
    assert config.parameters("other") == {}


def test_a_plain_sam_build_is_for_the_same_machine(config: SamConfig) -> None:
    """`sam build && sam deploy --config-env NAME`: the first command names no environment."""
    config.write("scaled", PARAMETERS, None)
    document = tomllib.loads(config.path.read_text())
    target = {"Architecture": "x86_64", "Runtime": "python3.12"}
    for environment in ("default", "scaled"):
        assert document[environment]["build"]["parameters"]["parameter_overrides"] == target


def test_models_that_are_built_for_another_machine_are_named(config: SamConfig) -> None:
    """Plain `sam build` knows one target: that of the model deployed last."""
    config.write("same", PARAMETERS, None)
    config.write("other", PARAMETERS | {"Architecture": "arm64"}, None)
    assert config.built_otherwise("scaled", PARAMETERS) == ("other",)
    assert config.built_otherwise("other", PARAMETERS) == ()


def test_deploying_asks_nothing_and_knows_its_region(config: SamConfig) -> None:
    config.write("scaled", PARAMETERS, "eu-central-1")
    deploy = tomllib.loads(config.path.read_text())["scaled"]["deploy"]["parameters"]
    assert deploy["stack_name"] == "lambent-scaled"
    assert (deploy["region"], deploy["confirm_changeset"]) == ("eu-central-1", False)
    assert deploy["fail_on_empty_changeset"] is False


def test_other_environments_and_comments_stay(config: SamConfig) -> None:
    config.path.parent.mkdir()
    config.path.write_text('# ours\nversion = 0.1\n[mine.deploy.parameters]\nprofile = "x" # why\n')
    config.write("scaled", PARAMETERS, None)
    config.write("other", PARAMETERS, None)
    text = config.path.read_text()
    assert "# ours" in text
    assert 'profile = "x" # why' in text
    assert config.parameters("scaled") == PARAMETERS


def test_a_file_that_is_no_toml_is_named(config: SamConfig) -> None:
    config.path.parent.mkdir()
    config.path.write_text("[")
    with pytest.raises(ToolFailed, match=r"samconfig\.toml"):
        config.parameters("scaled")


def test_the_file_in_the_repository_builds_for_the_defaults_of_the_template() -> None:
    from infra.release.deploy.parameters import Choices

    document = tomllib.loads((Path(__file__).parents[4] / "samconfig.toml").read_text())
    target = document["default"]["build"]["parameters"]["parameter_overrides"]
    assert target == {k: Choices().as_parameters()[k] for k in ("Architecture", "Runtime")}
