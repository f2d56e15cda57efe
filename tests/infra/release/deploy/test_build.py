"""A bundle is built once per code and target, whole or not at all."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from infra.errors import ToolFailed
from infra.release.deploy.build import BUILDS, KEPT, built_template, ensure_built
from infra.release.deploy.parameters import Choices
from infra.release.stack.sam import Sam

MADE = """
Resources:
  First:
    Properties:
      CodeUri: Function
      Role:
        Fn::GetAtt: [Role, Arn]
  Second:
    Properties:
      CodeUri: Function
  Alias:
    Type: AWS::Lambda::Alias
  Elsewhere:
    Properties:
      CodeUri: ../../../../own
  Uploaded:
    Properties:
      CodeUri:
        Bucket: packages
        Key: own.zip
"""


def told(template: Path) -> Any:
    return json.loads(template.read_text())


class Builder(Sam):
    """Builds a template alone; or is interrupted halfway."""

    def build(self, environment: str, folder: Path, config: Path) -> None:
        folder.mkdir(parents=True)
        if environment == "interrupted":
            raise ToolFailed("sam build", "was interrupted", "Run it again")
        (folder / "template.yaml").write_text(f"Description: {environment}\n{MADE}")
        code = folder / "Function/package/code.py"
        code.parent.mkdir(parents=True)
        code.write_text("1")
        code.chmod(0o644)


@pytest.fixture
def sam(tmp_path: Path) -> Builder:
    return Builder(tmp_path, tmp_path / "samconfig.toml")


def test_what_is_built_is_not_built_again(sam: Builder) -> None:
    template = built_template(sam.root, "c0de", Choices())
    ensure_built(sam, "first", template, sam.config)
    ensure_built(sam, "second", template, sam.config)
    assert told(template)["Description"] == "first"


def test_each_code_and_target_has_a_build_of_its_own(sam: Builder) -> None:
    asked = [("c0de", Choices()), ("new", Choices()), ("c0de", Choices(architecture="x86_64"))]
    assert len({built_template(sam.root, code, choices) for code, choices in asked}) == 3


def test_an_interrupted_build_leaves_nothing(sam: Builder) -> None:
    template = built_template(sam.root, "c0de", Choices())
    with pytest.raises(ToolFailed):
        ensure_built(sam, "interrupted", template, sam.config)
    assert list((sam.root / BUILDS).iterdir()) == []
    ensure_built(sam, "again", template, sam.config)
    assert told(template)["Description"] == "again"


def test_old_builds_are_forgotten(sam: Builder) -> None:
    templates = [built_template(sam.root, str(n), Choices()) for n in range(KEPT + 1)]
    for template in templates:
        ensure_built(sam, "model", template, sam.config)
    assert len(list((sam.root / BUILDS).iterdir())) == KEPT
    assert templates[-1].exists()


def test_what_a_function_runs_is_zipped_once_and_not_with_every_deploy(sam: Builder) -> None:
    template = built_template(sam.root, "c0de", Choices())
    ensure_built(sam, "model", template, sam.config)
    with ZipFile(template.parent / "Function.zip") as bundle:
        assert bundle.read("package/code.py") == b"1"
        assert bundle.infolist()[-1].external_attr >> 16 & 0o777 == 0o644
    assert sorted(path.name for path in template.parent.iterdir()) == [
        "Function.zip",
        "template.json",
    ]


def test_the_template_is_the_same_in_json(sam: Builder) -> None:
    template = built_template(sam.root, "c0de", Choices())
    ensure_built(sam, "model", template, sam.config)
    assert told(template)["Resources"] == {
        "First": {
            "Properties": {"CodeUri": "Function.zip", "Role": {"Fn::GetAtt": ["Role", "Arn"]}}
        },
        "Second": {"Properties": {"CodeUri": "Function.zip"}},
        "Alias": {"Type": "AWS::Lambda::Alias"},
        "Elsewhere": {"Properties": {"CodeUri": "../../../../own"}},
        "Uploaded": {"Properties": {"CodeUri": {"Bucket": "packages", "Key": "own.zip"}}},
    }


def test_code_that_was_not_built_here_is_left_alone(sam: Builder) -> None:
    own = sam.root / "own/code.py"
    own.parent.mkdir()
    own.write_text("1")
    ensure_built(sam, "model", built_template(sam.root, "c0de", Choices()), sam.config)
    assert own.read_text() == "1"
