"""The kill switch while a release is under way: the release is stopped first, and stays so."""

from infra.aws import Aws
from infra.errors import Refused
from infra.release.deployed.draft import Sleep, Tell
from infra.release.deployed.observed import Observed, observe
from infra.release.deployed.shift import (
    NotStopped,
    at_large,
    end_shift,
    remember_refusal,
    wait_undone,
)
from infra.release.switch.fallback import SwitchPlan, plan
from model_store.errors import LambentError
from model_store.history.shift import Shift

OVER = "A release is under way; it is stopped first."


def plan_over_release(
    aws: Aws,
    model: str,
    observed: Observed,
    shift: Shift,
    *,
    why: str,
    force: bool,
    sleep: Sleep,
    tell: Tell,
) -> tuple[SwitchPlan, Observed]:
    """Stop the release, then plan to switch off what is live since.

    Where a fallback-only version has to be published, that has to wait until CloudFormation has put
    $LATEST back: it is still as the release wanted it. Where CodeDeploy does not stop, the switch
    goes to a version that is there already; Refused if there is none.
    """
    tell(OVER)
    try:
        end_shift(aws, model, shift, sleep)
    except NotStopped as error:
        tell(at_large(model, error.what))
        return _plan_beside_release(aws, model, force=force)
    _write_down(aws, model, observed, shift, why, tell)
    observed = observe(aws, model)
    switch = plan(model, observed, "on", force=force)
    if switch.target is None:
        tell(
            "The version before it has all traffic; CloudFormation undoes the rest of the release."
        )
        wait_undone(aws, model, sleep)
        observed = observe(aws, model)
        switch = plan(model, observed, "on", force=force)
    return switch, observed


def _plan_beside_release(aws: Aws, model: str, *, force: bool) -> tuple[SwitchPlan, Observed]:
    """CodeDeploy fails at an alias that is elsewhere (docs/decisions/shift.md); the deploy that
    asked for the release writes that down."""
    observed = observe(aws, model)
    switch = plan(model, observed, "on", force=force)
    if switch.target is None:
        raise Refused(
            f"model {model}",
            "has no fallback-only version, and none can be made while a release is under way",
            f"Go back instead: lambent rollback {model} --force",
        )
    return switch, observed


def _write_down(
    aws: Aws, model: str, observed: Observed, shift: Shift, why: str, tell: Tell
) -> None:
    """Nothing here may delay the switch."""
    left = next((v.digest for v in observed.versions if v.number == shift.target), "")
    try:
        remember_refusal(aws, model, observed.live.version, shift, left, why)
    except LambentError as error:
        tell(f"The release is stopped, but that is not in the history: {error}")
