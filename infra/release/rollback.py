"""Going back: the alias alone moves. No build, no S3."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.aws import Aws
from infra.errors import AwsDenied, AwsFailed, AwsUnavailable, NotFound, Refused
from infra.release.alias import point_alias
from infra.release.digest import code_digest, model_parameters, release_digest
from infra.release.history import history_of, who_am_i
from infra.release.live import LambdaVersion, Live, read_function, read_versions, require_live
from infra.release.samconfig import SamConfig
from model_store.history.event import Event
from model_store.history.table import Move
from model_store.history.timeline import count_detours, previous, with_observed


@dataclass(frozen=True)
class RollbackPlan:
    """Move the alias from `live` to `target`, clearing `live.weights`."""

    model: str
    live: Live
    target: LambdaVersion

    @property
    def changes_nothing(self) -> bool:
        return self.target.number == self.live.version.number and not self.live.weights

    @property
    def clears(self) -> Mapping[str, float]:
        return self.live.weights

    @property
    def ends_fallback(self) -> bool:
        return self.live.version.is_fallback_only

    @property
    def ends_shadow(self) -> bool:
        return self.live.version.is_shadowing


@dataclass(frozen=True)
class Observed:
    """`events` is None while the history table does not answer; `trouble` then says why.

    `draft`: what versions are published from.
    """

    live: Live
    versions: Sequence[LambdaVersion]
    events: Sequence[Event] | None
    trouble: str = ""
    draft: LambdaVersion | None = None

    @property
    def models(self) -> Sequence[LambdaVersion]:
        """The versions that were released: no fallback, no shadow."""
        return [version for version in self.versions if not version.is_switched]

    @property
    def moves(self) -> tuple[Event, ...]:
        """The events, and the last move even if nobody wrote it down."""
        return with_observed(self.events or (), self.live.version, at="")


def observe(aws: Aws, model: str) -> Observed:
    draft, versions = read_function(aws, model)
    live = require_live(aws, model, versions)
    try:
        events = history_of(aws).events(model)
    except (AwsDenied, AwsFailed, AwsUnavailable, NotFound) as error:
        return Observed(live, versions, None, str(error), draft)
    return Observed(live, versions, events, draft=draft)


def plan(model: str, observed: Observed, to: str | None = None) -> RollbackPlan:
    """Pure. `to` is a model version, or the number of a Lambda version ("lambda:7" is surely one).

    Raises Refused or NotFound when there is nothing to go back to; the alias is then unmoved.
    """
    if to is None:
        return RollbackPlan(model, observed.live, _from_history(model, observed))
    target = _named(model, observed, to, _ways_out(model, observed, "Choose among"))
    if target.is_switched and target.number != observed.live.version.number:
        raise Refused(
            f"Lambda version {target.number} of {model}",
            "was made by a switch (lambent fallback, lambent shadow), not by a release",
            f"To switch the model off: lambent fallback {model} on; "
            f"to copy requests: lambent shadow {model}@VERSION",
        )
    return RollbackPlan(model, observed.live, target)


def apply(aws: Aws, plan: RollbackPlan) -> None:
    """One call. Raises Conflict when somebody else moved the alias since it was observed."""
    point_alias(aws, plan.model, plan.target.number, revision=plan.live.revision)


def remember(
    aws: Aws, plan: RollbackPlan, events: Sequence[Event] | None, why: str
) -> tuple[Event, ...]:
    """Write the move down; first the one before it, if nobody did. Returns the whole history.

    `events` are those that were observed; None reads them first.
    """
    history = history_of(aws)
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
    if not present:
        return False
    parameters = present | model_parameters(
        plan.model, target.model_version, target.digest, target.standby
    )
    digest = release_digest(code_digest(root), count_detours(events), parameters)
    config.write(plan.model, parameters | {"ReleaseDigest": digest}, region)
    return True


def find_version(aws: Aws, model: str, name: str) -> LambdaVersion:
    """A Lambda version by model version, or by its own number ("7" or "lambda:7")."""
    versions = read_versions(aws, model)
    observed = Observed(require_live(aws, model, versions), versions, ())
    every = ", ".join(dict.fromkeys(v.model_version for v in reversed(versions)))
    return _named(model, observed, name, f"Choose among {every}")


def _from_history(model: str, observed: Observed) -> LambdaVersion:
    live = observed.live.version
    if observed.events is None:
        raise AwsUnavailable(
            f"history of {model}",
            f"cannot be read, so what was live before {live.model_version} is unknown "
            f"({observed.trouble})",
            _ways_out(model, observed, "Name the version yourself: --to"),
        )
    event = previous(observed.moves, live.number)
    if event is None:
        raise Refused(
            f"model {model}",
            f"nothing earlier than {live.model_version} was live and was not rolled back itself",
            _ways_out(model, observed, "Name a version: --to"),
        )
    return _existing(model, observed, event)


def _existing(model: str, observed: Observed, event: Event) -> LambdaVersion:
    for version in observed.versions:
        if version.number == event.target and version.digest == event.digest:
            return version
    raise NotFound(
        f"Lambda version {event.target} of {model}",
        f"which served {event.model_version} before, is gone",
        _ways_out(model, observed, "Name one that exists: --to"),
    )


def _named(model: str, observed: Observed, to: str, missing: str) -> LambdaVersion:
    number = to.removeprefix("lambda:")
    of_model = [v for v in observed.models if v.model_version == to]
    of_lambda = [v for v in observed.versions if v.number == number]
    live, found = observed.live.version, of_model or of_lambda
    if not found:
        raise NotFound(
            f"version {to} of {model}", "is no Lambda version that still exists", missing
        )
    return live if live in found else found[-1]


def _ways_out(model: str, observed: Observed, lead: str) -> str:
    live = observed.live.version.number
    others = [v.model_version for v in observed.models if v.number != live]
    if not others:
        return f"There is no other version; deploy one: lambent deploy {model}@VERSION"
    return f"{lead} {', '.join(dict.fromkeys(reversed(others)))}"
