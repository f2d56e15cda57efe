"""Planning: a request becomes a release, and a release a change set. Nothing is provisioned."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.local.cloudformation import parameters
from infra.local.cloudformation.errors import (
    CloudFormationError,
    InvalidTemplate,
    StackBusy,
    StackNotFound,
)
from infra.local.cloudformation.plan import Plan, policies_of
from infra.local.cloudformation.stacks import ChangeSet, Release, Stack, Stacks
from infra.local.cloudformation.template import check_resources, expand, parse

NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)
UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
Asked = Mapping[str, Any]


def create(
    stacks: Stacks,
    kind: str,
    name: str,
    asked: Asked,
    body: str | None,
    iam_client: Callable[[], Any],
) -> ChangeSet:
    """Without changes the change set comes out FAILED, as on AWS.

    `kind` is CREATE or UPDATE; `asked` holds the members of CreateChangeSet (or of CreateStack or
    UpdateStack); `body` None keeps the stack's template.
    """
    stack = _existing(stacks, kind, asked) or _unborn(stacks, asked)
    if name in stack.change_sets:
        raise CloudFormationError(f"ChangeSet {name} already exists", "AlreadyExistsException")
    release = _release(stacks, stack.release, asked, body, iam_client)
    plan = Plan(release, stack.resources, lambda *given: stacks.scope(stack, release, *given))
    change_set = ChangeSet(
        change_set_name=name,
        change_set_id=stacks.arn("changeSet", name),
        stack_id=stack.stack_id,
        stack_name=stack.stack_name,
        change_set_type=kind,
        release=release,
        changes=plan.changes,
        order=plan.order,
        creation_time=stacks.now(),
        description=asked.get("Description"),
    )
    if kind == "UPDATE" and not plan.changes and _rest(stack.release) == _rest(release):
        change_set.status, change_set.execution_status = "FAILED", "UNAVAILABLE"
        change_set.status_reason = NO_CHANGES
    _keep(stacks, stack, change_set)
    return change_set


def _existing(stacks: Stacks, kind: str, asked: Asked) -> Stack | None:
    try:
        stack = stacks.stack(asked["StackName"])
    except StackNotFound:
        if kind == "CREATE":
            return None
        raise
    if kind == "CREATE" and not stack.unborn:
        raise CloudFormationError(
            f"Stack [{stack.stack_name}] already exists and cannot be created again."
        )
    if kind == "UPDATE" and stack.stack_status not in UPDATABLE:
        raise StackBusy(stack.stack_id, stack.stack_status, "updated")
    return stack


def _unborn(stacks: Stacks, asked: Asked) -> Stack:
    name, nothing = asked["StackName"], Release("", {}, {}, {}, [])
    return Stack(name, stacks.arn("stack", name), stacks.now(), nothing)


def _keep(stacks: Stacks, stack: Stack, change_set: ChangeSet) -> None:
    stack.change_sets[change_set.change_set_name] = change_set
    if change_set.change_set_type == "CREATE":
        stack.release = change_set.release
    if stack.stack_id not in stacks.by_id:
        stacks.by_id[stack.stack_id] = stack
        stacks.record(stack, "REVIEW_IN_PROGRESS", "User Initiated")


def _release(
    stacks: Stacks,
    before: Release,
    asked: Asked,
    body: str | None,
    iam_client: Callable[[], Any],
) -> Release:
    original = before.original if body is None else body
    source = parse(original)
    definitions = source.get("Parameters", {})
    values = parameters.resolve(definitions, _given(asked.get("Parameters") or [], before.values))
    referred = parameters.for_reference(definitions, values)
    expanded = expand(source, referred, stacks.region, iam_client)
    check_resources(expanded)
    tags = asked.get("Tags")
    return Release(
        original=original,
        template=expanded,
        values=values,
        stack_tags=before.stack_tags if tags is None else {t["Key"]: t["Value"] for t in tags},
        capabilities=list(asked.get("Capabilities") or []),
    )


def _given(entries: list[dict[str, Any]], before: Mapping[str, str]) -> dict[str, str]:
    kept = {entry["ParameterKey"] for entry in entries if entry.get("UsePreviousValue")}
    if absent := sorted(kept - before.keys()):
        raise InvalidTemplate(
            f"Invalid input for parameter key {', '.join(absent)}. Cannot specify "
            "usePreviousValue as true for a parameter key not in the previous template"
        )
    values = {entry["ParameterKey"]: entry.get("ParameterValue", "") for entry in entries}
    return values | {name: before[name] for name in kept}


def _rest(release: Release) -> tuple[Any, Any]:
    """What is new besides the properties of resources, which the plan has compared."""
    resources = release.template["Resources"].items()
    policies = {
        name: (policies_of(definition), definition.get("UpdatePolicy"))
        for name, definition in resources
    }
    return release.template.get("Outputs"), policies
