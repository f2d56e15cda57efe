"""Shadow traffic: the alias goes to a twin of the live version that copies requests, and back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from infra.aws import Aws
from infra.errors import NotFound, Refused
from infra.release.deployed.alias import point_alias
from infra.release.deployed.draft import Draft, Sleep, Tell, publish, put_back, settled
from infra.release.deployed.guard import check_no_shift
from infra.release.deployed.history import history_of, who_am_i
from infra.release.deployed.invoke import check_alive
from infra.release.deployed.live import DRAFT, SHADOW, SHADOW_PERCENT, LambdaVersion, Live
from infra.release.deployed.observed import Observed
from infra.release.stack.stacks import function_name
from infra.release.switch.fallback_notes import draft_notes
from infra.release.switch.shadow_rules import Candidate, check_on, on_notes, shadow_environment
from infra.release.switch.twins import find_original, find_twin
from model_store.errors import LambentError
from model_store.history.event import Action, Event
from model_store.history.table import Move


@dataclass(frozen=True)
class ShadowPlan:
    """Move the alias from `live` to `target`; None: a twin that is published first.

    `candidate`: whose model gets copies; None to end it. `shadow`: the version that answers
    them; None: it is published before the twin, which names it.
    """

    model: str
    live: Live
    draft: Draft
    target: LambdaVersion | None
    candidate: Candidate | None = None
    shadow: LambdaVersion | None = None
    percent: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def state(self) -> Literal["on", "off"]:
        return "on" if self.candidate else "off"

    @property
    def changes_nothing(self) -> bool:
        return self.target is not None and self.target.number == self.live.version.number

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(_steps(self))


@dataclass(frozen=True)
class Switched:
    """What is live afterwards, and which version gets copies, if any."""

    live: LambdaVersion
    shadow: LambdaVersion | None


def plan_on(model: str, observed: Observed, candidate: Candidate, percent: int) -> ShadowPlan:
    """Pure. Raises Refused or NotFound, with the ways out; the alias is then unmoved."""
    draft = _draft(model, observed)
    check_no_shift(model, observed.shift)
    check_on(model, observed.live, draft, candidate)
    live = observed.live.version
    environment = shadow_environment(model, live, candidate)
    shadow = find_twin(observed.versions, environment, live, draft)
    wanted = _copying(live, shadow.number, percent) if shadow else None
    twin = find_twin(observed.versions, wanted, live, draft) if wanted else None
    notes = (*draft_notes(draft), *on_notes(candidate, percent))
    return ShadowPlan(model, observed.live, draft, twin, candidate, shadow, percent, notes)


def plan_off(model: str, observed: Observed) -> ShadowPlan:
    """Pure. Raises Refused during a release, NotFound when what is to answer again is gone."""
    check_no_shift(model, observed.shift)
    draft, live = _draft(model, observed), observed.live
    notes = tuple(draft_notes(draft))
    if not live.version.is_shadowing:
        return ShadowPlan(model, live, draft, live.version, notes=notes)
    target, guess = find_original(model, observed)
    notes += (guess,) if guess else ()
    return ShadowPlan(model, live, draft, target, notes=notes)


def apply(aws: Aws, plan: ShadowPlan, *, sleep: Sleep, tell: Tell) -> Switched:
    """Raises Conflict when somebody else moved the alias or changed the draft meanwhile, and
    Refused when a version does not answer; the alias is then unmoved.
    """
    draft, shadow, target = plan.draft, plan.shadow, plan.target
    if plan.candidate and shadow is None:
        environment = shadow_environment(plan.model, plan.live.version, plan.candidate)
        about = f"Lambent {plan.candidate.reference}, for copies of requests"
        shadow = publish(aws, plan.model, draft, environment, about, sleep=sleep, tell=tell)
        draft = _put_back(aws, plan.model, draft, sleep)
    if shadow:
        _try(aws, plan.model, shadow)
    if target is None and shadow:
        environment = _copying(plan.live.version, shadow.number, plan.percent)
        about = f"Lambent {plan.model}@{plan.live.version.model_version}, copies to {shadow.number}"
        target = publish(aws, plan.model, draft, environment, about, sleep=sleep, tell=tell)
    elif plan.draft.is_cut_short:
        put_back(aws, plan.model, plan.draft.usual, tell)
    live = target or plan.live.version
    if plan.candidate:
        _try(aws, plan.model, live)
    if not plan.changes_nothing:
        point_alias(aws, plan.model, live.number, revision=plan.live.revision)
    return Switched(live, shadow)


def remember(
    aws: Aws, plan: ShadowPlan, done: Switched, events: Sequence[Event] | None, why: str
) -> None:
    """Write the move down; first the one before it, if nobody did. `events` as observed."""
    history, before = history_of(aws), plan.live.version
    known = history.reconciled(plan.model, before, events)
    if plan.candidate:
        told = f"{plan.percent} % copied to {plan.candidate.reference}"
        why = f"{told}: {why}" if why else told
    action: Action = "shadow on" if plan.candidate else "shadow off"
    move = Move(action, before.number, who_am_i(aws), why)
    history.record(plan.model, move, done.live, known)


def _draft(model: str, observed: Observed) -> Draft:
    if observed.draft is None:
        raise NotFound(f"function of {model}", "is gone", f"Deploy it: lambent deploy {model}")
    return Draft.of(observed.draft, observed.versions)


def _copying(live: LambdaVersion, shadow: str, percent: int) -> dict[str, str]:
    return {**live.environment, SHADOW: shadow, SHADOW_PERCENT: str(percent)}


def _put_back(aws: Aws, model: str, before: Draft, sleep: Sleep) -> Draft:
    """The draft again, once Lambda is done with putting it back."""
    now = settled(aws, model, DRAFT, sleep)
    return Draft(now, before.usual if now.is_switched else now)


def _try(aws: Aws, model: str, version: LambdaVersion) -> None:
    where = f"{function_name(model)} version {version.number}"
    try:
        check_alive(aws, model, version.number)
    except LambentError as error:
        raise Refused(
            where,
            f"does not answer, so the alias was not moved ({error.what})",
            f"Read `lambent logs {model}`, then run the command again",
        ) from error


def _steps(plan: ShadowPlan) -> Iterator[str]:
    model, live = plan.model, plan.live.version
    if plan.candidate:
        if plan.shadow is None:
            yield f"publish a version of {plan.candidate.reference} that answers copies alone"
        yield "ask it whether it is alive"
    if plan.target is None:
        yield f"publish a twin of {model}@{live.model_version} that copies {plan.percent} %"
    if plan.target is None or plan.draft.is_cut_short:
        yield "put $LATEST back"
    if not plan.changes_nothing:
        number = plan.target.number if plan.target else "(new)"
        if plan.candidate:
            yield f"ask Lambda version {number} whether it is alive"
        yield f"alias live → Lambda version {number} (now {live.number})"
        yield "write it into the history"
