"""The kill switch: the alias goes to a version that answers from the fallback alone, and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from infra.aws import Aws
from infra.errors import NotFound, Refused
from infra.release.deployed.alias import point_alias
from infra.release.deployed.draft import Draft, Sleep, Tell, publish, put_back
from infra.release.deployed.history import history_of, who_am_i
from infra.release.deployed.invoke import check_alive
from infra.release.deployed.live import FALLBACK_ONLY, SHADOW, SHADOW_PERCENT, LambdaVersion, Live
from infra.release.deployed.observed import Observed
from infra.release.stack.stacks import function_name
from infra.release.switch.fallback_notes import (
    check_environment,
    code_notes,
    draft_notes,
    fallback_notes,
)
from infra.release.switch.twins import find_original, find_twin
from model_store.errors import LambentError
from model_store.history.event import Event
from model_store.history.table import Move

Switch = Literal["on", "off"]


@dataclass(frozen=True)
class SwitchPlan:
    """Move the alias from `live` to `target`; None: a version that is published first.

    `is_tried`: the target has answered before. `forced`: it goes live even if it does not answer.
    """

    model: str
    switch: Switch
    live: Live
    draft: Draft
    target: LambdaVersion | None
    is_tried: bool = True
    forced: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def changes_nothing(self) -> bool:
        if self.target is None or self.target.number != self.live.version.number:
            return False
        return self.switch == "off" or not self.live.weights

    @property
    def clears(self) -> Mapping[str, float]:
        return {} if self.changes_nothing else self.live.weights

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(_steps(self))


def plan(model: str, observed: Observed, switch: Switch, *, force: bool = False) -> SwitchPlan:
    """Pure. Raises Refused or NotFound, with the ways out; the alias is then unmoved."""
    if observed.draft is None:
        raise NotFound(f"function of {model}", "is gone", f"Deploy it: lambent deploy {model}")
    draft = Draft.of(observed.draft, observed.versions)
    kept = SwitchPlan(model, switch, observed.live, draft, observed.live.version)
    if observed.live.version.is_fallback_only == (switch == "on"):
        return replace(kept, notes=tuple(draft_notes(draft)))
    return _on(kept, observed, force=force) if switch == "on" else _off(kept, observed)


def apply(aws: Aws, plan: SwitchPlan, *, sleep: Sleep, tell: Tell) -> LambdaVersion:
    """What is live afterwards. Raises Conflict when somebody else moved the alias since it was
    observed, and Refused when the version to go to does not answer; the alias is then unmoved.
    """
    target = plan.target or _publish(aws, plan, sleep, tell)
    if not plan.is_tried:
        _try(aws, plan, target, tell)
    if not plan.changes_nothing:
        point_alias(aws, plan.model, target.number, revision=plan.live.revision)
    if plan.target and plan.draft.is_cut_short:
        put_back(aws, plan.model, plan.draft.usual, tell)
    return target


def remember(
    aws: Aws, plan: SwitchPlan, target: LambdaVersion, events: Sequence[Event] | None, why: str
) -> None:
    """Write the move down; first the one before it, if nobody did. `events` as observed."""
    history = history_of(aws)
    known = history.reconciled(plan.model, plan.live.version, events)
    action: Literal["fallback on", "fallback off"] = (
        "fallback on" if plan.switch == "on" else "fallback off"
    )
    move = Move(action, plan.live.version.number, who_am_i(aws), why)
    history.record(plan.model, move, target, known)


def _on(kept: SwitchPlan, observed: Observed, *, force: bool) -> SwitchPlan:
    live, draft = observed.live.version, kept.draft
    check_environment(kept.model, live)
    warned = tuple(fallback_notes(kept.model, live, force=force))
    twin = find_twin(observed.versions, _switched_off(live), live, draft)
    tried = twin is not None and any(
        (event.action, event.target, event.digest) == ("fallback on", twin.number, twin.digest)
        for event in observed.events or ()
    )
    notes = (*warned, *draft_notes(draft), *(() if twin else code_notes(live, draft)))
    return replace(kept, target=twin, is_tried=tried, forced=force, notes=notes)


def _switched_off(live: LambdaVersion) -> dict[str, str]:
    kept = {k: v for k, v in live.environment.items() if k not in (SHADOW, SHADOW_PERCENT)}
    return {**kept, **FALLBACK_ONLY}


def _off(kept: SwitchPlan, observed: Observed) -> SwitchPlan:
    target, note = find_original(kept.model, observed)
    notes = (*draft_notes(kept.draft), *([note] if note else ()))
    return replace(kept, target=target, notes=notes)


def _steps(plan: SwitchPlan) -> Iterator[str]:
    live = plan.live.version
    reference = f"{plan.model}@{live.model_version}"
    if plan.target is None:
        yield f"publish a fallback-only version of {reference}, then put $LATEST back"
    elif plan.draft.is_cut_short:
        yield "put $LATEST back"
    if not plan.is_tried:
        yield "ask it whether it is alive"
    if not plan.changes_nothing:
        number = plan.target.number if plan.target else "(new)"
        yield f"alias live → Lambda version {number} (now {live.number})"
        yield "write it into the history"


def _publish(aws: Aws, plan: SwitchPlan, sleep: Sleep, tell: Tell) -> LambdaVersion:
    live = plan.live.version
    about = f"Lambent {plan.model}@{live.model_version}, fallback only (for version {live.number})"
    return publish(aws, plan.model, plan.draft, _switched_off(live), about, sleep=sleep, tell=tell)


def _try(aws: Aws, plan: SwitchPlan, target: LambdaVersion, tell: Tell) -> None:
    where = f"{function_name(plan.model)} version {target.number}"
    try:
        check_alive(aws, plan.model, target.number)
    except LambentError as error:
        if plan.forced:
            tell(f"{where} goes live although it did not answer: {error}")
            return
        raise Refused(
            where,
            f"does not answer, so the alias was not moved ({error.what})",
            f"Read `lambent logs {plan.model}`; all the same: lambent fallback {plan.model} on "
            "--force",
        ) from error
