"""One input per type, and every answer as it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression

from model_store.artifact.folder import Artifact
from model_store.contract import Row, TensorSpec
from model_store.packaging import package
from model_store.packaging.conversion import pack
from model_store.packaging.conversion.pack import packed
from model_store.packaging.served import Graph, served
from tests.model_store.packaging.birds import model_of, pipeline

MODEL = model_of(pipeline(LogisticRegression(max_iter=1000)))


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return package(MODEL, tmp_path_factory.mktemp("packed") / "artifact")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The same without any optimisation."""
    plain = model_of(pipeline(LogisticRegression(max_iter=1000)), optimise=False)
    found = package(plain, tmp_path_factory.mktemp("plain") / "artifact")
    told = found.manifest
    return Graph(found.model, told.task, told.inputs, told.outputs, told.labels)


def rows_of(artifact: Artifact) -> list[Row]:
    return [Row(dict(example.row)) for example in artifact.manifest.golden]


def test_there_is_one_input_per_type_and_it_holds_every_feature(artifact: Artifact) -> None:
    inputs = artifact.manifest.inputs
    assert {spec.name: spec.dtype for spec in inputs} == {
        "all_numbers": "float32",
        "all_strings": "string",
    }
    assert {f for spec in inputs for f in spec.features} == set(artifact.manifest.contract.names)
    graph = onnx.load_model_from_string(artifact.model).graph
    assert {value.name for value in graph.input} == {"all_numbers", "all_strings"}


def test_no_answer_changes_by_a_bit(artifact: Artifact, before: Graph) -> None:
    rows = rows_of(artifact)
    found = packed(MODEL, before, rows, print)
    assert found.inputs != before.inputs
    old, new = (served(MODEL, graph).outputs(rows) for graph in (before, found))
    assert old.labels == new.labels
    assert np.array_equal(old.probabilities, new.probabilities)
    assert np.array_equal(old.novelty, new.novelty)


def test_packing_twice_changes_nothing(artifact: Artifact, before: Graph) -> None:
    found = packed(MODEL, before, rows_of(artifact), print)
    assert packed(MODEL, found, rows_of(artifact), print) is found


def test_a_graph_whose_answers_would_change_stays_as_it_is(
    artifact: Artifact, before: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the columns had been mixed up."""

    def mixed_up(**told: object) -> TensorSpec:
        right = TensorSpec.model_validate(told)
        return right.model_copy(update={"features": right.features[::-1]})

    monkeypatch.setattr(pack, "TensorSpec", mixed_up)
    said: list[str] = []
    assert packed(MODEL, before, rows_of(artifact), said.append) is before
    assert said == ["the inputs stay as they are: packed, they change an answer"]


def test_without_optimisation_there_is_one_input_per_feature(before: Graph) -> None:
    assert all(len(spec.features) == 1 for spec in before.inputs)


def test_the_artifact_is_the_same_every_time(artifact: Artifact, tmp_path: Path) -> None:
    assert package(MODEL, tmp_path / "again").model == artifact.model


def test_a_graph_within_a_graph_is_left_alone(artifact: Artifact, before: Graph) -> None:
    """It may use an input that lies outside of it."""
    proto = onnx.load_from_string(before.model)
    inner = helper.make_graph(
        [helper.make_node("Identity", [before.inputs[0].name], ["seen"])],
        "inner",
        [],
        [helper.make_tensor_value_info("seen", TensorProto.UNDEFINED, None)],
    )
    both = {"then_branch": inner, "else_branch": inner}
    proto.graph.node.append(helper.make_node("If", ["asked"], ["unused"], **both))
    nested = replace(before, model=proto.SerializeToString())
    assert packed(MODEL, nested, rows_of(artifact), pytest.fail) is nested
