"""`lambent size`: what a person reads, what scripts read, and what a deploy makes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.aws import Aws
from infra.release.stack.platform import artifact_bucket, require_platform
from model_store.artifact.facts import FileEntry
from model_store.artifact.folder import write_artifact
from model_store.artifact.layout import manifest_key
from model_store.canonical import sha256_hex

from ..release.conftest import FakeSam, manifest
from .conftest import Lambent


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return artifact(tmp_path / "artifact", 5)


def artifact(folder: Path, size: int, **provenance: Any) -> str:
    model = bytes(size)
    files = {"model.onnx": FileEntry(sha256=sha256_hex(model), size=size)}
    told = manifest().provenance.model_copy(update=provenance)
    write_artifact(folder, manifest("7", files=files, provenance=told), {"model.onnx": model})
    return str(folder)


def test_a_model_that_fits_is_told_with_both_limits_and_the_error(
    lambent: Lambent, folder: str
) -> None:
    answer = lambent("size", folder)
    assert answer.code == 0
    assert "scaled@7: no trees, 5e-06 MB" in answer.out
    assert "in 1024 MB  fits" in answer.out
    assert "s of 10 s" in answer.out
    assert "MB of 1,024 MB" in answer.out
    assert "starts were foretold within" in answer.out


def test_what_a_manifest_does_not_say_is_told_and_the_heavier_foretold(
    lambent: Lambent, tmp_path: Path
) -> None:
    vote = {"estimator": "sklearn.ensemble.VotingClassifier", "opset": {"ai.onnx.ml": 3}}
    older = artifact(tmp_path / "older", 20_000_000, **vote)
    newer = artifact(tmp_path / "newer", 20_000_000, **vote, trees={})
    told = lambent("size", older).out
    assert "scaled@7: no trees or trees, 20 MB" in told
    assert "Its manifest does not say what it is made of" in told
    assert "manifest" not in lambent("size", newer).out
    found = [lambent("size", each, "--json").json for each in (older, newer)]
    assert [each["kinds"] for each in found] == [["other", "trees"], ["other"]]
    assert found[0]["memory"]["expected"] > found[1]["memory"]["expected"]


def test_a_model_that_cannot_start_ends_with_exit_code_1_and_the_way_out(
    lambent: Lambent, tmp_path: Path
) -> None:
    large = artifact(tmp_path / "large", 100_000_000)
    answer = lambent("size", large, "--memory", "256")
    assert answer.code == 1
    assert "in 256 MB   cannot start" in answer.out
    assert "Use --memory 1024." in answer.out
    assert lambent("size", large, "--memory", "1024").code == 0


def test_scripts_read_the_verdict_and_what_is_advised(lambent: Lambent, folder: str) -> None:
    found = lambent("size", folder, "--memory", "2048", "--snapstart", "--json").json
    assert found["model"] == "scaled@7"
    assert (found["kinds"], found["verdict"]) == (["other"], "fits")
    assert found["memory_mb"] == found["memory"]["limit"] == 2048
    assert found["init"]["limit"] == 130
    assert found["advised_memory_mb"] == 256
    assert 0 < found["errors"]["start"] < 1


def test_a_deployed_model_is_held_against_the_memory_it_has(
    lambent: Lambent, published: Callable[[str], None], aws: Aws
) -> None:
    published("1")
    assert lambent("size", "scaled@1", "--json").json["memory_mb"] == 1024
    assert lambent("deploy", "scaled@1", "--memory", "768").code == 0
    assert lambent("size", "scaled", "--json").json["memory_mb"] == 768


def test_a_deploy_that_cannot_start_changes_nothing(
    lambent: Lambent, aws: Aws, sam: FakeSam
) -> None:
    files = {"model.onnx": FileEntry(sha256="0" * 64, size=150_000_000)}
    large = manifest("1", files=files)
    bucket = artifact_bucket(aws, require_platform(aws))
    bucket.create(manifest_key(large.reference), large.to_bytes())
    answer = lambent("deploy", "scaled@1", "--memory", "256")
    assert answer.code == 1
    assert "scaled@1: cannot start with 256 MB" in answer.err
    assert "Use --memory 1769." in answer.err
    assert sam.ran == []
    assert lambent("deploy", "scaled@1", "--memory", "1769").code == 0


def test_a_size_that_lambda_does_not_have_is_refused(lambent: Lambent, folder: str) -> None:
    assert lambent("size", folder, "--memory", "100").code == 2
