"""Planning: a request becomes a release, and a release a change set. Nothing is provisioned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.cloudformation import parameters as parameter_rules
from infra.local.cloudformation import transform
from infra.local.cloudformation.acknowledgements import check_capabilities, check_rules
from infra.local.cloudformation.errors import (
    AlreadyExists,
    CloudFormationError,
    InvalidTemplate,
    StackBusy,
    StackNotFound,
)
from infra.local.cloudformation.plan import changes
from infra.local.cloudformation.records import ChangeSet, Release, Stack
from infra.local.cloudformation.references import check_functions
from infra.local.cloudformation.scopes import scope, without_resources
from infra.local.cloudformation.stacks import Stacks
from infra.local.cloudformation.template import Template, check_resources, parse

NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)
UPDATABLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_COMPLETE",
)


@dataclass(frozen=True)
class Request:
    """What CreateChangeSet says.

    `kind` is CREATE or UPDATE; `body` None keeps the stack's template; `kept` names parameters
    with UsePreviousValue; `tags` None keeps the stack's tags; `direct` means CreateStack or
    UpdateStack, where nobody sees the change set.
    """

    stack_name: str
    name: str
    kind: str
    body: str | None
    given: Mapping[str, str]
    kept: frozenset[str] = frozenset()
    tags: Mapping[str, str] | None = None
    capabilities: tuple[str, ...] = ()
    description: str | None = None
    direct: bool = False


def create(stacks: Stacks, request: Request, iam_client: Callable[[], Any]) -> ChangeSet:
    """Without changes the change set comes out FAILED, as on AWS."""
    stack = _existing(stacks, request) or _unborn(stacks, request)
    if request.name in stack.change_sets:
        raise AlreadyExists(f"ChangeSet {request.name} already exists")
    release = _release(stacks, stack, request, iam_client)
    change_set = ChangeSet(
        name=request.name,
        arn=stacks.arn("changeSet", request.name),
        stack_id=stack.stack_id,
        kind=request.kind,
        release=release,
        changes=changes(
            release,
            stack.resources,
            lambda reference, attribute: scope(
                stacks, stack, release.template, release.parameters, reference, attribute
            ),
        ),
        created=stacks.now(),
        description=request.description,
    )
    if request.kind == "UPDATE" and not change_set.changes and _same(stack.release, release):
        change_set.status, change_set.execution_status = "FAILED", "UNAVAILABLE"
        change_set.reason = NO_CHANGES
    _keep(stacks, stack, change_set)
    return change_set


def _existing(stacks: Stacks, request: Request) -> Stack | None:
    try:
        stack = stacks.stack(request.stack_name)
    except StackNotFound:
        if request.kind == "CREATE":
            return None
        raise
    if request.kind == "CREATE" and stack.status != "REVIEW_IN_PROGRESS":
        raise CloudFormationError(
            f"Stack [{stack.name}] already exists and cannot be created again with the "
            f"changeSet [{request.name}]."
        )
    if request.kind == "UPDATE" and stack.status not in UPDATABLE:
        raise StackBusy(stack.stack_id, stack.status, "updated")
    return stack


def _unborn(stacks: Stacks, request: Request) -> Stack:
    return Stack(
        name=request.stack_name,
        stack_id=stacks.arn("stack", request.stack_name),
        region=stacks.region,
        account=stacks.account,
        created=stacks.now(),
        release=Release("", {}, {}, {}, []),
    )


def _keep(stacks: Stacks, stack: Stack, change_set: ChangeSet) -> None:
    stack.change_sets[change_set.name] = change_set
    if change_set.kind == "CREATE":
        stack.release = change_set.release
    if stack.stack_id not in stacks.by_id:
        stacks.by_id[stack.stack_id] = stack
        stack.record(stacks.now(), stacks.unique(), "REVIEW_IN_PROGRESS", "User Initiated")


def _release(
    stacks: Stacks, stack: Stack, request: Request, iam_client: Callable[[], Any]
) -> Release:
    original = request.body if request.body is not None else stack.release.original
    source = parse(original)
    values = parameter_rules.resolve(source, _given(request, stack.release.parameters))
    check_rules(source, without_resources(stacks, stack, source, values))
    expanded = transform.expand(
        source, parameter_rules.for_reference(source, values), stacks.region, iam_client
    )
    check_resources(expanded)
    check_functions([expanded["Resources"], expanded.get("Outputs", {})])
    unseen = request.direct and bool(transform.declared(source))
    check_capabilities(expanded, request.capabilities, unseen_transform=unseen)
    tags = stack.release.tags if request.tags is None else dict(request.tags)
    return Release(original, expanded, values, tags, list(request.capabilities))


def _given(request: Request, before: Mapping[str, str]) -> dict[str, str]:
    if absent := sorted(request.kept - before.keys()):
        raise InvalidTemplate(
            f"Invalid input for parameter key {', '.join(absent)}. Cannot specify "
            "usePreviousValue as true for a parameter key not in the previous template"
        )
    return {**{name: before[name] for name in request.kept}, **request.given}


def _same(old: Release, new: Release) -> bool:
    """Beyond the properties of resources, which the changes have compared."""
    old_template, new_template = old.template, new.template
    return old_template.get("Outputs") == new_template.get("Outputs") and (
        _policies(old_template) == _policies(new_template)
    )


def _policies(template: Template) -> dict[str, tuple[Any, Any]]:
    return {
        name: (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        for name, resource in template["Resources"].items()
    }
