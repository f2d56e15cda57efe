"""Deleting Lambda versions that nobody goes back to: observed, planned, done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.aws import Aws, translated
from infra.errors import AwsFailed, AwsUnavailable, Conflict, NotFound, Refused
from infra.release.deployed.draft import Draft, Tell
from infra.release.deployed.guard import check_no_shift, check_stack
from infra.release.deployed.live import LambdaVersion, require_live
from infra.release.deployed.observed import Observed, observe
from infra.release.retention.retention import Verdict, judge
from infra.release.stack.stacks import Stack, find_stack, function_name, stack_name
from model_store.history.seal import first_broken

KEPT = 10
IN_USE = "ResourceConflictException"
VERSION = "AWS::Lambda::Version"
LEFT = {"DELETE_COMPLETE", "DELETE_SKIPPED"}
"""CloudFormation's words for what it no longer looks after; it keeps every version it leaves."""


@dataclass(frozen=True)
class Inventory:
    """`now`: what a rollback looks at. `in_use`: by number, why Lambda or CloudFormation needs a
    version."""

    now: Observed
    in_use: Mapping[str, str]
    stack: Stack | None = None


@dataclass(frozen=True)
class PrunePlan:
    """The oldest version first. `revision`: of the alias as it was observed."""

    model: str
    revision: str
    verdicts: tuple[Verdict, ...]

    @property
    def deletes(self) -> tuple[LambdaVersion, ...]:
        return tuple(verdict.version for verdict in self.verdicts if not verdict.stays)

    @property
    def frees(self) -> int:
        """Bytes of what an account may store of code, 75 GB unless AWS has raised it."""
        return sum(version.size for version in self.deletes)


def take_inventory(aws: Aws, model: str) -> Inventory:
    """Raises AwsError when Lambda or CloudFormation does not tell."""
    now, stack = observe(aws, model), find_stack(aws, stack_name(model))
    in_use = dict(_of_stack(aws, model)) if stack else {}
    return Inventory(now, in_use | dict(_of_aliases(aws, model)), stack)


def plan(model: str, inventory: Inventory, keep: int = KEPT) -> PrunePlan:
    """Pure. `keep`: how many versions stay that one rollback after the other would lead to.

    Raises AwsUnavailable when the history or CodeDeploy cannot be read, Refused while something
    moves, or when the history is not as it was written.
    """
    now = inventory.now
    _check(model, now)
    check_stack(inventory.stack)
    return PrunePlan(model, now.live.revision, tuple(judge(now, inventory.in_use, keep)))


def apply(aws: Aws, plan: PrunePlan, tell: Tell) -> tuple[LambdaVersion, ...]:
    """What was deleted; `tell` hears of what Lambda would not delete because it is in use again.

    Raises Conflict when the alias moved since it was observed, Refused when a release began.
    """
    check_stack(find_stack(aws, stack_name(plan.model)))
    if require_live(aws, plan.model).revision != plan.revision:
        raise Conflict(
            f"model {plan.model}",
            "somebody moved the alias live meanwhile; nothing was deleted",
            f"Look at `lambent status {plan.model}`, then run the command again",
        )
    return tuple(version for version in plan.deletes if _delete(aws, plan.model, version, tell))


def _check(model: str, now: Observed) -> None:
    if now.events is None:
        raise _unknown(f"history of {model}", f"where a rollback leads ({now.trouble})")
    if now.shift_trouble:
        raise _unknown(
            f"releases of {model}", f"whether a release is under way ({now.shift_trouble})"
        )
    check_no_shift(model, now.shift)
    if now.draft and Draft.of(now.draft, now.versions).is_cut_short:
        raise Refused(
            f"model {model}",
            "a switch is at work on $LATEST, or was cut short",
            f"Look at `lambent status {model}`, which says how to mend that",
        )
    if broken := first_broken(now.events):
        raise Refused(
            f"history of {model}",
            f"was changed, or is incomplete, from event {broken} on: where a rollback leads cannot "
            "be told",
            f"Look at `lambent history {model}`; delete single versions with aws lambda",
        )


def _unknown(where: str, what: str) -> AwsUnavailable:
    return AwsUnavailable(where, f"cannot be read: {what} is unknown", "Try again soon")


def _delete(aws: Aws, model: str, version: LambdaVersion, tell: Tell) -> bool:
    function = function_name(model)
    try:
        with translated(f"{function} version {version.number}"):
            aws.lambda_.delete_function(FunctionName=function, Qualifier=version.number)
    except NotFound:
        return False
    except AwsFailed as error:
        if error.code != IN_USE:
            raise
        tell(f"Not deleted: {error}")
        return False
    return True


def _of_aliases(aws: Aws, model: str) -> Iterator[tuple[str, str]]:
    function = function_name(model)
    with translated(f"aliases of {function}"):
        pages = aws.lambda_.get_paginator("list_aliases")
        for page in pages.paginate(FunctionName=function):
            for alias in page["Aliases"]:
                routing = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
                for number in (alias["FunctionVersion"], *routing):
                    yield number, f"alias {alias['Name']}"


def _of_stack(aws: Aws, model: str) -> Iterator[tuple[str, str]]:
    """The version that CloudFormation takes for the live one: a failed update goes back to it."""
    function, stack = f":function:{function_name(model)}", stack_name(model)
    with translated(f"stack {stack}"):
        pages = aws.cloudformation.get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=stack):
            for resource in page["StackResourceSummaries"]:
                owner, _, number = resource.get("PhysicalResourceId", "").rpartition(":")
                is_there = resource["ResourceStatus"] not in LEFT
                if resource["ResourceType"] == VERSION and is_there and owner.endswith(function):
                    yield number, "the stack's own"
