"""Provisioning: resource types as tables, and the one engine that runs them."""

from infra.local.cloudformation.errors import NotSupported
from infra.local.cloudformation.provision import (
    apigateway,
    cloudwatch,
    dynamodb,
    iam,
    kms,
    lambda_,
    lambda_releases,
    logs,
    s3,
    sns,
    usage_plans,
)
from infra.local.cloudformation.provision.record import ResourceType

MODULES = (
    apigateway,
    cloudwatch,
    dynamodb,
    iam,
    kms,
    lambda_,
    lambda_releases,
    logs,
    s3,
    sns,
    usage_plans,
)
TYPES: dict[str, ResourceType] = {kind.name: kind for module in MODULES for kind in module.TYPES}


def type_of(logical_id: str, name: str) -> ResourceType:
    if name not in TYPES:
        raise NotSupported(
            f"Resources/{logical_id}",
            f"the resource type {name}",
            "Add a record for it in infra/local/cloudformation/provision/.",
        )
    return TYPES[name]
