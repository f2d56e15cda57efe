"""No version that breaks its callers is published or deployed by a command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from infra.aws import Aws
from model_store.artifact.folder import write_artifact
from model_store.artifact.layout import manifest_key
from model_store.artifact.manifest import FileEntry, Manifest
from model_store.canonical import sha256_hex
from model_store.contract import Contract
from model_store.fallbacks.records import Constant

from ..release.conftest import FakeSam, StrictLambda, manifest
from .conftest import Lambent

Put = Callable[..., Manifest]


def contract(version: str = "1.0", **fields: Any) -> Contract:
    feature = {"kind": "number", "name": "x", **fields}
    return Contract.model_validate({"name": "numbers", "version": version, "features": [feature]})


@pytest.fixture
def put(aws: Aws) -> Put:
    """Into the registry, past every check."""
    from infra.release.stack.platform import artifact_bucket, require_platform

    def put(version: str, **changes: Any) -> Manifest:
        made = manifest(version, **changes)
        bucket = artifact_bucket(aws, require_platform(aws))
        assert bucket.create(manifest_key(made.reference), made.to_bytes())
        return made

    return put


@pytest.fixture
def artifact(tmp_path: Path) -> Callable[..., str]:
    """A folder that `lambent publish` takes: the model gives its input back."""
    from onnx import TensorProto, helper

    def write(version: str, **changes: Any) -> str:
        graph = helper.make_graph(
            [helper.make_node("Identity", ["x"], ["value"])],
            "same",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
            [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])],
        )
        opsets = [helper.make_opsetid("", 18)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
        files = {"model.onnx": FileEntry(sha256=sha256_hex(model), size=len(model))}
        folder = tmp_path / version
        write_artifact(folder, manifest(version, files=files, **changes), {"model.onnx": model})
        return str(folder)

    return write


def test_publish_refuses_what_breaks_callers_and_writes_nothing(
    lambent: Lambent, put: Put, artifact: Callable[..., str]
) -> None:
    put("1", contract=contract(unit="mm"))
    folder = artifact("2", contract=contract("1.1", unit="cm"))
    for command in (["publish", folder], ["publish", folder, "--dry-run"]):
        error = lambent(*command, "--json").json["error"]
        assert (error["kind"], error["where"]) == ("ContractBroken", "scaled@2, feature x")
        assert 'version="2.0"' in error["next_step"]
    listed = lambent("models", "--json").json["models"]["scaled"]
    assert [entry["version"] for entry in listed] == ["1"]


def test_publish_takes_a_raised_major_version(
    lambent: Lambent, put: Put, artifact: Callable[..., str]
) -> None:
    put("1", contract=contract(unit="mm"))
    folder = artifact("2", contract=contract("2.0", unit="cm"))
    assert lambent("publish", folder, "--json").json["outcome"] == "published"


def test_fault_row_33_deploy_refuses_what_breaks_the_live_contract_before_any_traffic(
    lambent: Lambent, aws: Aws, sam: FakeSam, put: Put
) -> None:
    put("1")
    assert lambent("deploy", "scaled@1").code == 0
    live, ran = cast(StrictLambda, aws.lambda_).live, list(sam.ran)
    put("2", contract=contract("1.1", minimum=0))
    refused = lambent("deploy", "scaled@2", "--json")
    assert refused.code == 1
    assert refused.json["error"]["kind"] == "ContractBroken"
    assert "range: any value → at least 0; breaking" in refused.json["error"]["what"]
    assert (cast(StrictLambda, aws.lambda_).live, sam.ran) == (live, ran)


def test_deploy_takes_a_raised_major_version_and_says_whom_it_breaks(
    lambent: Lambent, put: Put
) -> None:
    put("1")
    assert lambent("deploy", "scaled@1").code == 0
    put("2", contract=contract("2.0", minimum=0))
    deployed = lambent("deploy", "scaled@2")
    assert deployed.code == 0
    assert "2 changes break callers of scaled@1" in deployed.err


def test_deploy_tells_a_changed_fallback_and_asks_before_there_is_none(
    lambent: Lambent, put: Put
) -> None:
    put("1")
    assert lambent("deploy", "scaled@1").code == 0
    put("2", fallbacks=(Constant(value=1.0),))
    deployed = lambent("deploy", "scaled@2")
    assert deployed.code == 0
    assert "decisions, fallbacks: 0.0 → 1.0 (now scaled@1)" in deployed.err
    put("3", fallbacks=())
    error = lambent("deploy", "scaled@3", "--json").json["error"]
    assert error["kind"] == "AnswersMoreReadily"
    assert lambent("deploy", "scaled@3", "--less-cautious").code == 0


def test_after_a_rollback_the_good_version_is_deployed_though_a_later_one_knew_more(
    lambent: Lambent, put: Put
) -> None:
    optional = {"kind": "number", "name": "y", "missing": {"policy": "allow"}}
    more = contract("1.1").model_dump(mode="json")
    wider = Contract.model_validate({**more, "features": [*more["features"], optional]})
    put("1")
    put("2", contract=wider)
    for version in ("1", "2"):
        assert lambent("deploy", f"scaled@{version}").code == 0
    error = lambent("deploy", "scaled@1", "--json").json["error"]
    assert "lambent rollback scaled" in error["next_step"]
    assert lambent("rollback", "scaled").code == 0
    assert lambent("deploy", "scaled@1", "--memory", "768").code == 0


def test_deploy_says_what_it_could_not_compare(lambent: Lambent, aws: Aws, put: Put) -> None:
    """What is live was removed from the registry, and something there is not readable."""
    put("1")
    assert lambent("deploy", "scaled@1").code == 0
    put("2")
    aws.s3.delete_object(Bucket="artifacts", Key="models/scaled/1/manifest.json")
    aws.s3.put_object(Bucket="artifacts", Key="models/scaled/9/manifest.json", Body=b"{")
    told = lambent("deploy", "scaled@2", "--dry-run").err
    assert "scaled@1 is live, and was not compared" in told
    assert "Not compared: scaled@9: manifest.json" in told
