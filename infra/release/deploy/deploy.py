"""`lambent deploy`: observe, plan, apply by the real sam, remember."""

import os
from dataclasses import dataclass
from typing import Any

from infra.aws import Aws, translated
from infra.errors import AwsDenied, NotFound
from infra.release.deploy.build import built_template
from infra.release.deploy.digest import code_digest
from infra.release.deploy.parameters import Choices, defaults
from infra.release.deploy.plan import DeployPlan
from infra.release.deploy.runs import Deployer, release, settle
from infra.release.deploy.settling import GATED
from infra.release.deploy.signatures import check_release
from infra.release.deploy.situation import Situation
from infra.release.deployed.alias import point_alias
from infra.release.deployed.draft import mend, read_draft
from infra.release.deployed.guard import check_no_shift
from infra.release.deployed.history import history_of, who_am_i
from infra.release.deployed.live import Live, read_live
from infra.release.deployed.shift import running_shift
from infra.release.stack.platform import Platform, artifact_bucket, require_platform
from infra.release.stack.stacks import Stack, find_stack, stack_name
from model_store.artifact.reference import ModelReference
from model_store.history.table import Move
from model_store.registry.manifests import PublishedManifest, every_manifest, fetch
from model_store.registry.versions import newest, published


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
    found = _published(aws, platform, target)
    check_release(aws, platform, found)
    model = found.manifest.name
    stack, live = find_stack(aws, stack_name(model)), read_live(aws, model)
    draft = read_draft(aws, model) if live else None
    choices = _choices(deployer, model, stack).with_options(options)
    code = code_digest(deployer.sam.root)
    others = every_manifest(artifact_bucket(aws, platform), model)
    return Situation(
        manifest=found.manifest,
        digest=found.digest,
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
        shift=running_shift(aws, model) if live else None,
        requires_signature=platform.requires_signatures,
    )


def apply(deployer: Deployer, plan: DeployPlan, why: str = "") -> Deployed:
    """samconfig names the release once it is live, and not before.

    Raises NotReleased when the release was refused on its way, ToolFailed when sam fails, or when
    another model is live afterwards.
    """
    aws, model = deployer.aws, plan.model
    before = read_live(aws, model)
    if before:
        _tidy(deployer, model, before)
    if before and plan.settling:
        before = settle(deployer, plan, plan.settling, before)
    live = release(deployer, plan)
    deployer.samconfig.write(model, plan.parameters | GATED, aws.region)
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


def _published(aws: Aws, platform: Platform, target: str) -> PublishedManifest:
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


def _tidy(deployer: Deployer, model: str, live: Live) -> None:
    """What a switch that was cut short left in the draft, and weights that no release set: one may
    have begun since somebody was asked whether to deploy."""
    aws = deployer.aws
    if live.weights:
        check_no_shift(model, running_shift(aws, model))
    if draft := read_draft(aws, model):
        mend(aws, model, draft, deployer.sleep)
    if live.weights:
        point_alias(aws, model, live.version.number, revision=live.revision)


def _remember(aws: Aws, model: str, before: Live | None, live: Live, why: str) -> None:
    source = before.version.number if before else None
    if source == live.version.number:
        return
    history_of(aws).record(model, Move("release", source, who_am_i(aws), why), live.version)
