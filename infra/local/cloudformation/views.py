"""Records → the members of CloudFormation's responses."""

import json
from typing import Any

from infra.local.cloudformation.acknowledgements import required_capabilities
from infra.local.cloudformation.parameters import masked, text, truthy
from infra.local.cloudformation.records import (
    Change,
    ChangeSet,
    Deployed,
    Event,
    Output,
    Release,
    Stack,
)
from infra.local.cloudformation.stacks import Stacks
from infra.local.cloudformation.template import Template
from infra.local.cloudformation.transform import declared

View = dict[str, Any]


def stack(found: Stack) -> View:
    return _present(
        {
            "StackId": found.stack_id,
            "StackName": found.name,
            "Description": found.release.template.get("Description"),
            "Parameters": parameters(found.release),
            "CreationTime": found.created,
            "LastUpdatedTime": found.updated,
            "DeletionTime": found.deleted,
            "StackStatus": found.status,
            "StackStatusReason": found.reason,
            "DisableRollback": False,
            "Capabilities": found.release.capabilities,
            "Outputs": [_output(output) for output in found.outputs],
            "Tags": tags(found.release),
            "EnableTerminationProtection": False,
        }
    )


def summary(found: Stack) -> View:
    kept = ("StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime")
    whole = stack(found)
    status = {name: whole[name] for name in ("StackStatus", "StackStatusReason") if name in whole}
    return {name: whole[name] for name in kept if name in whole} | status


def event(found: Event, of: Stack) -> View:
    return _present(
        {
            "StackId": of.stack_id,
            "StackName": of.name,
            "EventId": found.event_id,
            "LogicalResourceId": found.logical_id,
            "PhysicalResourceId": found.physical_id,
            "ResourceType": found.kind,
            "Timestamp": found.timestamp,
            "ResourceStatus": found.status,
            "ResourceStatusReason": found.reason,
        }
    )


def resource(found: Deployed, of: Stack) -> View:
    return {
        "StackName": of.name,
        "StackId": of.stack_id,
        "Timestamp": found.updated,
        **resource_summary(found),
    }


def resource_summary(found: Deployed) -> View:
    return {
        "LogicalResourceId": found.logical_id,
        "PhysicalResourceId": found.physical_id,
        "ResourceType": found.kind,
        "LastUpdatedTimestamp": found.updated,
        "ResourceStatus": found.status,
    }


def change_set(found: ChangeSet, of: Stack) -> View:
    return _present(
        {
            **change_set_summary(found, of),
            "Parameters": parameters(found.release),
            "Capabilities": found.release.capabilities,
            "Tags": tags(found.release),
            "Changes": [_change(line) for line in found.changes],
        }
    )


def change_set_summary(found: ChangeSet, of: Stack) -> View:
    return _present(
        {
            "ChangeSetName": found.name,
            "ChangeSetId": found.arn,
            "StackId": of.stack_id,
            "StackName": of.name,
            "Description": found.description,
            "CreationTime": found.created,
            "ExecutionStatus": found.execution_status,
            "Status": found.status,
            "StatusReason": found.reason,
        }
    )


def exports(stacks: Stacks) -> list[View]:
    return [
        {"ExportingStackId": owner.stack_id, "Name": name, "Value": value}
        for name, (owner, value) in sorted(stacks.exports().items())
    ]


def template(release: Release, stage: str) -> View:
    processed = stage == "Processed"
    body = json.dumps(release.template) if processed else release.original
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


def template_summary(source: Template) -> View:
    needed = required_capabilities(source)
    return _present(
        {
            "Description": source.get("Description"),
            "Parameters": [
                _parameter(name, definition)
                for name, definition in source.get("Parameters", {}).items()
            ],
            "Capabilities": needed or None,
            "CapabilitiesReason": f"The template needs {', '.join(needed)}." if needed else None,
            "ResourceTypes": sorted({item["Type"] for item in source["Resources"].values()}),
            "Version": source.get("AWSTemplateFormatVersion"),
            "Metadata": json.dumps(source["Metadata"]) if "Metadata" in source else None,
            "DeclaredTransforms": declared(source),
        }
    )


def parameters(release: Release) -> list[View]:
    values = masked(release.template, release.parameters)
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def tags(release: Release) -> list[View]:
    return [{"Key": key, "Value": value} for key, value in release.tags.items()]


def _parameter(name: str, definition: View) -> View:
    allowed = definition.get("AllowedValues")
    return _present(
        {
            "ParameterKey": name,
            "DefaultValue": text(definition["Default"]) if "Default" in definition else None,
            "ParameterType": definition.get("Type", "String"),
            "NoEcho": truthy(definition.get("NoEcho", False)),
            "Description": definition.get("Description"),
            "ParameterConstraints": {"AllowedValues": [text(item) for item in allowed]}
            if allowed
            else {},
        }
    )


def _output(found: Output) -> View:
    return _present(
        {
            "OutputKey": found.key,
            "OutputValue": found.value,
            "Description": found.description,
            "ExportName": found.export,
        }
    )


def _change(line: Change) -> View:
    return {
        "Type": "Resource",
        "ResourceChange": _present(
            {
                "Action": line.action,
                "LogicalResourceId": line.logical_id,
                "PhysicalResourceId": line.physical_id,
                "ResourceType": line.kind,
                "Replacement": line.replacement,
            }
        ),
    }


def _present(view: View) -> View:
    return {name: value for name, value in view.items() if value is not None}
