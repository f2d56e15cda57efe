"""What may not be published, whatever the folder claims."""

from pathlib import Path

import pytest
from onnx import TensorProto, helper

from model_store.artifact.facts import GoldenExample, OutputNames
from model_store.artifact.folder import write_artifact
from model_store.errors import ArtifactError, ManifestMalformed, ManifestTooNew
from model_store.predictions import ModelPrediction
from model_store.registry.admission import admit

from .conftest import MakeArtifact, make_manifest, make_model


def test_a_sound_artifact_is_admitted(tmp_path: Path, make_artifact: MakeArtifact) -> None:
    artifact = make_artifact()
    assert admit(tmp_path / "1").digest == artifact.digest


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema_version": 1}'])
def test_a_malformed_manifest_is_refused(
    tmp_path: Path, make_artifact: MakeArtifact, content: bytes
) -> None:
    """Fault row 10, at publish."""
    make_artifact()
    (tmp_path / "1/manifest.json").write_bytes(content)
    with pytest.raises(ManifestMalformed):
        admit(tmp_path / "1")


def test_a_manifest_from_a_newer_lambent_is_refused(
    tmp_path: Path, make_artifact: MakeArtifact
) -> None:
    """Fault row 11, at publish."""
    make_artifact()
    (tmp_path / "1/manifest.json").write_bytes(b'{"schema_version": 2}')
    with pytest.raises(ManifestTooNew):
        admit(tmp_path / "1")


@pytest.mark.parametrize("newer", [{"opset": 999}, {"ir_version": 999}])
def test_a_graph_for_a_newer_runtime_is_refused(
    tmp_path: Path, make_artifact: MakeArtifact, newer: dict[str, int]
) -> None:
    """Fault row 13: opset or IR version too new for the pinned onnxruntime."""
    make_artifact(model=make_model(**newer))
    with pytest.raises(ArtifactError, match="999"):
        admit(tmp_path / "1")


def test_a_small_file_that_asks_for_all_memory_is_refused(tmp_path: Path) -> None:
    """Fault row 28: 64 GiB asked for at run time; only the limited subprocess sees it."""
    bomb = _bomb()
    write_artifact(tmp_path / "bomb", make_manifest(bomb), {"model.onnx": bomb})
    with pytest.raises(ArtifactError, match=r"needs more than \d+ MiB"):
        admit(tmp_path / "bomb")


@pytest.mark.parametrize("tamper", ["swap", "flip", "add"])
def test_tampering_is_refused(tmp_path: Path, make_artifact: MakeArtifact, tamper: str) -> None:
    """Threat ML06: swapped, altered and added files."""
    artifact = make_artifact()
    folder = tmp_path / "1"
    changed = {
        "swap": ("model.onnx", make_model(3.0)),
        "flip": ("model.onnx", bytes([artifact.model[0] ^ 1]) + artifact.model[1:]),
        "add": ("weights.bin", b"more"),
    }
    name, content = changed[tamper]
    (folder / name).write_bytes(content)
    with pytest.raises(ArtifactError):
        admit(folder)


def test_an_artifact_that_breaks_its_promises_is_refused(
    tmp_path: Path, make_artifact: MakeArtifact
) -> None:
    promised = ModelPrediction(value=4.0, confidence=None)
    make_artifact(golden=(GoldenExample(row={"x": 1.5}, answer=promised),))
    with pytest.raises(ArtifactError, match="golden row 0"):
        admit(tmp_path / "1")


def test_an_artifact_that_promises_nothing_is_tried_on_zeros(
    tmp_path: Path, make_artifact: MakeArtifact
) -> None:
    make_artifact(golden=(), outputs=OutputNames(value="price"))
    with pytest.raises(ArtifactError, match="gives no tensor called price"):
        admit(tmp_path / "1")


def _bomb() -> bytes:
    """Adds to x the sum of 2**34 floats that only exist once the graph runs."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [2**17])
    square = helper.make_tensor("square", TensorProto.INT64, [2], [2**17, 2**17])
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["line"]),
        helper.make_node("Expand", ["line", "square"], ["plane"]),
        helper.make_node("ReduceSum", ["plane"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["value"]),
    ]
    graph = helper.make_graph(
        nodes,
        "bomb",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])],
        initializer=[shape, square],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    data: bytes = model.SerializeToString()
    return data
