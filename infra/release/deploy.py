"""`lambent deploy`: observe, plan, apply by the real sam, remember."""

import os
import time
from dataclasses import dataclass
from typing import Any

from infra.aws import Aws, translated
from infra.errors import AwsDenied, NotFound, ToolFailed
from infra.release.build import built_template, ensure_built
from infra.release.digest import code_digest
from infra.release.draft import mend, read_draft
from infra.release.history import history_of, who_am_i
from infra.release.live import Live, read_live, require_live
from infra.release.parameters import Choices, defaults
from infra.release.plan import DeployPlan, Situation
from infra.release.platform import Platform, artifact_bucket, require_platform
from infra.release.sam import Sam
from infra.release.samconfig import SamConfig
from infra.release.signatures import check_release
from infra.release.stacks import Stack, find_stack, stack_name
from model_store.artifact.reference import ModelReference
from model_store.history.table import Move
from model_store.registry.manifests import every_manifest
from model_store.registry.read import PublishedManifest, fetch, newest, published


@dataclass(frozen=True)
class Deployer:
    """What a deploy works with: AWS, the real sam, and the file that it reads."""

    aws: Aws
    sam: Sam

    @property
    def samconfig(self) -> SamConfig:
        return SamConfig(self.sam.config)


@dataclass(frozen=True)
class Deployed:
    """Where the model answers now. `api_key_id` is None when no key is asked for."""

    model: str
    version: str
    digest: str
    lambda_version: str
    api_url: str
    api_key_id: str | None


def observe(
    deployer: Deployer, target: str, options: dict[str, Any], *, write: bool = True
) -> Situation:
    """`target` is NAME, for the newest published version, or NAME@VERSION.

    Unless `write` is False, a move of the alias that the history lacks is written into it.
    """
    aws = deployer.aws
    platform = require_platform(aws)
    release = _release(aws, platform, target)
    check_release(aws, platform, release)
    model = release.manifest.name
    stack, live = find_stack(aws, stack_name(model)), read_live(aws, model)
    draft = read_draft(aws, model) if live else None
    choices = _choices(deployer, model, stack).with_options(options)
    code = code_digest(deployer.sam.root)
    others = every_manifest(artifact_bucket(aws, platform), model)
    return Situation(
        manifest=release.manifest,
        digest=release.digest,
        choices=choices,
        code=code,
        is_built=built_template(deployer.sam.root, code, choices).exists(),
        is_local=aws.is_local,
        stack=stack,
        live=live,
        events=history_of(aws).reconciled(model, live.version if live else None, write=write),
        spare_concurrency=_spare_concurrency(aws, stack),
        built_otherwise=deployer.samconfig.built_otherwise(model, choices.as_parameters()),
        samconfig=os.path.relpath(deployer.sam.config, deployer.sam.root),
        is_named="@" in target,
        cut_short=draft is not None and draft.is_cut_short,
        published=others.manifests,
        unreadable=others.unreadable,
    )


def apply(deployer: Deployer, plan: DeployPlan, why: str = "") -> Deployed:
    """Raises ToolFailed when sam fails, or when another model is live afterwards."""
    aws, sam, model = deployer.aws, deployer.sam, plan.model
    before = read_live(aws, model)
    draft = read_draft(aws, model) if before else None
    if draft:
        mend(aws, model, draft, time.sleep)
    deployer.samconfig.write(model, plan.parameters, aws.region)
    template = built_template(sam.root, code_digest(sam.root), plan.choices)
    ensure_built(sam, model, template)
    sam.deploy(model, template)
    live = _confirmed(aws, plan)
    _remember(aws, model, before, live, why)
    return where_it_answers(aws, model, live)


def where_it_answers(aws: Aws, model: str, live: Live) -> Deployed:
    stack = find_stack(aws, stack_name(model))
    if stack is None:
        raise NotFound(f"stack {stack_name(model)}", "is gone", f"lambent deploy {model}")
    out = stack.outputs
    return Deployed(
        model,
        live.version.model_version,
        live.version.digest,
        live.version.number,
        aws.api_url(out["ApiId"], out["ApiUrl"]),
        out.get("ApiKeyId"),
    )


def api_key(aws: Aws, key_id: str) -> str:
    """The secret itself; show it only to who asked for it."""
    with translated(f"API key {key_id}"):
        return aws.apigateway.get_api_key(apiKey=key_id, includeValue=True)["value"]


def _release(aws: Aws, platform: Platform, target: str) -> PublishedManifest:
    bucket = artifact_bucket(aws, platform)
    if "@" in target:
        return fetch(bucket, ModelReference.parse(target))
    return fetch(bucket, newest(published(bucket, target), target))


def _choices(deployer: Deployer, model: str, stack: Stack | None) -> Choices:
    """What samconfig says; where it says nothing, what is deployed; else the defaults.

    The embedded AWS forgets everything when it stops: what samconfig says of a stack that is
    not there is from before.
    """
    local = deployer.aws.is_local
    otherwise = defaults(local=local)
    if local and stack is None:
        return otherwise
    present = deployer.samconfig.parameters(model) or (stack.parameters if stack else {})
    return Choices.from_parameters(present, otherwise)


def _spare_concurrency(aws: Aws, stack: Stack | None) -> int | None:
    """Only a first deploy on AWS asks; who may not ask deploys all the same."""
    if aws.is_local or stack is not None:
        return None
    try:
        with translated("limits of the account"):
            limits = aws.lambda_.get_account_settings()["AccountLimit"]
    except AwsDenied:
        return None
    return limits["UnreservedConcurrentExecutions"]


def _confirmed(aws: Aws, plan: DeployPlan) -> Live:
    live = require_live(aws, plan.model)
    if live.version.digest != plan.digest:
        raise ToolFailed(
            f"model {plan.model}",
            f"sam succeeded, but live is {live.version.model_version}, not {plan.version}",
            f"See lambent status {plan.model}; somebody may have deployed at the same time",
        )
    if live.version.is_fallback_only:
        raise ToolFailed(
            f"model {plan.model}",
            "sam succeeded, but only the fallback is live",
            f"Somebody switched it off at the same time; see lambent status {plan.model}",
        )
    return live


def _remember(aws: Aws, model: str, before: Live | None, live: Live, why: str) -> None:
    source = before.version.number if before else None
    if source == live.version.number:
        return
    history_of(aws).record(model, Move("release", source, who_am_i(aws), why), live.version)
