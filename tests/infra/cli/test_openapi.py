"""`lambent openapi`: what a deploy kept, for a consumer to pin (threat API9)."""

import json
from pathlib import Path
from typing import Any

from infra.aws import Aws

from .conftest import Lambent
from .test_contract_gate import Put, contract
from .test_contract_gate import put as put


def test_a_deploy_keeps_the_document_of_its_contract(
    lambent: Lambent, put: Put, tmp_path: Path
) -> None:
    put("1")
    put("2", contract=contract("1.1", minimum=None, out_of_range="flag"))
    assert lambent("openapi", "scaled").code == 1
    for version in ("1", "2"):
        assert lambent("deploy", f"scaled@{version}").code == 0
    document: Any = lambent("openapi", "scaled", "--contract", "1.0").json
    assert document["info"] == {"title": "numbers", "version": "1.0"}
    assert lambent("openapi", "scaled").json["info"]["version"] == "1.1"
    file = tmp_path / "openapi.json"
    assert lambent("openapi", "scaled", "-o", str(file)).out == ""
    assert json.loads(file.read_text())["info"]["version"] == "1.1"


def test_a_contract_without_a_document_is_told_with_those_that_have_one(
    lambent: Lambent, put: Put
) -> None:
    put("1")
    lambent("deploy", "scaled@1")
    answer = lambent("openapi", "scaled", "--contract", "7.0")
    assert (answer.code, "Choose among 1.0" in answer.err) == (1, True)


def test_a_release_whose_document_cannot_be_kept_is_live_all_the_same(
    lambent: Lambent, put: Put, aws: Aws
) -> None:
    put("1")
    aws.__dict__["lambda_"].broken = {"live"}
    answer = lambent("deploy", "scaled@1")
    assert answer.code == 0
    assert "The OpenAPI document was not kept" in answer.err
    assert "scaled@1" in answer.out
