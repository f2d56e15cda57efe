"""The commands as a person types them, over AWS and sam that are made up."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.aws import Aws
from infra.cli import wiring
from infra.cli.main import app

from ..release.conftest import FakeSam, StrictLambda, manifest
from ..release.conftest import aws as aws
from ..release.conftest import botocore_session as botocore_session


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Lambent = Callable[..., Answer]


@pytest.fixture
def sam(aws: Aws, tmp_path: Path) -> FakeSam:
    for name in ("template.yaml", "requirements/lambda.txt", "functions/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    aws.__dict__["lambda_"] = StrictLambda([], "")
    return FakeSam.over(aws, tmp_path)


@pytest.fixture
def lambent(aws: Aws, sam: FakeSam, monkeypatch: pytest.MonkeyPatch) -> Lambent:
    monkeypatch.setattr(wiring, "aws", lambda: aws)
    monkeypatch.setattr(wiring, "sam", lambda _: sam)
    monkeypatch.setattr(wiring, "root", lambda: sam.root)
    monkeypatch.setattr(wiring, "samconfig_path", lambda _: sam.config)

    def run(*arguments: str, typed: str = "") -> Answer:
        result = CliRunner().invoke(app, arguments, input=typed)
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def published(aws: Aws) -> Callable[[str], None]:
    from infra.release.stack.platform import artifact_bucket, require_platform
    from model_store.artifact.layout import manifest_key

    def publish(version: str) -> None:
        made = manifest(version)
        bucket = artifact_bucket(aws, require_platform(aws))
        bucket.create(manifest_key(made.reference), made.to_bytes())

    return publish
