"""/v1 stays served while /v2 arrives: by one version, and with the document that was pinned."""

from pathlib import Path
from typing import Any

import pytest

from tests.flow.conftest import Api, Shell, find_api

MODEL = Path(__file__).with_name("flippers.py")
OLD = {"flipper_mm": 200, "sex": "M"}
NEW = {"flipper_cm": 20, "sex": "male"}


def ask(api: Api, major: int, row: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    status, body, _ = api.request("POST", f"/v{major}/predictions", {"instances": [row]})
    return status, body


def answered(api: Api, major: int, row: dict[str, Any]) -> tuple[str, str, float]:
    """Which version of the model, by which contract, what."""
    status, body = ask(api, major, row)
    assert status == 200, body
    (prediction,) = body["predictions"]
    assert prediction["decision"] == "model"
    model = body["model"]
    return model["version"], model["contract"]["version"], round(prediction["value"], 1)


def ship(shell: Shell, artifacts: Path, version: str) -> Path:
    shell.lambent("package", MODEL, "--version", version, "--out", artifacts)
    return artifacts / "flippers" / version


@pytest.fixture(scope="module")
def api(shell: Shell, artifacts: Path) -> Api:
    for version in ("1", "2"):
        shell.lambent("publish", ship(shell, artifacts, version))
        shell.lambent("deploy", f"flippers@{version}")
    return find_api(shell, "flippers")


def test_fault_row_33_callers_of_both_contracts_get_the_same_answer(api: Api) -> None:
    assert answered(api, 1, OLD) == ("2", "1.0", 1000.0)
    assert answered(api, 2, NEW) == ("2", "2.0", 1000.0)
    assert ask(api, 1, NEW)[0] == ask(api, 2, OLD)[0] == 422
    status, problem = ask(api, 3, NEW)
    assert status == 404
    assert "/v2/predictions, /v1/predictions" in problem["detail"]


def test_threat_api9_the_document_of_each_contract_can_be_pinned(api: Api, shell: Shell) -> None:
    """That of the first is of the time when nothing else was served."""
    older = shell.lambent("openapi", "flippers", "--contract", "1.0").document
    assert set(older["paths"]) >= {"/v1/predictions", "/v1/model"}
    assert "/v2/predictions" not in older["paths"]
    newer = shell.lambent("openapi", "flippers").document
    assert newer["info"]["version"] == "2.0"


def test_the_operator_asks_by_the_newest_contract_of_a_version(api: Api, shell: Shell) -> None:
    for version, row in (("1", '{"flipper_mm": 200}'), ("2", '{"flipper_cm": 20, "sex": "male"}')):
        asked = ("invoke", "flippers", "--data", row, "--version", version, "--json")
        assert shell.lambent(*asked).document["status"] == 200


def test_fault_row_33_who_is_served_cannot_be_forgotten(
    api: Api, shell: Shell, artifacts: Path
) -> None:
    folder = ship(shell, artifacts, "3")
    told = shell.refused("publish", folder)
    assert "/v1/predictions is served no more; breaking for callers of flippers@2" in told
    assert answered(api, 1, OLD)[0] == "2"


def test_a_rollback_serves_the_older_contract_by_the_older_model(api: Api, shell: Shell) -> None:
    shell.lambent("rollback", "flippers")
    assert answered(api, 1, OLD) == ("1", "1.0", 1000.0)
    assert ask(api, 2, NEW)[0] == 404
