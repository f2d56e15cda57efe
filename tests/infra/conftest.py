"""An embedded AWS to share, and the two templates: as written, and as CloudFormation sees them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.local.cloudformation.template import expand
from infra.local.server import EmbeddedAws

ROOT = Path(__file__).parents[2]
PARAMETERS = {
    "ModelName": "penguins",
    "ModelVersion": "1",
    "ModelDigest": "1" * 64,
    "ReleaseDigest": "2" * 64,
}
Template = dict[str, Any]


@pytest.fixture(scope="module")
def embedded_aws() -> Iterator[EmbeddedAws]:
    """One at a time lives in a process, so it ends with the module that asked for it."""
    with EmbeddedAws() as running:
        yield running


@pytest.fixture(scope="session")
def load_template() -> Callable[[str], Template]:
    """A template as it is written, with Fn::… for the short forms."""

    def load(path: str) -> Template:
        template: Template = yaml_parse((ROOT / path).read_text())
        return template

    return load


@pytest.fixture(scope="session")
def expand_template(load_template: Callable[[str], Template]) -> Callable[..., Template]:
    """A template after the SAM transform."""

    def expanded(path: str, **parameters: str) -> Template:
        template = load_template(path)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://bucket/key"
        given = template.get("Parameters", {})
        defaults = {name: p["Default"] for name, p in given.items() if "Default" in p}
        result = expand(template, defaults | PARAMETERS | parameters, "us-east-1", Mock)
        plain: Template = json.loads(json.dumps(result))
        return plain

    return expanded
