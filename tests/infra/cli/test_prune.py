"""`lambent prune`, as a person and as a script use it."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from infra.aws import Aws
from infra.release.deployed.live import read_versions
from tests.infra.release.released import MODEL, release

from .conftest import Lambent


@pytest.fixture
def deployed(lambent: Lambent, aws: Aws) -> Aws:
    """scaled@1 to scaled@3, the last one live."""
    del aws.__dict__["lambda_"]
    for version in "123":
        release(aws, version)
    return aws


def numbers(aws: Aws) -> list[str]:
    return [version.number for version in read_versions(aws, MODEL)]


def test_a_dry_run_says_what_would_go_and_why_the_rest_stays(
    lambent: Lambent, deployed: Aws
) -> None:
    said = lambent("prune", MODEL, "--keep", "1", "--dry-run")
    assert said.code == 0
    assert "planned; frees" in said.out
    assert "of the 75 GB" in said.out
    assert "1  delete: more than 1 back" in said.out
    assert "2  stays: a rollback leads there" in said.out
    assert "3  stays: live" in said.out
    assert numbers(deployed) == ["1", "2", "3"]


def test_it_asks_first_and_no_is_no(lambent: Lambent, deployed: Aws) -> None:
    said = lambent("prune", MODEL, "--keep", "1", typed="n\n")
    assert said.code == 1
    assert "Delete the Lambda versions 1 of scaled" in said.err
    assert numbers(deployed) == ["1", "2", "3"]


def test_a_script_reads_what_went(lambent: Lambent, deployed: Aws) -> None:
    said = lambent("prune", MODEL, "--keep", "1", "--yes", "--json").json
    assert said["outcome"] == "pruned"
    assert said["frees_bytes"] == said["freed_bytes"] > 0
    assert [v["lambda_version"] for v in said["versions"] if v["deleted"]] == ["1"]
    assert [v["stays"] for v in said["versions"]] == [False, True, True]
    assert numbers(deployed) == ["2", "3"]
    again = lambent("prune", MODEL, "--keep", "1", "--json").json
    assert again["outcome"] == "nothing to delete"
    assert lambent("rollback", MODEL, "--json").json["to"]["version"] == "2"


def test_by_default_ten_stay_so_that_nothing_of_three_goes(lambent: Lambent, deployed: Aws) -> None:
    assert lambent("prune", MODEL).out.startswith("scaled  nothing to delete\n")


def test_nothing_can_be_kept_of_nothing(lambent: Lambent, deployed: Aws) -> None:
    assert lambent("prune", MODEL, "--keep", "0", "--yes").code == 2
    assert numbers(deployed) == ["1", "2", "3"]


def test_while_the_history_is_down_nothing_is_deleted(lambent: Lambent, deployed: Aws) -> None:
    """It alone says where a rollback leads."""

    def refuse(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb")

    deployed.dynamodb.meta.events.register_first("before-call.dynamodb.Query", refuse)
    said = lambent("prune", MODEL, "--keep", "1", "--yes")
    assert said.code == 1
    assert "where a rollback leads" in said.err
    assert numbers(deployed) == ["1", "2", "3"]


def test_what_is_not_deployed_cannot_be_pruned(lambent: Lambent) -> None:
    assert "is not deployed here" in lambent("prune", "nobody", "--yes").err
