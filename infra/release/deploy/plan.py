"""What a deploy is going to do. Pure."""

from dataclasses import dataclass
from itertools import takewhile

from infra.release.deploy.digest import model_parameters, release_digest
from infra.release.deploy.parameters import Choices
from infra.release.deploy.plan_notes import notes, steps
from infra.release.deploy.rules import check_choices, check_environment
from infra.release.deploy.settling import GATED, UNGATED, Run, is_alike, is_settled, settling
from infra.release.deploy.situation import Situation
from infra.release.deploy.size import check_size
from infra.release.deployed.guard import (
    check_fallback,
    check_no_shift,
    check_not_rolled_back,
    check_stack,
)
from model_store.artifact import standby
from model_store.artifact.reference import ModelReference
from model_store.compatibility import gate
from model_store.history.timeline import count_detours


@dataclass(frozen=True)
class DeployPlan:
    """`parameters` are those of template.yaml. Nothing is done when `is_live`.

    `settling`: what is deployed before, so that CodeDeploy can move the alias. `is_gated`: whether
    it does, after it has asked the release.
    """

    model: str
    version: str
    digest: str
    parameters: dict[str, str]
    choices: Choices
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    is_live: bool
    settling: Run | None = None
    is_gated: bool = False

    @property
    def reference(self) -> ModelReference:
        return ModelReference(self.model, self.version)


def plan_deploy(
    situation: Situation, *, again: bool = False, less_cautious: bool = False
) -> DeployPlan:
    """Raises Refused, with the ways out, for what must not be deployed.

    Raises ContractBroken, ContractVersionReused or, unless `less_cautious` is meant,
    AnswersMoreReadily, before anything gets traffic (fault row 33).
    """
    manifest, reference = situation.manifest, situation.manifest.reference
    check_choices(situation.choices, local=situation.is_local)
    check_size(manifest, situation.choices)
    check_no_shift(manifest.name, situation.shift)
    check_stack(situation.stack)
    if not again:
        check_not_rolled_back(reference, situation.digest, situation.events)
        check_fallback(reference, situation.live, situation.events, named=situation.is_named)
    _check_contract(situation, less_cautious=less_cautious)
    before = _settling(situation)
    parameters = _parameters(situation, before)
    check_environment(parameters["Standby"], situation.choices)
    if before and is_alike(before.parameters, parameters):
        before, parameters = None, parameters | UNGATED
    is_live = not again and _is_live(situation, parameters)
    is_gated = situation.live is not None and parameters.items() >= GATED.items()
    return DeployPlan(
        model=manifest.name,
        version=manifest.version,
        digest=situation.digest,
        parameters=parameters,
        choices=situation.choices,
        steps=() if is_live else tuple(steps(situation, before, is_gated=is_gated)),
        notes=tuple(notes(situation, parameters)),
        is_live=is_live,
        settling=None if is_live else before,
        is_gated=is_gated,
    )


def _check_contract(situation: Situation, *, less_cautious: bool) -> None:
    manifest = situation.manifest
    before = takewhile(lambda m: m.reference != manifest.reference, situation.published)
    gate.check_published(manifest, before)
    if live := situation.live_manifest:
        gate.check_live(manifest, live, less_cautious=less_cautious)


def _settling(situation: Situation) -> Run | None:
    stack, live = situation.stack, situation.live
    if stack is None or live is None or is_settled(stack, live):
        return None
    return settling(stack, live, situation.code, situation.events, situation.choices)


def _parameters(situation: Situation, before: Run | None) -> dict[str, str]:
    manifest = situation.manifest
    parameters = (
        model_parameters(
            manifest.name,
            manifest.version,
            situation.digest,
            standby.pack(manifest, situation.digest),
        )
        | situation.choices.as_parameters()
        | {"RequireSignature": "true" if situation.requires_signature else "false"}
        | GATED
    )
    code, detours = situation.code, _detours(situation, before)
    parameters["ReleaseDigest"] = release_digest(code, detours, parameters)
    if _moved_by_hand(situation, parameters):
        code = f"{code} {len(situation.events)}"
        parameters["ReleaseDigest"] = release_digest(code, detours, parameters)
    return parameters


def _detours(situation: Situation, before: Run | None) -> int:
    """As they will be counted afterwards: settling a switched-off model switches it off again. A
    refusal of this model counts, or Lambda would take it for the version that was refused."""
    events = situation.events
    refused = sum(e.action == "refused" and e.left == situation.digest for e in events)
    again = before is not None and before.parameters["FallbackOnly"] == "on"
    return count_detours(events) + refused + again


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
