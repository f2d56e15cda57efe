"""`lambent plan`: what a person reads, and the line to paste."""

import re
from pathlib import Path
from typing import Any

import pytest

from model_store.artifact.facts import FileEntry
from model_store.artifact.folder import write_artifact
from model_store.canonical import sha256_hex

from ..release.conftest import manifest
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


def test_a_row_that_misses_the_target_says_by_what(lambent: Lambent, folder: str) -> None:
    asked = ("plan", folder, "--rps", "20", "--burst", "3000", "--p99", "300ms")
    told = lambent(*asked).out
    assert re.search(r"misses$", told, re.MULTILINE)
    assert re.search(r"^   +on demand +512 .* burst$", told, re.MULTILINE)
    found = lambent(*asked, "--json").json["candidates"]
    missed = next(c for c in found if c["candidate"]["mode"] == "on demand")["misses"]
    assert {each["part"] for each in missed} == {"burst"}
    assert any("turned away" in each["why"] for each in missed)
    assert all(c["meets"] == (not c["misses"]) for c in found)


def test_sizes_that_do_not_hold_the_model_are_told(lambent: Lambent, tmp_path: Path) -> None:
    large = artifact(tmp_path / "large", 150_000_000)
    asked = ("plan", large, "--rps", "1", "--p99", "20s")
    assert re.search(r"Not tried: 512 MB, since the model takes \d+ MB", lambent(*asked).out)
    assert lambent(*asked, "--json").json["too_small_mb"] == [512]


def test_what_a_manifest_leaves_open_is_among_what_is_not_known(
    lambent: Lambent, tmp_path: Path
) -> None:
    vote = {"estimator": "sklearn.ensemble.VotingClassifier", "opset": {"ai.onnx.ml": 3}}
    older = artifact(tmp_path / "older", 5, **vote)
    newer = artifact(tmp_path / "newer", 5, **vote, trees={})
    asked = ("--rps", "20", "--p99", "200ms")
    assert "scaled@7: trees" in (told := lambent("plan", older, *asked).out)
    assert "what the graph is made of" in told
    assert "what the graph is made of" not in lambent("plan", newer, *asked).out


def test_snapshots_of_fewer_versions_cost_less(lambent: Lambent, folder: str) -> None:
    asked = ("plan", folder, "--rps", "1", "--p99", "20s", "--json")
    many, one = (lambent(*asked, *more).json["candidates"] for more in ((), ("--versions", "1")))
    prices = [
        (m["dollars_per_million"], o["dollars_per_million"]) for m, o in zip(many, one, strict=True)
    ]
    modes = [each["candidate"]["mode"] for each in many]
    assert all((m > o) == (mode == "SnapStart") for (m, o), mode in zip(prices, modes, strict=True))


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
