"""What an artifact tells about its model, and that it is the same every time."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from model_store.artifact.folder import Artifact, read_artifact
from model_store.contract import encode, normalise
from model_store.decision import judge
from model_store.errors import ArtifactError
from model_store.packaging import package, prepare
from model_store.predictor import Predictor
from model_store.vetting.graph import inspect_graph
from tests.model_store.packaging.birds import CONTRACT, birds, model_of, pipeline


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("artifacts") / "penguins" / "1"
    package(model_of(pipeline(LogisticRegression(max_iter=1000))), folder)
    return read_artifact(folder)


def test_another_process_gives_the_same_bytes(tmp_path: Path) -> None:
    """Sets are hashed another way in each process; nothing of that may reach the graph."""
    model = Path(__file__).parents[3] / "examples/penguins/model.py"
    script = (
        "import sys; from pathlib import Path; from model_store.packaging import package;"
        "from model_store.packaging.model_file import load_model;"
        f"print(package(load_model(Path({str(model)!r}), '1'), sys.argv[1]).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script, tmp_path / seed],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(digests) == 1


def test_packaging_twice_gives_the_same_bytes(artifact: Artifact, tmp_path: Path) -> None:
    again = package(model_of(pipeline(LogisticRegression(max_iter=1000))), tmp_path / "again")
    assert again.model == artifact.model
    assert again.manifest_bytes == artifact.manifest_bytes


def test_another_model_is_not_written_over_an_artifact(tmp_path: Path) -> None:
    first = package(model_of(pipeline(LogisticRegression(max_iter=1000))), tmp_path / "a")
    other = model_of(pipeline(LogisticRegression(C=0.01, max_iter=1000)))
    with pytest.raises(ArtifactError, match="already holds another artifact"):
        package(other, tmp_path / "a")
    assert package(other, tmp_path / "a", replace=True).digest != first.digest


def test_golden_examples_are_what_the_served_graph_answers(artifact: Artifact) -> None:
    manifest = artifact.manifest
    predictor = Predictor(artifact.model, manifest)
    assert len(manifest.golden) >= 5
    for example in manifest.golden:
        row = normalise(manifest.contract, example.row)
        outputs = predictor.predict(encode([row], manifest.inputs), None)
        prediction = judge(outputs, [row], manifest)[0]
        assert prediction.value == example.answer.value


def test_nothing_of_a_sensitive_feature_is_kept(artifact: Artifact) -> None:
    """Threat "raw data kept for monitoring"."""
    manifest = artifact.manifest
    assert "sex" not in manifest.baseline
    assert {example.row["sex"] for example in manifest.golden} == {None}


def test_the_baseline_is_of_the_training_data(artifact: Artifact) -> None:
    train = model_of(None, onnx="x").train
    assert train is not None
    summary = artifact.manifest.baseline["body_mass_g"]
    assert summary.quantiles is not None
    assert summary.count == len(train[0])
    assert summary.missing == pytest.approx(train[0]["body_mass_g"].isna().mean(), abs=1e-6)
    assert summary.quantiles["0.5"] == np.nanquantile(train[0]["body_mass_g"], 0.5)
    islands = artifact.manifest.baseline["island"].frequencies
    shares = train[0]["island"].value_counts(normalize=True).to_dict()
    assert islands == pytest.approx(shares, abs=1e-6)


def test_the_graph_passes_the_inspection_of_publishing(artifact: Artifact) -> None:
    report = inspect_graph(artifact.model)
    assert report.inputs == tuple(spec.name for spec in artifact.manifest.inputs)
    assert artifact.manifest.provenance.opset == {"ai.onnx": 18, "ai.onnx.ml": 2}


def test_provenance_names_libraries_data_and_estimator_and_no_machine(artifact: Artifact) -> None:
    provenance = artifact.manifest.provenance
    assert {"numpy", "onnx", "onnxruntime", "scikit-learn", "skl2onnx"} <= set(provenance.libraries)
    assert provenance.estimator == "ColumnTransformer → sklearn.linear_model.LogisticRegression"
    assert provenance.data_sha256 is not None
    assert str(Path.home()) not in artifact.manifest_bytes.decode()


def test_other_data_has_another_hash(artifact: Artifact, tmp_path: Path) -> None:
    data = birds(), birds()["species"]
    other = package(
        model_of(pipeline(LogisticRegression(max_iter=1000)), train=data), tmp_path / "other"
    )
    ours = artifact.manifest.provenance.data_sha256
    assert other.manifest.provenance.data_sha256 != ours


def test_progress_is_told_step_by_step(tmp_path: Path) -> None:
    told: list[str] = []
    model = model_of(pipeline(LogisticRegression(max_iter=1000)))
    package(model, tmp_path / "a", progress=told.append)
    assert told[0] == "reading the data by the contract"
    assert "converting: float32" in told
    assert told[-1] == f"writing {tmp_path / 'a'}"


def test_a_model_without_a_baseline_is_told_so(tmp_path: Path) -> None:
    """It is packaged all the same; drift would be looked for in vain."""
    data = birds()
    told: list[str] = []
    fitted = pipeline(LogisticRegression(max_iter=1000)).fit(
        prepare(CONTRACT, data), data["species"]
    )
    model = model_of(fitted, train=None)
    assert package(model, tmp_path / "a", progress=told.append).manifest.baseline == {}
    assert any("no baseline" in line for line in told)
