"""AWS::Events: rules that call functions on a schedule."""

from dataclasses import replace
from typing import Any

from infra.local.cloudformation.resource_type import Resource, ResourceType, Setting, formatted


def _set_targets(resource: Resource, client: Any) -> None:
    """Exactly those that the template names."""
    rule, wanted = resource.physical_id, resource.get("Targets") or []
    found = client.list_targets_by_rule(Rule=rule)["Targets"]
    gone = {target["Id"] for target in found} - {target["Id"] for target in wanted}
    if gone:
        client.remove_targets(Rule=rule, Ids=sorted(gone))
    if wanted:
        client.put_targets(Rule=rule, Targets=wanted)


def _drop_targets(resource: Resource, client: Any) -> None:
    _set_targets(replace(resource, properties={}), client)


RULE = ResourceType(
    name="AWS::Events::Rule",
    properties="Description Name ScheduleExpression State Targets",
    members={"Targets": "Arn Id Input"},
    defaults={"State": "ENABLED"},
    name_property="Name",
    longest_name=64,
    create="put_rule",
    update=("put_rule",),
    settings={"Targets": Setting(_set_targets, _drop_targets)},
    delete=(_drop_targets, "delete_rule"),
    attributes={"Arn": formatted("arn:aws:events:{region}:{account}:rule/{id}")},
)

EVENTS = (RULE,)
