"""An artifact is believed only if the graph gives the answers that its manifest promises."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model_store.agreement import CONFIDENCE_TOLERANCE
from model_store.artifact.facts import GoldenExample, OutputNames
from model_store.artifact.folder import Artifact, write_artifact
from model_store.contract import encode
from model_store.errors import ArtifactError
from model_store.predictions import ModelPrediction
from model_store.vetting.golden import check_answers, golden_rows
from tests.model_store.registry.conftest import make_classifier, make_manifest, make_model

Make = Callable[..., Artifact]
CLASSES: dict[str, Any] = {
    "model": make_classifier(),
    "task": "multiclass",
    "outputs": OutputNames(probabilities="shares"),
    "labels": ("a", "b", "c"),
}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """An artifact whose graph doubles x, or another one."""

    def making(*promises: GoldenExample, model: bytes | None = None, **changes: Any) -> Artifact:
        graph = model or make_model()
        manifest = make_manifest(graph, golden=promises, **changes)
        return write_artifact(tmp_path / "1", manifest, {"model.onnx": graph}, replace=True)

    return making


def promise(x: float | None, value: float | str, confidence: float | None = None) -> GoldenExample:
    return GoldenExample(row={"x": x}, answer=ModelPrediction(value=value, confidence=confidence))


def check(artifact: Artifact) -> None:
    rows = golden_rows(artifact.manifest)
    check_answers(artifact, rows, encode(rows, artifact.manifest.inputs))


def test_promises_that_hold_are_believed(make: Make) -> None:
    """The last digits may differ: another processor rounds them otherwise."""
    check(make(promise(1.5, 3.0), promise(0.5, 1.00001)))


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (promise(1.5, 4.0), r"promises 4\.0, and the graph answers 3\.0"),
        (promise(1.5, 3.001), r"promises 3\.001"),
        (promise(1.5, "3.0"), "promises '3.0'"),
        (promise(1.5, 3.0, 0.9), r"confidence 0\.9\).*answers 3\.0"),
        (promise(None, 3.0), "breaks the contract: /x is required"),
    ],
)
def test_a_promise_that_does_not_hold_is_told_by_its_number(
    make: Make, broken: GoldenExample, told: str
) -> None:
    with pytest.raises(ArtifactError, match=f"scaled@1 golden row 1: .*{told}"):
        check(make(promise(0.5, 1.0), broken))


def test_a_class_and_its_confidence_are_promised(make: Make) -> None:
    check(make(promise(1.0, "c", 0.5), **CLASSES))
    check(make(promise(1.0, "c", 0.5 + 0.9 * CONFIDENCE_TOLERANCE), **CLASSES))


@pytest.mark.parametrize(
    "answer", [("b", 0.5), ("c", 0.4), ("c", 0.5 + 2 * CONFIDENCE_TOLERANCE), ("c", None)]
)
def test_another_class_or_confidence_is_refused(
    make: Make, answer: tuple[str, float | None]
) -> None:
    with pytest.raises(ArtifactError, match=r"golden row 0: promises .* \(confidence"):
        check(make(promise(1.0, *answer), **CLASSES))


def test_labels_are_one_per_probability(make: Make) -> None:
    four = CLASSES | {"labels": ("a", "b", "c", "d")}
    with pytest.raises(ArtifactError, match="probabilities of a wrong shape"):
        check(make(promise(1.0, "c", 0.5), **four))


def test_an_output_that_the_graph_lacks_is_refused_with_the_way_out(make: Make) -> None:
    lacking = make(promise(1.0, 2.0), outputs=OutputNames(value="price"))
    with pytest.raises(ArtifactError, match=r"no tensor called price.*Package the model again"):
        check(lacking)
