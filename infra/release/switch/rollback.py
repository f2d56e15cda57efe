"""Going back: the alias alone moves. No build, no S3."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from infra.aws import Aws
from infra.errors import AwsUnavailable, NotFound, Refused
from infra.release.deploy.digest import code_digest, model_parameters, release_digest
from infra.release.deploy.settling import UNGATED
from infra.release.deployed.alias import point_alias
from infra.release.deployed.draft import Sleep
from infra.release.deployed.history import history_of, who_am_i
from infra.release.deployed.live import LambdaVersion, Live
from infra.release.deployed.observed import Observed, named, ways_out
from infra.release.deployed.shift import (
    NotStopped,
    at_large,
    end_shift,
    remember_refusal,
    take_back,
)
from infra.release.stack.samconfig import SamConfig
from model_store.history.event import Event
from model_store.history.shift import Shift
from model_store.history.table import Move
from model_store.history.timeline import count_detours, previous


@dataclass(frozen=True)
class RollbackPlan:
    """Move the alias from `live` to `target`, clearing `live.weights`.

    `shift`: a release that is under way; it is stopped, which leaves the alias at `target`.
    `refused`: the version that it was to make live. `forced`: the alias moves even if the release
    does not stop, or if nobody can say whether there is one (`trouble`).
    """

    model: str
    live: Live
    target: LambdaVersion
    shift: Shift | None = None
    refused: LambdaVersion | None = None
    forced: bool = False
    trouble: str = ""

    @property
    def changes_nothing(self) -> bool:
        at_target = self.target.number == self.live.version.number and not self.live.weights
        return at_target and self.shift is None

    @property
    def clears(self) -> Mapping[str, float]:
        return self.live.weights

    @property
    def ends_fallback(self) -> bool:
        return self.live.version.is_fallback_only

    @property
    def ends_shadow(self) -> bool:
        return self.live.version.is_shadowing


def plan(
    model: str, observed: Observed, to: str | None = None, *, force: bool = False
) -> RollbackPlan:
    """Pure. `to` is a model version, or the number of a Lambda version ("lambda:7" is surely one).

    Raises Refused or NotFound when there is nothing to go back to; the alias is then unmoved.
    While a release is under way, going back is to the version before it, and to no other.
    """
    if observed.shift:
        return replace(_ending(model, observed, observed.shift, to), forced=force)
    if observed.shift_trouble and observed.live.weights:
        return _unasked(model, observed, to, force=force)
    return _moving(model, observed, to)


def _moving(model: str, observed: Observed, to: str | None) -> RollbackPlan:
    if to is None:
        return RollbackPlan(model, observed.live, _from_history(model, observed))
    target = named(model, observed, to, ways_out(model, observed, "Choose among"))
    if target.is_switched and target.number != observed.live.version.number:
        raise Refused(
            f"Lambda version {target.number} of {model}",
            "was made by a switch (lambent fallback, lambent shadow), not by a release",
            f"To switch the model off: lambent fallback {model} on; "
            f"to copy requests: lambent shadow {model}@VERSION",
        )
    return RollbackPlan(model, observed.live, target)


def apply(aws: Aws, plan: RollbackPlan, sleep: Sleep = time.sleep) -> str:
    """One call, unless a release has to be stopped. Returns what is left to watch, if anything.

    Raises Conflict when somebody else moved the alias since it was observed, and NotStopped when
    the release does not stop and the plan is not forced."""
    if plan.shift:
        return _end(aws, plan, plan.shift, sleep)
    point_alias(aws, plan.model, plan.target.number, revision=plan.live.revision)
    return at_large(plan.model, plan.trouble) if plan.trouble else ""


def _end(aws: Aws, plan: RollbackPlan, shift: Shift, sleep: Sleep) -> str:
    try:
        end_shift(aws, plan.model, shift, sleep)
    except NotStopped as error:
        if not plan.forced:
            raise
        take_back(aws, plan.model, shift)
        return at_large(plan.model, error.what)
    return ""


def remember(
    aws: Aws, plan: RollbackPlan, events: Sequence[Event] | None, why: str
) -> tuple[Event, ...]:
    """Write the move down; first the one before it, if nobody did. Returns the whole history.

    `events` are those that were observed; None reads them first.
    """
    history = history_of(aws)
    if plan.shift:
        left = plan.refused.digest if plan.refused else ""
        return remember_refusal(aws, plan.model, plan.target, plan.shift, left, why)
    known = history.reconciled(plan.model, plan.live.version, events)
    move = Move("rollback", plan.live.version.number, who_am_i(aws), why)
    return (*known, history.record(plan.model, move, plan.target, known))


def repoint(
    plan: RollbackPlan, events: Sequence[Event], config: SamConfig, root: Path, region: str | None
) -> bool:
    """Make a plain `sam deploy` release the target again; False where samconfig has no model.

    `events` is the history after the rollback.
    """
    target, present = plan.target, config.parameters(plan.model)
    if not present or plan.shift:  # a release that was stopped is not in samconfig
        return False
    parameters = present | model_parameters(
        plan.model, target.model_version, target.digest, target.standby
    )
    digest = release_digest(code_digest(root), count_detours(events), parameters)
    config.write(plan.model, parameters | UNGATED | {"ReleaseDigest": digest}, region)
    return True


def _unasked(model: str, observed: Observed, to: str | None, *, force: bool) -> RollbackPlan:
    """Traffic is shared, and nobody can say whether CodeDeploy shares it out: it would go on after
    the alias was moved (fault row 41). The main version is then what was live before."""
    if not force:
        raise Refused(
            f"model {model}",
            "shares its traffic between two versions, and whether a release is under way cannot "
            f"be found out ({observed.shift_trouble})",
            f"Try again; all the same: lambent rollback {model} --force, or "
            f"lambent fallback {model} on",
        )
    main = observed.live.version
    found = _moving(model, observed, to) if to else RollbackPlan(model, observed.live, main)
    return replace(found, forced=True, trouble=observed.shift_trouble)


def _ending(model: str, observed: Observed, shift: Shift, to: str | None) -> RollbackPlan:
    versions = {version.number: version for version in observed.versions}
    target = versions.get(shift.source, observed.live.version)
    others = ways_out(model, observed, "Choose among")
    if to is not None and named(model, observed, to, others).number != target.number:
        raise Refused(
            f"model {model}",
            f"is just being released, and ending that leads to Lambda version {target.number} "
            f"({target.model_version})",
            f"End it: lambent rollback {model}; then, when the stack is done: "
            f"lambent rollback {model} --to {to}",
        )
    return RollbackPlan(model, observed.live, target, shift, versions.get(shift.target))


def _from_history(model: str, observed: Observed) -> LambdaVersion:
    live = observed.live.version
    if observed.events is None:
        raise AwsUnavailable(
            f"history of {model}",
            f"cannot be read, so what was live before {live.model_version} is unknown "
            f"({observed.trouble})",
            ways_out(model, observed, "Name the version yourself: --to"),
        )
    event = previous(observed.moves, live.number)
    if event is None:
        raise Refused(
            f"model {model}",
            f"nothing earlier than {live.model_version} was live and was not rolled back itself",
            ways_out(model, observed, "Name a version: --to"),
        )
    return _existing(model, observed, event)


def _existing(model: str, observed: Observed, event: Event) -> LambdaVersion:
    for version in observed.versions:
        if version.number == event.target and version.digest == event.digest:
            return version
    raise NotFound(
        f"Lambda version {event.target} of {model}",
        f"which served {event.model_version} before, is gone",
        ways_out(model, observed, "Name one that exists: --to"),
    )
