"""Fixtures of the tests of Lambda's strictness."""

import json
from typing import Any

import pytest

from tests.infra.local.support import Client, zipped

CODE = "def handler(event, context): return 1"


@pytest.fixture
def lambdas(client: Client) -> Any:
    return client("lambda")


@pytest.fixture
def function(client: Client, lambdas: Any, name: str) -> str:
    """A function with versions 1, 2, 3 and the alias live → 1."""
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({}))
    lambdas.create_function(
        FunctionName=name,
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": zipped(CODE, "index.py")},
    )
    for number in ("1", "2", "3"):
        lambdas.update_function_configuration(FunctionName=name, Description=number)
        assert lambdas.publish_version(FunctionName=name)["Version"] == number
    lambdas.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name
