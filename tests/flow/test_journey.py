"""train → package → publish → deploy → predict → deploy again → roll back, as users do it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flow.conftest import ROOT, SITE, Api, Shell, find_api

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.usefixtures("two_after_one")
def test_rollback_changes_the_very_next_response(
    shell: Shell, penguins: Api, penguin: dict[str, Any]
) -> None:
    assert penguins.version(penguin) == "2"
    outcome = shell.lambent("rollback", "penguins", "--why", "a test", "--json").document
    assert outcome["outcome"] == "rolled back"
    assert penguins.version(penguin) == "1"


def test_fault_row_43_rollback_works_while_s3_is_down(
    shell: Shell, penguins: Api, go_live: Callable[[str], None], penguin: dict[str, Any]
) -> None:
    go_live("2")
    shell.lambent("rollback", "penguins", "--to", "1", AWS_ENDPOINT_URL_S3=NOWHERE)
    assert penguins.version(penguin) == "1"


@pytest.mark.usefixtures("two_after_one")
def test_a_dry_run_moves_nothing(shell: Shell, penguins: Api, penguin: dict[str, Any]) -> None:
    planned = shell.lambent("rollback", "penguins", "--dry-run", "--json").document
    assert (planned["outcome"], planned["to"]["version"]) == ("planned", "1")
    assert penguins.version(penguin) == "2"


@pytest.mark.usefixtures("two_after_one")
@pytest.mark.parametrize("command", ["status", "history", "logs", "rollback --dry-run"])
def test_an_operator_waits_for_nothing_that_only_packaging_needs(
    shell: Shell, command: str
) -> None:
    told = shell.lambent(*command.split(), "penguins", PYTHONPROFILEIMPORTTIME="1").err
    loaded = {line.rpartition("|")[2].strip() for line in told.splitlines()}
    assert "botocore.client" in loaded
    assert not loaded & {"pydantic", "numpy"}


def test_fault_row_42_a_missing_target_is_refused_and_the_alias_stays(
    shell: Shell, penguins: Api, penguin: dict[str, Any]
) -> None:
    before = penguins.version(penguin)
    assert "77" in shell.refused("rollback", "penguins", "--to", "77")
    assert penguins.version(penguin) == before


def test_fault_row_46_rollback_clears_canary_weights(
    shell: Shell,
    penguins: Api,
    go_live: Callable[[str], None],
    client: Any,
    penguin: dict[str, Any],
) -> None:
    go_live("2")
    function = {"FunctionName": "lambent-penguins", "Name": "live"}
    weights = {"AdditionalVersionWeights": {"1": 0.5}}
    client("lambda").update_alias(**function, RoutingConfig=weights)
    shell.lambent("rollback", "penguins", "--to", "1")
    alias = client("lambda").get_alias(**function)
    assert not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    assert {penguins.version(penguin) for _ in range(8)} == {"1"}


@pytest.mark.usefixtures("two_after_one")
def test_the_status_tells_what_is_live_and_what_drifted(shell: Shell, penguins: Api) -> None:
    shell.lambent("rollback", "penguins", "--why", "odd answers")
    status = shell.lambent("status", "penguins", "--json").document
    assert status["live"]["version"] == "1"
    assert status["published_not_live"] == ["2"]
    assert "penguins@2" in status["drift"]
    assert status["history"][-1]["why"] == "odd answers"
    assert status["troubles"] == []


@pytest.mark.usefixtures("two_after_one")
def test_an_unrelated_deploy_after_a_rollback_keeps_the_good_version(
    shell: Shell, penguins: Api, penguin: dict[str, Any]
) -> None:
    shell.lambent("rollback", "penguins")
    told = shell.refused("deploy", "penguins", "--memory", "768")
    assert "penguins@1" in told
    assert "penguins@2" in told
    shell.lambent("deploy", "penguins@1", "--memory", "768")
    assert penguins.version(penguin) == "1"


@pytest.mark.usefixtures("two_after_one")
def test_plain_sam_after_a_rollback_keeps_the_good_version(
    shell: Shell,
    penguins: Api,
    client: Any,
    penguin: dict[str, Any],
) -> None:
    """`sam build && sam deploy --config-env penguins`, with no lambent in between."""
    shell.lambent("rollback", "penguins")
    port = shell.environment["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]
    config = ("--config-file", ROOT / f".lambent/samconfig-{port}.toml", "--config-env", "penguins")
    sam = ROOT / ".envs/sam/bin/sam"
    build = shell.run(sam, "build", *config)
    assert build.code == 0, build.err
    deploy = shell.run(sam, "deploy", *config)
    assert deploy.code == 0, deploy.err
    assert penguins.version(penguin) == "1"
    pinned = client("cloudformation").describe_stacks(StackName="lambent-penguins")["Stacks"][0]
    assert {"ParameterKey": "ModelVersion", "ParameterValue": "1"} in pinned["Parameters"]


def test_publishing_the_same_artifact_again_is_a_success(
    shell: Shell, penguins: Api, artifacts: Path
) -> None:
    again = shell.lambent("publish", artifacts / "penguins/1", "--json").document
    assert again["outcome"] == "already published"


def test_models_and_show_tell_what_is_published(shell: Shell, penguins: Api) -> None:
    listed = shell.lambent("models", "--json").out
    assert "penguins" in listed
    shown = shell.lambent("show", "penguins@1", "--json").out
    assert "body_mass_g" in shown


def test_invoke_asks_a_version_that_is_not_live(
    shell: Shell, penguins: Api, penguin: dict[str, Any]
) -> None:
    for version in ("1", "2"):
        told = shell.lambent(
            *("invoke", "penguins", "--data", json.dumps(penguin), "--version", version, "--json")
        ).document
        assert told["body"]["model"]["version"] == version


def test_logs_show_requests_and_no_feature_value(
    shell: Shell, penguins: Api, penguin: dict[str, Any]
) -> None:
    """Threat: personal data in logs."""
    status, _, headers = penguins.ask([{**penguin, "body_mass_g": 4321.75}])
    assert status == 200
    lines = shell.lambent("logs", "penguins", "--since", "10m", "--json").out
    assert headers["x-request-id"] in lines
    assert "4321.75" not in lines


@pytest.mark.parametrize(
    ("example", "model"), [("diabetes", "diabetes"), ("breast_cancer", "breast-cancer")]
)
def test_every_example_answers_its_golden_examples_over_http(
    release: Any, artifacts: Path, example: str, model: str
) -> None:
    api: Api = release(example, model, "1")
    manifest = json.loads((artifacts / model / "1/manifest.json").read_text())
    status, body, _ = api.ask([golden["row"] for golden in manifest["golden"]])
    assert status == 200, body
    assert body["predictions"] == [golden["answer"] for golden in manifest["golden"]]


def test_destroy_takes_the_model_off_the_air_and_keeps_what_was_published(
    shell: Shell, release: Any
) -> None:
    release("diabetes", "diabetes", "2")
    shell.lambent("destroy", "diabetes", "--yes")
    status = shell.lambent("status", "diabetes", "--json").document
    assert status["live"] is None
    assert "2" in status["published_not_live"]
    shell.lambent("deploy", "diabetes@2", "--cors-origin", SITE)
    assert find_api(shell, "diabetes").request("GET", "/health/ready")[0] == 200
