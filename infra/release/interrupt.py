"""The kill switch while a release is under way: the release is stopped first, and stays so."""

from infra.aws import Aws
from infra.release.draft import Sleep, Tell
from infra.release.fallback import SwitchPlan, plan
from infra.release.observed import Observed, observe
from infra.release.shift import end_shift, remember_refusal, wait_undone
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
    $LATEST back: it is still as the release wanted it.
    """
    tell(OVER)
    end_shift(aws, model, shift, sleep)
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


def _write_down(
    aws: Aws, model: str, observed: Observed, shift: Shift, why: str, tell: Tell
) -> None:
    """Nothing here may delay the switch."""
    left = next((v.digest for v in observed.versions if v.number == shift.target), "")
    try:
        remember_refusal(aws, model, observed.live.version, shift, left, why)
    except LambentError as error:
        tell(f"The release is stopped, but that is not in the history: {error}")
