"""A platform that signs, beside the one that does not yet."""

import json
from typing import Any

from infra.aws import Aws
from infra.release.platform import Platform, artifact_bucket, require_platform, signing_key
from model_store.artifact.folder import Artifact
from model_store.registry import publish as publishing
from model_store.registry.signatures import sign

from .conftest import PLATFORM

KEY = {
    "Type": "AWS::KMS::Key",
    "Properties": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
}


def add_signing_key(aws: Aws, *, required: bool = True) -> Platform:
    """What `lambent platform deploy` does to a stack of before there were signatures."""
    document: dict[str, Any] = {
        "Resources": PLATFORM["Resources"] | {"SigningKey": KEY},
        "Outputs": PLATFORM["Outputs"]
        | {
            "SigningKeyArn": {"Value": {"Fn::GetAtt": ["SigningKey", "Arn"]}},
            "RequireSignatures": {"Value": "true" if required else "false"},
        },
    }
    aws.cloudformation.update_stack(StackName="lambent-platform", TemplateBody=json.dumps(document))
    return require_platform(aws)


def publish(aws: Aws, artifact: Artifact, *, signed: bool = True) -> None:
    platform = require_platform(aws)
    bucket, key = artifact_bucket(aws, platform), signing_key(aws, platform)
    if signed and key:
        sign(bucket, key, artifact.manifest.reference, artifact.digest)
    publishing.apply(bucket, publishing.plan(artifact, publishing.observe(bucket, artifact)))
