"""`lambent plan`: what a person reads, and the line to paste."""

import re
from pathlib import Path

import pytest

from model_store.artifact.facts import FileEntry
from model_store.artifact.folder import write_artifact
from model_store.canonical import sha256_hex

from ..release.conftest import manifest
from .conftest import Lambent


@pytest.fixture
def folder(tmp_path: Path) -> str:
    files = {"model.onnx": FileEntry(sha256=sha256_hex(b"model"), size=5)}
    write_artifact(tmp_path / "artifact", manifest("7", files=files), {"model.onnx": b"model"})
    return str(tmp_path / "artifact")


def test_a_plan_marks_one_candidate_and_says_how_to_deploy_it(
    lambent: Lambent, folder: str
) -> None:
    told = lambent("plan", folder, "--rps", "20", "--p99", "200ms").out
    assert len(re.findall(r"^\* ", told, re.MULTILINE)) == 1
    assert re.search(r"^  lambent deploy scaled@7 --memory 512 ", told, re.MULTILINE)


def test_the_line_can_be_pasted(lambent: Lambent, folder: str, published: object) -> None:
    published("1")
    line = lambent("plan", "scaled@1", "--rps", "20", "--p99", "0.2s", "--json").json["deploy"]
    answer = lambent(*line.split()[1:], "--dry-run", "--json")
    assert answer.code == 0
    assert answer.json["parameters"]["ThrottleRate"] == "24"
    assert answer.json["parameters"]["MemorySize"] == "512"


def test_scripts_read_every_candidate_and_what_is_not_known(lambent: Lambent, folder: str) -> None:
    found = lambent("plan", folder, "--rps", "20", "--p99", "200", "--json").json
    assert found["model"] == "scaled@7"
    assert found["load"] == {"rate": 20, "burst": None}
    assert len(found["candidates"]) == 9
    assert found["recommended"]["candidate"]["mode"] == "on demand"
    assert any("processor" in what for what in found["unknown"])


def test_a_target_that_nothing_meets_is_said_with_the_nearest(
    lambent: Lambent, folder: str
) -> None:
    answer = lambent("plan", folder, "--rps", "20", "--p99", "200ms", "--warm", "2s")
    assert answer.code == 0
    assert "None meets the target. The nearest is" in answer.out
    assert "lambent deploy" not in answer.out


@pytest.mark.parametrize("text", ["soon", "-5ms", "0ms", "5 minutes"])
def test_a_target_that_is_no_time_is_refused(lambent: Lambent, folder: str, text: str) -> None:
    answer = lambent("plan", folder, "--rps", "20", f"--p99={text}")
    assert answer.code == 2
    assert "is no time such as 200ms" in answer.err
