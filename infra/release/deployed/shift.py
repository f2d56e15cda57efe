"""A release under way, as a command meets it: found, and ended before the alias is moved."""

from datetime import datetime

from infra.aws import Aws
from infra.errors import AwsUnavailable, Conflict
from infra.release.deployed.alias import point_alias
from infra.release.deployed.draft import Sleep
from infra.release.deployed.history import history_of, who_am_i
from infra.release.deployed.live import ALIAS, LambdaVersion, require_live
from infra.release.stack.stacks import find_stack, function_name, stack_name
from model_store.errors import AwsError
from model_store.history.event import Event
from model_store.history.shift import Pace, Shift, find_shift, stop
from model_store.history.table import Move

PAUSE = 1.0
STOPPED_WITHIN = 60
"""Seconds for CodeDeploy to take the traffic back."""
UNDONE_WITHIN = 300
"""Seconds for CloudFormation to put back what else the release changed."""


class NotStopped(AwsUnavailable):
    """CodeDeploy was not to be stopped, and may go on to move traffic."""


def running_shift(aws: Aws, model: str) -> Shift | None:
    """The release of this model that is under way. Raises AwsError (fault row 41)."""
    return find_shift(aws.codedeploy, function_name(model), ALIAS)


def end_shift(aws: Aws, model: str, shift: Shift, sleep: Sleep) -> None:
    """Stop the release: afterwards the version before it has all traffic, and no weights are left.

    Raises NotStopped with the alias unmoved, and as `take_back` does (fault rows 40, 41, 46).
    """
    try:
        _stop(aws, model, shift, sleep)
    except AwsError as error:
        raise NotStopped(
            f"deployment {shift.deployment}",
            f"is not stopped: {error.what}",
            f"Run the command again; or go back all the same: lambent rollback {model} --force",
        ) from error
    take_back(aws, model, shift)


def take_back(aws: Aws, model: str, shift: Shift) -> None:
    """Give the version before the release all traffic, unless it has it.

    Raises Conflict when somebody else moved the alias, and AwsError.
    """
    live = require_live(aws, model)
    if live.version.number not in {shift.source, shift.target}:
        raise Conflict(
            f"alias {function_name(model)}:{ALIAS}",
            f"somebody else moved it to version {live.version.number} while the release stopped",
            f"Look at `lambent status {model}`, then decide again",
        )
    if live.version.number != shift.source or live.weights:
        point_alias(aws, model, shift.source, revision=live.revision)


def hold(aws: Aws, model: str, number: str, sleep: Sleep) -> None:
    """Keep this version live while CloudFormation undoes the release that was stopped: it may
    point the alias back to the version before it.

    Raises AwsUnavailable when CloudFormation is not done in time.
    """
    wait_undone(aws, model, sleep)
    live = require_live(aws, model)
    if live.version.number != number or live.weights:
        point_alias(aws, model, number, revision=live.revision)


def wait_undone(aws: Aws, model: str, sleep: Sleep) -> None:
    """Until CloudFormation has put back what the release that was stopped changed.

    Raises AwsUnavailable when it is not done in time.
    """
    name = stack_name(model)
    for _ in range(UNDONE_WITHIN):
        stack = find_stack(aws, name)
        if stack is None or not stack.is_busy:
            return
        sleep(PAUSE)
    raise AwsUnavailable(
        f"stack {name}",
        f"is still busy with the release after {UNDONE_WITHIN} s, and may move the alias again",
        f"See that it did not: lambent status {model}",
    )


def remember_refusal(
    aws: Aws, model: str, live: LambdaVersion, shift: Shift, left: str, why: str
) -> tuple[Event, ...]:
    """Write down, once, who stopped a release; returns the whole history. `left`: the digest of
    its model."""
    history = history_of(aws)
    known = history.events(model)
    if any((e.action, e.source) == ("refused", shift.target) for e in known[-1:]):
        return known  # two stopped it at once
    move = Move("refused", shift.target, who_am_i(aws), why or "stopped by hand", left)
    return (*known, history.record(model, move, live, known))


def at_large(model: str, trouble: str) -> str:
    """What to know after the alias was moved under CodeDeploy's hands. Pure."""
    return (
        "CodeDeploy may still move traffic to the new version: stop the deployment in its console, "
        f"then look at `lambent status {model}` ({trouble})"
    )


def told(shift: Shift, pace: Pace | None, now: datetime) -> str:
    """Where the release stands, in one line. Pure."""
    if shift.since is None:
        return f"Lambda version {shift.target} is asked before it gets traffic"
    share = f"{shift.share:.0%} of the traffic is on Lambda version {shift.target}"
    if pace is None:
        return share
    left = pace.seconds - (now - shift.since).total_seconds()
    return f"{share}, the rest in about {max(left, 0) / 60:.0f} min"


def _stop(aws: Aws, model: str, shift: Shift, sleep: Sleep) -> None:
    stop(aws.codedeploy, shift.deployment)
    for _ in range(STOPPED_WITHIN):
        if running_shift(aws, model) is None:  # also not the one that takes the traffic back
            return
        sleep(PAUSE)
    raise AwsUnavailable(
        f"deployment {shift.deployment}",
        f"was asked to stop, and still runs after {STOPPED_WITHIN} s",
        "Run the command again; or stop it in the console of CodeDeploy",
    )
