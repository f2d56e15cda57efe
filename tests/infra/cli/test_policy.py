"""What people type to learn how sure a model is, and what they read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.aws import Aws
from model_store.artifact.facts import FileEntry, OutputNames, TradeOff
from model_store.artifact.folder import write_artifact
from model_store.artifact.layout import manifest_key
from model_store.artifact.manifest import Manifest
from model_store.canonical import sha256_hex
from model_store.fallbacks.records import Constant
from model_store.policy import Policy

from ..release.conftest import StrictLambda, lambda_version, manifest
from .conftest import Lambent


def classifier(**changes: Any) -> Manifest:
    counts = ((0.0, 1000, 900), (0.7, 800, 776))
    fields: dict[str, Any] = {
        "task": "binary",
        "labels": ("no", "yes"),
        "outputs": OutputNames(probabilities="probabilities"),
        "fallbacks": (Constant(value="no"),),
        "policy": Policy(least_confidence=0.6, low_confidence="fallback"),
        "tradeoff": tuple(
            TradeOff(least_confidence=least, rows=1000, answered=answered, right=right)
            for least, answered, right in counts
        ),
    }
    return manifest("7", **fields | changes)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    files = {"model.onnx": FileEntry(sha256=sha256_hex(b"model"), size=5)}
    write_artifact(tmp_path / "artifact", classifier(files=files), {"model.onnx": b"model"})
    return str(tmp_path / "artifact")


@pytest.fixture
def in_registry(aws: Aws) -> Callable[[Manifest], str]:
    from infra.release.stack.platform import artifact_bucket, require_platform

    def publish(made: Manifest) -> str:
        bucket = artifact_bucket(aws, require_platform(aws))
        bucket.create(manifest_key(made.reference), made.to_bytes())
        return str(made.reference)

    return publish


def test_the_policy_of_an_artifact_is_explained_in_sentences(lambent: Lambent, folder: str) -> None:
    told = lambent("policy", "explain", folder).out
    assert "When the confidence is below 0.6 (low_confidence): a fallback answers." in told
    assert "1. always no" in told
    assert "No calibration data" in told
    assert "0.7     80.0%     97.0%  95.6% to 98.1%" in told


def test_a_suggestion_ends_with_the_line_to_paste(lambent: Lambent, folder: str) -> None:
    told = lambent("policy", "explain", folder, "--accuracy", "0.95").out
    assert told.rindex("  Policy(least_confidence=0.7)\n") > told.index("Trade-off")
    document = lambent("policy", "explain", folder, "--accuracy", "0.95", "--json").json
    assert document["suggestions"]["accuracy"]["declare"] == "Policy(least_confidence=0.7)"
    assert document["digest"]


def test_a_published_version_is_explained_without_its_files(
    lambent: Lambent, in_registry: Callable[[Manifest], str]
) -> None:
    reference = in_registry(classifier())
    document = lambent("policy", "explain", reference, "--cost", "0.1", "--json").json
    assert (document["model"], document["digest"]) == ("scaled@7", classifier().digest)
    assert document["suggestions"]["cost"]["reached"] is False


def test_a_regression_is_told_that_there_are_no_confidences(
    lambent: Lambent, in_registry: Callable[[Manifest], str]
) -> None:
    answer = lambent("policy", "explain", in_registry(manifest("1")), "--accuracy", "0.9")
    assert answer.code == 0
    assert "no confidences, so no threshold can be chosen" in answer.out


def test_the_report_is_one_file(lambent: Lambent, folder: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    answer = lambent("report", folder, "--output", str(page), "--json")
    assert answer.json["file"] == str(page)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "scaled@7" in page.read_text(encoding="utf-8")


def test_a_report_is_named_after_the_version(
    lambent: Lambent, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lambent("report", folder).out == "scaled@7: scaled-7.html\n"
    assert (tmp_path / "scaled-7.html").exists()


def test_a_name_is_the_live_version_or_else_the_newest(
    lambent: Lambent, aws: Aws, published: Callable[[str], None]
) -> None:
    published("1")
    published("2")
    assert lambent("policy", "explain", "scaled", "--json").json["model"] == "scaled@2"
    aws.__dict__["lambda_"] = StrictLambda([lambda_version(1, "1")], "1")
    assert lambent("policy", "explain", "scaled", "--json").json["model"] == "scaled@1"


def test_a_name_that_is_not_published_is_one_clean_line(lambent: Lambent) -> None:
    answer = lambent("report", "nobody")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "nobody: is not published" in answer.err


def test_a_place_that_cannot_be_written_is_one_clean_line(
    lambent: Lambent, folder: str, tmp_path: Path
) -> None:
    answer = lambent("report", folder, "--output", str(tmp_path / "no/such/report.html"))
    assert answer.code == 1
    assert answer.err.endswith("No such file or directory. Choose another --output.\n")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("target", ["nowhere/1", "Scaled"])
def test_a_target_that_is_neither_folder_nor_reference_is_refused(
    lambent: Lambent, target: str
) -> None:
    answer = lambent("policy", "explain", target)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "is neither the folder of an artifact nor NAME@VERSION nor NAME" in answer.err


@pytest.mark.parametrize(
    ("option", "target"),
    [
        ("--accuracy", "-0.1"),
        ("--accuracy", "1.1"),
        ("--accuracy", "nan"),
        ("--cost", "-1"),
        ("--cost", "inf"),
    ],
)
def test_a_target_that_cannot_be_meant_is_wrong_usage(
    lambent: Lambent, folder: str, option: str, target: str
) -> None:
    assert lambent("policy", "explain", folder, option, target).code == 2
