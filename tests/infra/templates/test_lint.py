"""The linters of CloudFormation, sam and checkov find nothing that is not explained."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
SAM = ROOT / ".envs/sam/bin/sam"
CHECKOV = ROOT / ".envs/checkov/bin/checkov"
TEMPLATES = ("template.yaml", "infra/platform.yaml")
Expand = Callable[..., dict[str, Any]]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_sam_validates_with_lint(template: str) -> None:
    done = run(SAM, "validate", "--lint", "--template-file", template)
    assert done.returncode == 0, done.stdout + done.stderr


def test_cfn_lint_finds_nothing_at_the_level_of_information_either() -> None:
    """Also DeletionPolicy and UpdateReplacePolicy, which are only information (it exits 0)."""
    done = run(BIN / "cfn-lint", "--include-checks", "I", "--", *TEMPLATES)
    assert (done.returncode, done.stdout) == (0, "")


def checkov(folder: Path, *templates: dict[str, Any]) -> tuple[int, set[str], int]:
    """Exit code, checks that failed, number of checks that passed."""
    files = []
    for number, template in enumerate(templates):
        files.append(folder / f"{number}.json")
        files[-1].write_text(json.dumps(template))
    config = ROOT / ".checkov.yaml"
    done = run(CHECKOV, "--config-file", config, "--output", "json", "-f", *files)
    report = json.loads(done.stdout)
    failed = {f"{c['check_id']} {c['resource']}" for c in report["results"]["failed_checks"]}
    return done.returncode, failed, report["summary"]["passed"]


def test_checkov_accepts_the_expanded_templates(expand_template: Expand, tmp_path: Path) -> None:
    """Threats API2, API4, API8 and secrets: CKV_AWS_59, 115, 45 and what else checkov knows."""
    code, failed, passed = checkov(tmp_path, *(expand_template(t) for t in TEMPLATES))
    assert (code, failed) == (0, set())
    assert passed > 25


def test_checkov_would_find_an_open_bucket(expand_template: Expand, tmp_path: Path) -> None:
    """The gate above can fail."""
    template = expand_template("infra/platform.yaml")
    del template["Resources"]["ArtifactBucket"]["Properties"]["PublicAccessBlockConfiguration"]
    code, failed, _ = checkov(tmp_path, template)
    assert code == 1
    assert "CKV_AWS_53 AWS::S3::Bucket.ArtifactBucket" in failed


def test_every_skip_of_checkov_has_its_reason() -> None:
    for template in TEMPLATES:
        text = (ROOT / template).read_text()
        assert text.count("- id: CKV") == len(re.findall(r"- id: CKV_\w+\s+comment: \S", text))
    config = (ROOT / ".checkov.yaml").read_text()
    assert len(re.findall(r"^  - CKV", config, re.M)) == len(
        re.findall(r"^  # .+\.\n  - CKV", config, re.M)
    )
