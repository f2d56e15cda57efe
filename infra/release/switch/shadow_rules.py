"""What gets copies of requests, and when that is refused. Pure but for reading the candidate."""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.aws import Aws, translated
from infra.errors import Refused
from infra.release.deploy.digest import model_parameters
from infra.release.deploy.signatures import check_release
from infra.release.deployed.draft import Draft
from infra.release.deployed.live import (
    OF_SHADOWS,
    SERVICE,
    SHADOW,
    SHADOW_PERCENT,
    LambdaVersion,
    Live,
)
from infra.release.stack.platform import artifact_bucket, require_platform
from infra.release.stack.stacks import function_name
from infra.release.switch.fallback_notes import check_environment, runs
from model_store.artifact import standby
from model_store.artifact.manifest import Manifest
from model_store.artifact.reference import ModelReference
from model_store.compatibility import gate
from model_store.errors import LambentError
from model_store.registry.manifests import fetch

LEAST_CONCURRENCY = 2
_PINNED = {
    "ModelVersion": "LAMBENT_VERSION",
    "ModelDigest": "LAMBENT_DIGEST",
    "Standby": "LAMBENT_STANDBY",
}
"""Which parameter of template.yaml becomes which variable of the function."""


@dataclass(frozen=True)
class Candidate:
    """A published model that may get copies, and what else was observed.

    `live`: the manifest of what is live; None if it cannot be read. `reserved`: most requests in
    flight, of both versions together; None for no limit.
    """

    manifest: Manifest
    digest: str
    live: Manifest | None
    reserved: int | None

    @property
    def reference(self) -> ModelReference:
        return self.manifest.reference


def read_candidate(aws: Aws, reference: ModelReference, live: Live) -> Candidate:
    """Raises LambentError when it is not published, or not signed as the platform asks."""
    platform = require_platform(aws)
    bucket, function = artifact_bucket(aws, platform), function_name(reference.name)
    release = fetch(bucket, reference)
    check_release(aws, platform, release)
    try:
        now = fetch(bucket, ModelReference(reference.name, live.version.model_version)).manifest
    except LambentError:
        now = None
    with translated(f"concurrency of {function}"):
        limits = aws.lambda_.get_function_concurrency(FunctionName=function)
    reserved = limits.get("ReservedConcurrentExecutions")
    return Candidate(release.manifest, release.digest, now, reserved)


def check_on(model: str, live: Live, draft: Draft, candidate: Candidate) -> None:
    """Raises Refused, ContractBroken or ContractVersionReused."""
    version = live.version
    check_environment(model, version)
    if version.is_fallback_only:
        raise Refused(
            f"model {model}", "is switched off", f"Switch it on: lambent fallback {model} off"
        )
    if live.weights:
        raise Refused(
            f"model {model}",
            "sends part of its traffic to another version",
            f"End that: lambent rollback {model}",
        )
    if candidate.digest == version.digest:
        raise Refused(
            str(candidate.reference),
            "is what is live: it would be compared with itself",
            f"Choose another version: lambent models {model}",
        )
    _check_runs(model, version, draft)
    _check_room(model, candidate)
    _check_contract(candidate)


def on_notes(candidate: Candidate, percent: int) -> Iterator[str]:
    if candidate.live is None:
        yield "The live version cannot be read in the registry: the contracts were not compared."
    if candidate.reserved is not None:
        yield (
            f"Both versions share {candidate.reserved} concurrent executions: a copied request "
            f"({percent} %) holds one of them for longer, and a second one for its copy."
        )


def shadow_environment(model: str, live: LambdaVersion, candidate: Candidate) -> dict[str, str]:
    """As the live version, but for the model and for whose metrics it writes."""
    manifest, digest = candidate.manifest, candidate.digest
    packed = standby.pack(manifest, digest)
    parameters = model_parameters(model, manifest.version, digest, packed)
    pinned = {variable: parameters[name] for name, variable in _PINNED.items()}
    kept = {k: v for k, v in live.environment.items() if k not in (SHADOW, SHADOW_PERCENT)}
    return {**kept, **pinned, SERVICE: f"{function_name(model)}{OF_SHADOWS}"}


def _check_runs(model: str, live: LambdaVersion, draft: Draft) -> None:
    """The twin runs the code of the draft: it must be that of what is live."""
    if runs(live) != runs(draft.now):
        raise Refused(
            f"function {function_name(model)}",
            f"has other code or settings in $LATEST than Lambda version {live.number}, which is "
            "live: callers would be answered differently",
            f"Release what is live once more: lambent deploy {model}@{live.model_version}",
        )


def _check_room(model: str, candidate: Candidate) -> None:
    if candidate.reserved is not None and candidate.reserved < LEAST_CONCURRENCY:
        raise Refused(
            f"function {function_name(model)}",
            f"may run {candidate.reserved} at once, and a copy needs a second place",
            f"lambent deploy {model} --reserved-concurrency 20",
        )


def _check_contract(candidate: Candidate) -> None:
    """The other version must serve the requests that are copied."""
    if (live := candidate.live) is None:
        return
    if live.contract.major not in candidate.manifest.majors:
        raise Refused(
            str(candidate.reference),
            f"does not serve contract {live.contract.major}, which callers of what is live follow",
            f"See lambent diff {live.reference} {candidate.reference}",
        )
    gate.check_live(candidate.manifest, live, less_cautious=True)
