"""Platforms that ask for signatures, and one of before there were any."""

import json
from typing import Any

from infra.aws import Aws
from infra.release.stack.platform import Platform, artifact_bucket, require_platform, signing_key
from model_store.artifact.folder import Artifact
from model_store.registry import publish as publishing
from model_store.registry.signatures import sign

from .conftest import PLATFORM

BEFORE = {"SigningKeyArn", "RequireSignatures"}


def require_signatures(aws: Aws) -> Platform:
    """What `lambent platform deploy` makes of the platform of the tests."""
    return _update(aws, PLATFORM["Outputs"] | {"RequireSignatures": {"Value": "true"}})


def forget_signatures(aws: Aws) -> Platform:
    """The platform as it was before there were signatures."""
    outputs = PLATFORM["Outputs"].items()
    return _update(aws, {name: value for name, value in outputs if name not in BEFORE})


def _update(aws: Aws, outputs: dict[str, Any]) -> Platform:
    resources = PLATFORM["Resources"] | {"Changed": {"Type": "AWS::Logs::LogGroup"}}
    resources["Changed"] |= {"Properties": {"LogGroupName": f"/{len(outputs)}"}}
    body = json.dumps({"Resources": resources, "Outputs": outputs})
    aws.cloudformation.update_stack(StackName="lambent-platform", TemplateBody=body)
    return require_platform(aws)


def publish(aws: Aws, artifact: Artifact, *, signed: bool = True) -> None:
    platform = require_platform(aws)
    bucket, key = artifact_bucket(aws, platform), signing_key(aws, platform)
    if signed and key:
        sign(bucket, key, artifact.manifest.reference, artifact.digest)
    publishing.apply(bucket, publishing.plan(artifact, publishing.observe(bucket, artifact)))
