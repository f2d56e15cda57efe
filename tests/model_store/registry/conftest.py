"""An artifact that really runs, and a bucket to publish it to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from onnx import TensorProto, helper

from model_store.artifact.facts import FileEntry, OutputNames, Parity, Provenance
from model_store.artifact.folder import Artifact, write_artifact
from model_store.artifact.manifest import Manifest
from model_store.canonical import sha256_hex
from model_store.contract import Contract, default_tensors
from model_store.registry.bucket import Bucket

KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
MakeModel = Callable[..., bytes]
MakeArtifact = Callable[..., Artifact]


def make_model(factor: float = 2.0, *, opset: int = 18, ir_version: int = 9) -> bytes:
    """value = factor * x, for rows of one number."""
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], ["value"])],
        "scaled",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])],
        initializer=[helper.make_tensor("factor", TensorProto.FLOAT, [1], [factor])],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version
    )
    data: bytes = model.SerializeToString()
    return data


def make_classifier() -> bytes:
    """Three shares, the same for every row: 0.2, 0.3, 0.5."""
    graph = helper.make_graph(
        [
            helper.make_node("Sub", ["x", "x"], ["zero"]),
            helper.make_node("Add", ["zero", "p"], ["shares"]),
        ],
        "shares",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("shares", TensorProto.FLOAT, [None, 3])],
        initializer=[helper.make_tensor("p", TensorProto.FLOAT, [1, 3], [0.2, 0.3, 0.5])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    data: bytes = model.SerializeToString()
    return data


def make_manifest(model: bytes, **changes: Any) -> Manifest:
    contract = Contract.model_validate(
        {"name": "numbers", "version": "1.0", "features": [{"kind": "number", "name": "x"}]}
    )
    fields: dict[str, Any] = {
        "name": "scaled",
        "version": "1",
        "task": "regression",
        "files": {"model.onnx": FileEntry(sha256=sha256_hex(model), size=len(model))},
        "contract": contract,
        "inputs": default_tensors(contract),
        "outputs": OutputNames(value="value"),
        "parity": Parity(status="skipped", reason="made by hand"),
        "provenance": Provenance(
            python="3.11", libraries={}, opset={"": 18}, ir_version=9, source="onnx"
        ),
    }
    return Manifest(**fields | changes)


@pytest.fixture
def make_artifact(tmp_path: Path) -> MakeArtifact:
    """Writes an artifact folder and returns what is in it; the folder is tmp_path/<version>."""

    def make(version: str = "1", *, model: bytes | None = None, **changes: Any) -> Artifact:
        data = model if model is not None else make_model()
        manifest = make_manifest(data, version=version, **changes)
        return write_artifact(tmp_path / version, manifest, {"model.onnx": data}, replace=True)

    return make


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="artifacts")
        yield Bucket(s3, "artifacts", KEY_ARN, sleep=lambda _: None)
