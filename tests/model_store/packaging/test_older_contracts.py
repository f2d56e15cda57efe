"""`Model(accepts=…)`: an older contract is proven, asked of the graph, and packaged."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field
from sklearn.linear_model import LogisticRegression

from model_store.artifact import standby
from model_store.artifact.folder import Artifact, read_artifact, write_artifact
from model_store.contract import (
    Fixed,
    Mapped,
    Renamed,
    Scaled,
    Unit,
    Upcast,
    UpcastRefused,
    freeze,
    normalise,
)
from model_store.errors import ArtifactError
from model_store.packaging import package
from model_store.predictions import ModelPrediction
from model_store.registry.admission import admit

from .birds import Penguin, model_of, pipeline


class FirstPenguin(BaseModel):
    """In centimetres, and without the mass."""

    isle: Literal["BI", "DR", "TO"]
    bill: Annotated[float | None, Field(ge=2, le=8), Unit("cm")] = None
    bill_depth_mm: Annotated[float | None, Field(ge=10, le=30)] = None
    flipper_length_mm: Annotated[int, Field(ge=150, le=260)]
    sex: Literal["male", "female"]
    observer: str


OLDER = freeze(FirstPenguin, version="1.2")
ACCEPTED = Upcast(
    contract=OLDER,
    features={
        "island": Mapped(was="isle", categories={"BI": "Biscoe", "DR": "Dream", "TO": "Torgersen"}),
        "bill_length_mm": Scaled(was="bill", scale=10),
        "flipper_length_mm": Renamed(),
        "body_mass_g": Fixed(value=None),
    },
)
ESTIMATOR = pipeline(LogisticRegression())


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    model = model_of(ESTIMATOR, contract=freeze(Penguin, version="2.0"), accepts=[ACCEPTED])
    return package(model, tmp_path_factory.mktemp("made") / "1")


def test_the_manifest_carries_the_older_contract_whole_and_survives_json(
    artifact: Artifact,
) -> None:
    (accepted,) = artifact.manifest.accepts
    assert accepted.contract.digest == OLDER.digest
    assert accepted.features == ACCEPTED.features
    assert type(artifact.manifest).parse(artifact.manifest_bytes) == artifact.manifest
    assert artifact.manifest.majors == (2, 1)
    packed = standby.unpack(standby.pack(artifact.manifest, artifact.digest))
    assert packed.majors == (2, 1)


def test_the_older_contract_has_golden_examples_that_publishing_checks(
    artifact: Artifact, tmp_path: Path
) -> None:
    (accepted,) = artifact.manifest.accepts
    assert len(accepted.golden) == 8
    for example in accepted.golden:
        assert normalise(OLDER, example.row).values == example.row
        assert isinstance(example.answer, ModelPrediction)
    folder = tmp_path / "1"
    write_artifact(folder, artifact.manifest, artifact.models)
    assert admit(folder).digest == artifact.digest


def test_publishing_refuses_an_older_example_that_the_graph_does_not_answer_so(
    artifact: Artifact, tmp_path: Path
) -> None:
    """As after a mistake in where a value comes from."""
    (accepted,) = artifact.manifest.accepts
    wrong = accepted.golden[0].model_copy(
        update={"answer": ModelPrediction(value="Chinstrap", confidence=0.1)}
    )
    swapped = accepted.model_copy(update={"golden": (wrong,)})
    folder = tmp_path / "1"
    manifest = artifact.manifest.model_copy(update={"accepts": (swapped,)})
    write_artifact(folder, manifest, artifact.models)
    with pytest.raises(ArtifactError, match=r"penguins@1 golden row 0 of contract 1\.2"):
        admit(folder)


def test_fault_row_33_what_cannot_be_proven_is_refused_before_anything_is_converted(
    tmp_path: Path,
) -> None:
    inches = {**ACCEPTED.features, "bill_length_mm": Scaled(was="bill", scale=25.4)}
    newer = freeze(Penguin, version="2.0")
    told: list[str] = []
    unlike = Upcast(contract=OLDER, features=inches | {"bill_depth_mm": Fixed(value=99)})
    model = model_of(ESTIMATOR, contract=newer, accepts=[unlike])
    with pytest.raises(UpcastRefused, match=r"accepts contract 1\.2, feature bill_depth_mm"):
        package(model, tmp_path / "1", progress=told.append)
    assert told == []
    assert not (tmp_path / "1").exists()


def test_fault_row_10_a_manifest_whose_upcast_is_not_proven_is_malformed(
    artifact: Artifact, tmp_path: Path
) -> None:
    """Nobody serves what packaging would have refused: not at publish, and not in Lambda."""
    (accepted,) = artifact.manifest.accepts
    features = {**accepted.features, "bill_depth_mm": Scaled(scale=2)}
    broken = accepted.model_copy(update={"features": features})
    folder = tmp_path / "1"
    manifest = artifact.manifest.model_copy(update={"accepts": (broken,)})
    write_artifact(folder, manifest, artifact.models)
    with pytest.raises(ArtifactError, match="feature bill_depth_mm: 30"):
        read_artifact(folder)
