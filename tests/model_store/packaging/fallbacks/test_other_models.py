"""A simpler model and the previous version's, in one artifact with the model they stand in for."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from model_store.artifact.facts import OutputNames
from model_store.artifact.folder import Artifact, read_artifact, write_artifact
from model_store.artifact.manifest import Manifest
from model_store.contract import Contract, encode, normalise
from model_store.errors import ArtifactError
from model_store.fallbacks.records import OtherModel
from model_store.packaging import Baseline, Constant, Model, Previous, Uncertainty, package, prepare
from model_store.packaging.errors import InvalidModel
from model_store.packaging.fallbacks.other_models import baseline, previous, read_previous
from model_store.packaging.served import Graph
from model_store.predictor import Predictor
from model_store.registry.admission import admit
from tests.model_store.packaging.birds import CONTRACT, birds, model_of, pipeline

LAST = Constant(value="Adelie")
TREE = DecisionTreeClassifier(max_depth=2, random_state=0)
RECORDS: list[dict[str, Any]] = [
    {"island": "Biscoe", "flipper_length_mm": 220.0, "body_mass_g": 5200.0},
    {"island": "Dream", "bill_length_mm": 50.0, "bill_depth_mm": 18.0},
    {"island": "Torgersen", "bill_length_mm": 38.0, "sex": "female"},
    {"island": "Nowhere"},
]
ROWS = [normalise(CONTRACT, record) for record in RECORDS]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1, calibrated; and version 2, which falls back on version 1 and on a tree."""
    folders = tmp_path_factory.mktemp("penguins")
    many = pd.concat([birds()] * 4)  # too few are refused; here only the graph matters
    calibrated = {
        "calibration": (many, many["species"]),
        "uncertainty": Uncertainty(calibrate="sigmoid"),
    }
    package(model_of(pipeline(LogisticRegression(C=0.01)), **calibrated), folders / "1")
    chain = [Previous(folders / "1"), Baseline(pipeline(TREE)), LAST]
    package(model_of(pipeline(LogisticRegression()), version="2", fallback=chain), folders / "2")
    return folders


@pytest.fixture(scope="module")
def artifact(folders: Path) -> Artifact:
    return admit(folders / "2")


def asked(artifact: Artifact, link: OtherModel) -> tuple[Any, ...]:
    """What this link answers to ROWS, read as serving reads it."""
    predictor = Predictor(artifact.models[link.file], artifact.manifest.read_by(link))
    return predictor.predict(encode(ROWS, link.inputs), None).labels


def links(manifest: Manifest) -> list[OtherModel]:
    return [link for link in manifest.fallbacks if isinstance(link, OtherModel)]


def test_the_artifact_holds_three_models_and_can_be_published(
    folders: Path, artifact: Artifact
) -> None:
    names = {"model.onnx", "baseline.onnx", "previous.onnx"}
    assert {file.name for file in (folders / "2").iterdir()} == {*names, "manifest.json"}
    assert set(artifact.manifest.files) == names
    assert [link.kind for link in artifact.manifest.fallbacks] == ["model", "model", "constant"]
    told = {link.role: link.note for link in links(artifact.manifest)}
    assert told == {"previous": "penguins@1", "baseline": "DecisionTreeClassifier"}


def test_the_previous_version_answers_as_it_did(folders: Path, artifact: Artifact) -> None:
    earlier = read_artifact(folders / "1")
    assert earlier.manifest.calibration is not None
    assert earlier.manifest.calibration.method == "sigmoid"
    assert artifact.models["previous.onnx"] == earlier.model
    found = Predictor(earlier.model, earlier.manifest).predict(
        encode(ROWS, earlier.manifest.inputs), None
    )
    (link,) = (link for link in links(artifact.manifest) if link.role == "previous")
    assert asked(artifact, link) == found.labels


def test_the_baseline_is_fitted_on_train_and_answers_as_its_estimator(artifact: Artifact) -> None:
    train = model_of(None, onnx="x").train
    assert train is not None
    fitted = pipeline(TREE).fit(prepare(CONTRACT, train[0]), train[1])
    (link,) = (link for link in links(artifact.manifest) if link.role == "baseline")
    frame = prepare(CONTRACT, pd.DataFrame([row.values for row in ROWS]))
    assert list(asked(artifact, link)) == list(fitted.predict(frame))


def test_the_same_chain_gives_the_same_bytes(folders: Path, artifact: Artifact, tmp_path: Path):
    chain = [Previous(folders / "1"), Baseline(pipeline(TREE)), LAST]
    model = model_of(pipeline(LogisticRegression()), version="2", fallback=chain)
    assert package(model, tmp_path / "again").manifest_bytes == artifact.manifest_bytes


def two_species() -> Any:
    some = birds()[birds()["species"] != "Gentoo"]
    return pipeline(TREE).fit(prepare(CONTRACT, some), some["species"])


def of_numbers() -> Any:
    frame = prepare(CONTRACT, birds())
    return pipeline(TREE).fit(frame, birds()["species"].map({"Adelie": 0, "Gentoo": 1}).fillna(2))


def of_weights() -> Any:
    return pipeline(LinearRegression()).fit(prepare(CONTRACT, birds()), np.arange(len(birds())))


def without_names() -> Any:
    return DecisionTreeClassifier().fit([[0], [1], [2]], ["Adelie", "Chinstrap", "Gentoo"])


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (two_species, "knows 2 of the 3 labels"),
        (of_numbers, "answers 0, 1, 2, which the model does not know"),
        (of_weights, "another task: regression, and the model's is multiclass"),
        (without_names, "which are not the contract's features"),
    ],
)
def test_a_baseline_of_something_else_is_refused(
    make: Callable[[], Any], told: str, tmp_path: Path
) -> None:
    model = model_of(pipeline(LogisticRegression()), fallback=[Baseline(make()), LAST])
    with pytest.raises(InvalidModel, match=told):
        package(model, tmp_path / "refused")
    assert not (tmp_path / "refused").exists()


def test_a_baseline_for_an_onnx_file_needs_rows_to_be_proven_on() -> None:
    foreign = model_of(None, onnx="x", held_out=None)
    graph: Any = Graph(b"", "multiclass", (), None, ("Adelie",))
    with pytest.raises(InvalidModel, match="has no held_out"):
        baseline(foreign, Baseline(two_species()), graph, [], lambda _: None)


def contract_with(name: str, **changes: Any) -> Contract:
    """The penguins' contract with one feature changed, or dropped where nothing is said."""
    document = CONTRACT.model_dump(mode="json")
    features = [
        feature | changes if feature["name"] == name else feature
        for feature in document["features"]
        if feature["name"] != name or changes
    ]
    return Contract.model_validate(document | {"features": features})


@pytest.mark.parametrize(
    ("contract", "told"),
    [
        (contract_with("sex"), "takes sex, which the contract has no more"),
        (
            contract_with("body_mass_g", kind="integer", minimum=2000, maximum=8000),
            "takes body_mass_g, then of kind number, now integer",
        ),
        (
            contract_with("bill_length_mm", unit="cm"),
            "takes bill_length_mm, then in mm, now in cm",
        ),
        (
            contract_with("island", missing={"policy": "allow"}),
            "takes island, which was never missing and now may be",
        ),
    ],
)
def test_an_earlier_model_that_todays_rows_would_mislead_is_refused(
    folders: Path, contract: Contract, told: str
) -> None:
    model = model_of(None, onnx="x", contract=contract)
    with pytest.raises(InvalidModel) as refusal:
        read_previous(model, Previous(folders / "1"))
    assert told in str(refusal.value)
    assert "Previous penguins@1" in refusal.value.where


def test_a_contract_that_only_gained_features_feeds_the_earlier_model(folders: Path) -> None:
    document = CONTRACT.model_dump(mode="json")
    document["features"] = [*document["features"], {"kind": "boolean", "name": "ringed"}]
    model = model_of(None, onnx="x", contract=Contract.model_validate(document))
    assert read_previous(model, Previous(str(folders / "1"))).manifest.version == "1"


def today(*labels: Any, task: Any = "multiclass") -> Graph:
    return Graph(b"", task, (), None, labels)


def test_a_model_that_has_learnt_a_class_since_still_falls_back_on_the_earlier_one(
    folders: Path,
) -> None:
    now = today("Adelie", "Chinstrap", "Emperor", "Gentoo")
    link, _ = previous(model_of(None, onnx="x"), Previous(folders / "1"), now, ROWS, print)
    assert link.labels == ("Adelie", "Chinstrap", "Gentoo")


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (today("Adelie", "Gentoo", task="binary"), "answers 'Chinstrap', which the model does not"),
        (today(task="regression"), "another task: multiclass, and the model's is regression"),
    ],
)
def test_an_earlier_model_of_something_else_is_refused(
    folders: Path, now: Graph, told: str
) -> None:
    with pytest.raises(InvalidModel, match=told):
        previous(model_of(None, onnx="x"), Previous(folders / "1"), now, ROWS, print)


def test_an_earlier_folder_that_was_altered_is_refused_before_anything_is_read(
    folders: Path, tmp_path: Path
) -> None:
    """Threat ML06."""
    shutil.copytree(folders / "1", tmp_path / "1")
    (tmp_path / "1/model.onnx").write_bytes(b"other")
    steps: list[str] = []
    model = model_of(pipeline(LogisticRegression()), fallback=[Previous(tmp_path / "1"), LAST])
    with pytest.raises(ArtifactError, match="is not the file that the manifest names"):
        package(model, tmp_path / "2", progress=steps.append)
    assert steps == []


def test_of_an_earlier_graph_only_the_answer_is_asked(folders: Path, tmp_path: Path) -> None:
    """What it said about novelty is measured by another model's data."""
    earlier = read_artifact(folders / "1")
    outputs = earlier.manifest.outputs
    novel = outputs.model_copy(update={"novelty": outputs.label})
    changed = earlier.manifest.model_copy(update={"outputs": novel})
    write_artifact(tmp_path / "1", changed, earlier.models)
    now = today(*earlier.manifest.labels)
    link, _ = previous(model_of(None, onnx="x"), Previous(tmp_path / "1"), now, ROWS, print)
    assert link.outputs == OutputNames(label=outputs.label, probabilities=outputs.probabilities)


def test_an_earlier_regression_in_another_unit_is_refused(tmp_path: Path) -> None:
    def weighs(**changes: Any) -> Model:
        rows = birds().dropna(subset=["body_mass_g"])
        data = rows, rows["body_mass_g"]
        line = pipeline(LinearRegression())
        return model_of(
            line, train=data, held_out=data, **{"fallback": Constant(value=4000)} | changes
        )

    package(weighs(unit="g"), tmp_path / "1")
    with pytest.raises(InvalidModel, match="answers in g, and Model 'penguins' in kg"):
        package(weighs(unit="kg", fallback=Previous(tmp_path / "1")), tmp_path / "2")


def test_an_earlier_graph_that_does_not_give_what_it_promises_is_refused(
    folders: Path, tmp_path: Path
) -> None:
    earlier = read_artifact(folders / "1")
    wrong = earlier.manifest.outputs.model_copy(update={"label": "species"})
    broken = earlier.manifest.model_copy(update={"outputs": wrong})
    write_artifact(tmp_path / "1", broken, earlier.models)
    now = today(*earlier.manifest.labels)
    with pytest.raises(InvalidModel, match="gives no tensor called species"):
        previous(model_of(None, onnx="x"), Previous(tmp_path / "1"), now, ROWS, print)
