"""AWS::IAM: roles with their policies."""

import json
from collections.abc import Callable
from typing import Any

from infra.local.cloudformation.provision.record import Call, Custom, Resource, ResourceType
from infra.local.cloudformation.provision.sources import (
    answer,
    item,
    items_gone,
    items_of,
    name_from,
    physical_id,
    same,
    tag_list,
    tags_gone,
)


def _document(source: Callable[[Resource], Any]) -> Callable[[Resource], str]:
    """SAM's policy templates leave out the version, which moto insists on."""
    return lambda resource: json.dumps({"Version": "2012-10-17", **source(resource)})


def _own(name: str) -> Callable[[Resource], str]:
    return _document(lambda resource: resource.get(name))


def _policies_gone(resource: Resource) -> list[str]:
    kept = {policy["PolicyName"] for policy in items_of("Policies")(resource)}
    return [
        policy["PolicyName"]
        for policy in resource.previous.get("Policies") or []
        if policy["PolicyName"] not in kept
    ]


def _detach_everything(resource: Resource, client: Any) -> None:
    name = resource.physical_id
    for attached in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    for inline in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=inline)


ATTACH = Call(
    "attach_role_policy",
    {"RoleName": name_from("RoleName"), "PolicyArn": item},
    each=items_of("ManagedPolicyArns"),
)
PUT_INLINE = Call(
    "put_role_policy",
    {
        "RoleName": name_from("RoleName"),
        "PolicyName": lambda resource: resource.item["PolicyName"],
        "PolicyDocument": _document(lambda resource: resource.item["PolicyDocument"]),
    },
    each=items_of("Policies"),
)

ROLE = ResourceType(
    name="AWS::IAM::Role",
    service="iam",
    properties="AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path "
    "PermissionsBoundary Policies RoleName Tags",
    immutable="Path PermissionsBoundary RoleName",
    members={"Policies": "PolicyDocument PolicyName"},
    required="AssumeRolePolicyDocument",
    name_property="RoleName",
    longest_name=64,
    physical_id=name_from("RoleName"),
    create=(
        Call(
            "create_role",
            {
                **same("Description MaxSessionDuration Path PermissionsBoundary"),
                "RoleName": name_from("RoleName"),
                "AssumeRolePolicyDocument": _own("AssumeRolePolicyDocument"),
                "Tags": tag_list,
            },
        ),
        ATTACH,
        PUT_INLINE,
    ),
    update=(
        Call(
            "update_assume_role_policy",
            {"RoleName": physical_id, "PolicyDocument": _own("AssumeRolePolicyDocument")},
        ),
        Call(
            "update_role",
            {
                "RoleName": physical_id,
                "Description": lambda resource: resource.get("Description", ""),
                "MaxSessionDuration": lambda resource: resource.get("MaxSessionDuration", 3600),
            },
        ),
        Call(
            "detach_role_policy",
            {"RoleName": physical_id, "PolicyArn": item},
            each=items_gone("ManagedPolicyArns"),
        ),
        ATTACH,
        Call(
            "delete_role_policy", {"RoleName": physical_id, "PolicyName": item}, each=_policies_gone
        ),
        PUT_INLINE,
        Call(
            "untag_role",
            {"RoleName": physical_id, "TagKeys": tags_gone},
            when=lambda resource: bool(tags_gone(resource)),
        ),
        Call(
            "tag_role",
            {"RoleName": physical_id, "Tags": tag_list},
            when=lambda resource: bool(tag_list(resource)),
        ),
    ),
    delete=(
        Custom("detach_everything", _detach_everything),
        Call("delete_role", {"RoleName": physical_id}),
    ),
    attributes={
        "Arn": answer("get_role.Role.Arn"),
        "RoleId": answer("get_role.Role.RoleId"),
    },
    read=Call("get_role", {"RoleName": physical_id}),
)

TYPES = (ROLE,)
