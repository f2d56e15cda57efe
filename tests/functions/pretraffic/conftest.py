from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from model_store.artifact.folder import Artifact
from model_store.artifact.manifest import Manifest
from model_store.packaging import package
from model_store.packaging.model_file import load_model
from tests.functions.conftest import Published, publish
from tests.functions.pretraffic.stage import Stage
from tests.functions.s3_stand_in import S3StandIn

ROOT = Path(__file__).parents[3]
ALARM = "lambent-penguins-canary-errors-7"


@pytest.fixture
def empty_stage(s3: S3StandIn, tmp_path: Path) -> Iterator[Stage]:
    with mock_aws():
        yield Stage(s3, tmp_path)


@pytest.fixture
def stage(empty_stage: Stage) -> Stage:
    """penguins@1 is live as Lambda version 6; an alarm watches version 7, which is to come."""
    empty_stage.deploy("6", *parts(publish()))
    empty_stage.live = "6"
    empty_stage.watch(ALARM)
    return empty_stage


def parts(published: Published) -> tuple[Manifest, dict[str, bytes]]:
    """What `Stage.deploy` takes."""
    return published.manifest, {"model.onnx": published.model}


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Artifact]:
    """The artifact of a model.py, packaged once."""
    made: dict[tuple[str, str], Artifact] = {}

    def packaged(source: str, version: str) -> Artifact:
        if (source, version) not in made:
            model = load_model(ROOT / source, version)
            made[source, version] = package(model, tmp_path_factory.mktemp("artifact") / "it")
        return made[source, version]

    return packaged
