"""Deploying a template as sam does: by a change set, waiting as sam waits."""

import json
from typing import Any

Template = dict[str, Any]


def plan(
    cloudformation: Any, stack: str, template: Template | str, kind: str, **more: Any
) -> dict[str, Any]:
    """The change set, described."""
    body = template if isinstance(template, str) else json.dumps(template)
    name = f"set-{len(body)}-{kind.lower()}"
    more.setdefault("Capabilities", ["CAPABILITY_NAMED_IAM"])
    cloudformation.create_change_set(
        StackName=stack, ChangeSetName=name, ChangeSetType=kind, TemplateBody=body, **more
    )
    return dict(cloudformation.describe_change_set(ChangeSetName=name, StackName=stack))


def deploy(
    cloudformation: Any, stack: str, template: Template | str, kind: str = "CREATE", **more: Any
) -> dict[str, Any]:
    """The stack as it is after the change set was executed, whatever came of it."""
    change_set = plan(cloudformation, stack, template, kind, **more)
    cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"], StackName=stack)
    return dict(cloudformation.describe_stacks(StackName=stack)["Stacks"][0])


def parameters(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def events(cloudformation: Any, stack: str) -> list[tuple[str, str, str]]:
    """(logical id, status, reason), oldest first."""
    found = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return [
        (event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason", ""))
        for event in reversed(found)
    ]


def physical_ids(cloudformation: Any, stack: str) -> dict[str, str]:
    found = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}
