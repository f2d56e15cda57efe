"""Where an artifact comes from, told without naming the machine or the time."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model_store.contract import Row
from model_store.packaging.provenance import describe, git_commit, hash_data, provenance_of
from model_store.vetting.graph import GraphReport

REPORT = GraphReport(
    ir_version=9, opsets={"": 18, "ai.onnx.ml": 3}, inputs=("x",), outputs=("y",), trees={}
)
MODEL = make_pipeline(StandardScaler(), LogisticRegression())
ROWS = [Row({"x": 1.0}), Row({"x": None})]


def of_library(module: str) -> Any:
    return type("Booster", (LogisticRegression,), {"__module__": module})()


def test_the_libraries_that_made_the_graph_are_named_with_their_versions(tmp_path: Path) -> None:
    found = provenance_of(MODEL, REPORT, "ab" * 32, tmp_path)
    assert {"scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy"} <= found.libraries.keys()
    assert not {"lightgbm", "xgboost-cpu", "onnxmltools"} & found.libraries.keys()
    assert (found.source, found.data_sha256) == ("estimator", "ab" * 32)
    assert (found.opset, found.ir_version) == ({"ai.onnx": 18, "ai.onnx.ml": 3}, 9)
    assert found.trees == {}


def test_what_trees_take_of_the_graph_is_recorded(tmp_path: Path) -> None:
    forest = replace(REPORT, trees={"TreeEnsemble": 900})
    assert provenance_of(MODEL, forest, None, tmp_path).trees == {"TreeEnsemble": 900}


def test_a_file_that_somebody_else_made_names_no_library_of_training(tmp_path: Path) -> None:
    found = provenance_of(None, REPORT, None, tmp_path)
    assert (found.source, found.estimator) == ("onnx", None)
    assert found.libraries.keys() == {"numpy", "onnx", "onnxruntime"}


@pytest.mark.parametrize(
    "estimator",
    [of_library("lightgbm.sklearn"), make_pipeline(StandardScaler(), of_library("lightgbm"))],
)
def test_a_boosting_library_is_named_where_it_was_used(estimator: Any, tmp_path: Path) -> None:
    found = provenance_of(estimator, REPORT, None, tmp_path).libraries
    assert {"lightgbm", "onnxmltools"} <= found.keys()
    assert "xgboost-cpu" not in found


@pytest.mark.parametrize(
    ("estimator", "told"),
    [
        (LogisticRegression(), "sklearn.linear_model.LogisticRegression"),
        (MODEL, "StandardScaler → sklearn.linear_model.LogisticRegression"),
        (
            make_pipeline(ColumnTransformer([]), "passthrough", MODEL),
            "ColumnTransformer → StandardScaler → sklearn.linear_model.LogisticRegression",
        ),
    ],
)
def test_an_estimator_is_told_by_its_steps_and_its_public_name(estimator: Any, told: str) -> None:
    assert describe(estimator) == told


def test_the_same_data_has_the_same_hash() -> None:
    assert hash_data([(ROWS, [1, 0])]) == hash_data([(iter(ROWS), iter([1, 0]))])


@pytest.mark.parametrize(
    "other",
    [
        [(ROWS[::-1], [1, 0])],
        [(ROWS, [0, 1])],
        [(ROWS, ["1", "0"])],
        [(ROWS[:1], [1])],
        [([Row({"x": 2.0}), ROWS[1]], [1, 0])],
        [([Row({"z": 1.0}), ROWS[1]], [1, 0])],
    ],
    ids=["order", "targets", "types", "fewer", "value", "name"],
)
def test_other_data_has_another_hash(other: Any) -> None:
    assert hash_data(other) != hash_data([(ROWS, [1, 0])])


def test_a_target_is_never_left_over() -> None:
    with pytest.raises(ValueError, match="shorter"):
        hash_data([(ROWS, [1])])


def git(folder: Path, *arguments: str) -> None:
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_commit_is_that_of_the_models_own_file(tmp_path: Path) -> None:
    """A commit elsewhere must not change the artifact's bytes."""
    source, other = tmp_path / "model.py", tmp_path / "README.md"
    assert git_commit(source) is None
    source.write_text("1")
    git(tmp_path, "init")
    assert git_commit(source) is None
    git(tmp_path, "add", "model.py")
    git(tmp_path, "commit", "-m", "model")
    commit = git_commit(source)
    assert commit is not None
    assert len(commit) == 40
    other.write_text("unrelated")
    git(tmp_path, "add", "README.md")
    git(tmp_path, "commit", "-m", "readme")
    assert git_commit(source) == commit
    source.write_text("2")
    assert git_commit(source) == f"{commit}+changes"


def test_without_git_the_commit_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit(tmp_path) is None


def test_a_notebook_stands_for_its_folder(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / "data.csv").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "data")
    assert git_commit(tmp_path) == git_commit(tmp_path / "data.csv") is not None
