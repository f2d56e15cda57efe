"""What a deploy is going to do, and what somebody should know about it, in sentences. Pure."""

from collections.abc import Iterator

from infra.release.deploy.settling import Run
from infra.release.deploy.situation import Situation
from infra.release.deploy.size import size_notes
from infra.release.stack.stacks import stack_name
from model_store.artifact import standby
from model_store.compatibility import gate
from model_store.fallbacks.records import Constant

UNRESERVED_MINIMUM = 100
BESIDE_THE_MODEL = 4
"""Executions that the functions before, while and after a release reserve."""


def steps(situation: Situation, before: Run | None, *, is_gated: bool) -> Iterator[str]:
    model, choices = situation.manifest.name, situation.choices
    reference = situation.manifest.reference
    if not situation.is_built:
        yield f"sam build for {choices.architecture}, {choices.runtime}"
    now = f"{model}@{situation.live.version.model_version}" if situation.live else ""
    if before:
        only = ", fallback only" if before.parameters["FallbackOnly"] == "on" else ""
        yield f"settle: sam deploy of what is live ({now}{only}): the stack follows the alias"
    verb = "update" if situation.stack else "create"
    yield f"sam deploy: {verb} stack {stack_name(model)}"
    if is_gated:
        yield f"ask the new Lambda version of {reference} before it gets traffic"
    how = f", {choices.traffic}, put back on trouble" if is_gated else ", at once"
    was = f" (now {now})" if now else ""
    yield f"alias live → {reference}{was}{how}"
    yield "write it into the history"
    yield f"write the environment {model} of {situation.samconfig}"


def notes(situation: Situation, parameters: dict[str, str]) -> Iterator[str]:
    yield from _standby_notes(situation, parameters)
    yield from _contract_notes(situation)
    yield from size_notes(situation.manifest, situation.choices)
    spare, wanted = situation.spare_concurrency, situation.choices.reserved_concurrency
    left = None if spare is None else spare - wanted - BESIDE_THE_MODEL
    if left is not None and wanted >= 0 and left < UNRESERVED_MINIMUM:
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
