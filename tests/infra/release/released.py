"""A model's function in the embedded AWS, released by CloudFormation as the template does it."""

import json
from typing import Any

from infra.aws import Aws
from infra.release.deployed.history import history_of
from infra.release.deployed.live import Live, require_live
from infra.release.stack.stacks import find_stack, stack_name
from model_store.history.table import Move

from .conftest import digest_of

MODEL = "scaled"
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
}


def release(aws: Aws, version: str) -> Live:
    """A Lambda version that pins this model version, live, and in the history."""
    before = find_stack(aws, stack_name(MODEL)) and require_live(aws, MODEL).version.number
    _deploy(aws, version)
    live = require_live(aws, MODEL)
    history_of(aws).record(MODEL, Move("release", before or None, "ada"), live.version)
    return live


def _deploy(aws: Aws, version: str) -> None:
    exists = find_stack(aws, stack_name(MODEL))
    change = aws.cloudformation.update_stack if exists else aws.cloudformation.create_stack
    capabilities: Any = ["CAPABILITY_IAM"]
    body = json.dumps(_template(version))
    change(StackName=stack_name(MODEL), TemplateBody=body, Capabilities=capabilities)


def _template(version: str) -> dict[str, Any]:
    variables = {"LAMBENT_VERSION": version, "LAMBENT_DIGEST": digest_of(version)}
    function = {
        "FunctionName": stack_name(MODEL),
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "def handler(event, context): return 1"},
        "Environment": {"Variables": variables},
    }
    published = {
        "Type": "AWS::Lambda::Version",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"FunctionName": {"Ref": "Function"}},
    }
    alias = {
        "FunctionName": {"Ref": "Function"},
        "Name": "live",
        "FunctionVersion": {"Fn::GetAtt": [f"Version{version}", "Version"]},
    }
    return {
        "Resources": {
            "Role": ROLE,
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            f"Version{version}": published,
            "Alias": {"Type": "AWS::Lambda::Alias", "Properties": alias},
        }
    }
