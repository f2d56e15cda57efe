"""What CreateChangeSet, CreateStack and UpdateStack say → the request that is planned."""

from collections.abc import Mapping
from typing import Any

from infra.local.cloudformation.changesets import Request
from infra.local.cloudformation.errors import NotSupported

READ = frozenset(
    [
        "Capabilities",
        "ChangeSetName",
        "ChangeSetType",
        "Description",
        "DisableRollback",
        "OnFailure",
        "Parameters",
        "StackName",
        "Tags",
        "TemplateBody",
        "TemplateURL",
        "UsePreviousTemplate",
    ]
)
IGNORED = frozenset(
    [
        "ClientRequestToken",
        "ClientToken",
        "IncludeNestedStacks",
        "NotificationARNs",
        "OnStackFailure",
        "RoleARN",
        "TimeoutInMinutes",
    ]
)


def read(
    members: Mapping[str, Any], body: str | None, kind: str, name: str, *, direct: bool
) -> Request:
    """Raises NotSupported for a member that is neither read nor knowingly ignored."""
    if unknown := sorted(members.keys() - READ - IGNORED):
        raise NotSupported(
            "CloudFormation",
            f"the member {', '.join(unknown)}",
            "Add it to infra/local/cloudformation/requests.py.",
        )
    entries, tags = members.get("Parameters") or [], members.get("Tags")
    return Request(
        stack_name=members.get("StackName", ""),
        name=name,
        kind=kind,
        body=None if members.get("UsePreviousTemplate") else body,
        given=_given(entries),
        kept=frozenset(e["ParameterKey"] for e in entries if e.get("UsePreviousValue")),
        tags=None if tags is None else {tag["Key"]: tag["Value"] for tag in tags},
        capabilities=tuple(members.get("Capabilities") or ()),
        description=members.get("Description"),
        direct=direct,
    )


def _given(entries: list[dict[str, Any]]) -> dict[str, str]:
    return {
        entry["ParameterKey"]: entry.get("ParameterValue", "")
        for entry in entries
        if not entry.get("UsePreviousValue")
    }
