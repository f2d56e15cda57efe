"""What a deploy is going to do. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from infra.release.digest import model_parameters, release_digest
from infra.release.guard import check_fallback, check_not_rolled_back, check_stack
from infra.release.live import Live
from infra.release.parameters import Choices
from infra.release.rules import check_choices
from infra.release.stacks import Stack, stack_name
from model_store.artifact import standby
from model_store.artifact.manifest import Manifest
from model_store.compatibility import gate
from model_store.fallbacks.records import Constant
from model_store.history.event import Event
from model_store.history.timeline import count_detours

UNRESERVED_MINIMUM = 100


@dataclass(frozen=True)
class Situation:
    """All that was observed. `code` is the digest of what would be built.

    `spare_concurrency`: how many executions the account has not reserved; None when unknown.
    `samconfig`: the file that sam reads, as seen from the root of the project.
    `built_otherwise`: models in it with another architecture or runtime.
    `is_named`: whether somebody chose this version; else it is the newest.
    `cut_short`: a `lambent fallback` that was killed left its mark on $LATEST.
    `published`: every version of this model, in the order in which they were; `unreadable`:
    those whose manifest cannot be believed, and why.
    """

    manifest: Manifest
    digest: str
    choices: Choices
    code: str
    is_built: bool
    is_local: bool
    stack: Stack | None
    live: Live | None
    events: Sequence[Event]
    spare_concurrency: int | None = None
    built_otherwise: Sequence[str] = ()
    samconfig: str = "samconfig.toml"
    is_named: bool = True
    cut_short: bool = False
    published: Sequence[Manifest] = ()
    unreadable: Sequence[str] = ()

    @property
    def live_manifest(self) -> Manifest | None:
        """None if nothing is live, or if what is live cannot be read in the registry."""
        version = self.live.version.model_version if self.live else None
        return next((m for m in self.published if m.version == version), None)

    @property
    def answers(self) -> bool:
        """Whether this very model is live, as it was released: no fallback, no shadow."""
        return (
            self.live is not None
            and self.live.version.digest == self.digest
            and not self.live.version.is_switched
        )


@dataclass(frozen=True)
class DeployPlan:
    """`parameters` are those of template.yaml. Nothing is done when `is_live`."""

    model: str
    version: str
    digest: str
    parameters: dict[str, str]
    choices: Choices
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    is_live: bool


def plan_deploy(
    situation: Situation, *, again: bool = False, less_cautious: bool = False
) -> DeployPlan:
    """Raises Refused, with the ways out, for what must not be deployed.

    Raises ContractBroken, ContractVersionReused or, unless `less_cautious` is meant,
    AnswersMoreReadily, before anything gets traffic (fault row 33).
    """
    manifest, reference = situation.manifest, situation.manifest.reference
    check_choices(situation.choices, local=situation.is_local)
    check_stack(situation.stack)
    if not again:
        check_not_rolled_back(reference, situation.digest, situation.events)
        check_fallback(reference, situation.live, situation.events, named=situation.is_named)
    _check_contract(situation, less_cautious=less_cautious)
    parameters = _parameters(situation)
    is_live = not again and _is_live(situation, parameters)
    return DeployPlan(
        model=manifest.name,
        version=manifest.version,
        digest=situation.digest,
        parameters=parameters,
        choices=situation.choices,
        steps=() if is_live else tuple(_steps(situation)),
        notes=tuple(_notes(situation, parameters)),
        is_live=is_live,
    )


def _check_contract(situation: Situation, *, less_cautious: bool) -> None:
    manifest = situation.manifest
    before = takewhile(lambda m: m.reference != manifest.reference, situation.published)
    gate.check_published(manifest, before)
    if live := situation.live_manifest:
        gate.check_live(manifest, live, less_cautious=less_cautious)


def _parameters(situation: Situation) -> dict[str, str]:
    manifest = situation.manifest
    parameters = (
        model_parameters(
            manifest.name,
            manifest.version,
            situation.digest,
            standby.pack(manifest, situation.digest),
        )
        | situation.choices.as_parameters()
    )
    code, detours = situation.code, count_detours(situation.events)
    parameters["ReleaseDigest"] = release_digest(code, detours, parameters)
    if _moved_by_hand(situation, parameters):
        code = f"{code} {len(situation.events)}"
        parameters["ReleaseDigest"] = release_digest(code, detours, parameters)
    return parameters


def _pins(situation: Situation, parameters: dict[str, str]) -> bool:
    stack = situation.stack
    return stack is not None and (
        stack.parameters.get("ReleaseDigest") == parameters["ReleaseDigest"]
    )


def _moved_by_hand(situation: Situation, parameters: dict[str, str]) -> bool:
    return _pins(situation, parameters) and not situation.answers


def _is_live(situation: Situation, parameters: dict[str, str]) -> bool:
    stack, live = situation.stack, situation.live
    return (
        _pins(situation, parameters)
        and stack is not None
        and stack.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
        and situation.answers
        and live is not None
        and not live.weights
    )


def _steps(situation: Situation) -> Iterator[str]:
    model, choices = situation.manifest.name, situation.choices
    reference = situation.manifest.reference
    yield f"write the environment {model} of {situation.samconfig}"
    if not situation.is_built:
        yield f"sam build for {choices.architecture}, {choices.runtime}"
    verb = "update" if situation.stack else "create"
    yield f"sam deploy: {verb} stack {stack_name(model)}"
    was = f" (now {model}@{situation.live.version.model_version})" if situation.live else ""
    yield f"alias live → {reference}{was}"
    yield "write it into the history"


def _notes(situation: Situation, parameters: dict[str, str]) -> Iterator[str]:
    yield from _standby_notes(situation, parameters)
    yield from _contract_notes(situation)
    spare, wanted = situation.spare_concurrency, situation.choices.reserved_concurrency
    if spare is not None and wanted >= 0 and spare - wanted < UNRESERVED_MINIMUM:
        yield (
            f"The account has {spare} concurrent executions to give, and AWS keeps "
            f"{UNRESERVED_MINIMUM} unreserved: if sam fails, use --reserved-concurrency -1."
        )
    if situation.built_otherwise:
        yield (
            f"{situation.samconfig}: {', '.join(situation.built_otherwise)} built for another "
            "architecture or runtime. Plain sam then needs: sam build --config-env NAME."
        )
    if situation.live and situation.live.weights:
        yield "Part of the traffic goes to another version; the deploy ends that."
    if situation.live and situation.live.version.is_fallback_only:
        yield "The model is switched off (lambent fallback); the deploy ends that."
    if situation.live and situation.live.version.is_shadowing:
        yield "Requests are copied to another version (lambent shadow); the deploy ends that."
    if situation.cut_short:
        yield "$LATEST was left changed by a switch that was cut short; it is mended."


def _contract_notes(situation: Situation) -> Iterator[str]:
    if live := situation.live_manifest:
        yield from gate.notes(situation.manifest, live)
    elif situation.live:
        version = situation.live.version.model_version
        yield f"{situation.manifest.name}@{version} is live, and was not compared: not published."
    for why in situation.unreadable:
        yield f"Not compared: {why}"


def _standby_notes(situation: Situation, parameters: dict[str, str]) -> Iterator[str]:
    packed = standby.unpack(parameters["Standby"])
    if packed.contract is None:
        yield (
            f"The contract is too large for the standby ({standby.LIMIT} characters): while S3 is "
            "down, requests are not checked, and all get a fallback that reads no feature."
        )
    if not situation.manifest.fallbacks:
        yield "The model declares no fallback: while it cannot answer, callers get 503."
    elif not any(isinstance(link, Constant) for link in packed.fallbacks):
        yield "The fallbacks do not end with a constant: while S3 is down, callers may get 503."
