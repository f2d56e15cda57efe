"""What names mean in a template: parameters, pseudo parameters, exports of other stacks."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.local.cloudformation.errors import InvalidTemplate
from infra.local.cloudformation.intrinsics import Scope
from infra.local.cloudformation.parameters import for_reference
from infra.local.cloudformation.records import Stack
from infra.local.cloudformation.stacks import Stacks
from infra.local.cloudformation.template import Template


def unheard(_name: str) -> None:
    """For those who do not care which exports are used."""


def scope(
    stacks: Stacks,
    stack: Stack,
    template: Template,
    parameters: Mapping[str, str],
    reference: Callable[[str], Any],
    attribute: Callable[[str, str], Any],
    on_import: Callable[[str], object] = unheard,
) -> Scope:
    """`on_import` hears the name of each export that is used."""

    def imported(name: str) -> str:
        exports = stacks.exports()
        if name not in exports:
            raise InvalidTemplate(f"No export named {name} found. Rollback requested by user.")
        on_import(name)
        return exports[name][1]

    return Scope(
        values={**for_reference(template, parameters), **_pseudo_parameters(stack)},
        mappings=template.get("Mappings", {}),
        condition_definitions=template.get("Conditions", {}),
        reference=reference,
        attribute=attribute,
        imported=imported,
    )


def without_resources(
    stacks: Stacks, stack: Stack, template: Template, parameters: Mapping[str, str]
) -> Scope:
    """For rules and conditions, which may not mention resources."""

    def refuse(name: str, *_: str) -> Any:
        raise InvalidTemplate(f"Template error: {name} may not be mentioned here")

    return scope(stacks, stack, template, parameters, refuse, refuse)


def _pseudo_parameters(stack: Stack) -> dict[str, Any]:
    return {
        "AWS::AccountId": stack.account,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": stack.region,
        "AWS::StackId": stack.stack_id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }
