"""Carrying out a deploy: sam runs once or twice, and what is live afterwards is looked at."""

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from infra.aws import Aws
from infra.errors import Refused, ToolFailed
from infra.release.deploy.build import built_template, ensure_built
from infra.release.deploy.digest import code_digest
from infra.release.deploy.judge import ready_judge
from infra.release.deploy.plan import DeployPlan
from infra.release.deploy.progress import told_progress
from infra.release.deploy.refusal import Attempt, not_released
from infra.release.deploy.settling import Run
from infra.release.deployed.alias import point_alias
from infra.release.deployed.draft import Sleep, Tell
from infra.release.deployed.history import history_of, who_am_i
from infra.release.deployed.invoke import check_alive
from infra.release.deployed.live import Live, read_versions, require_live
from infra.release.stack.sam import Sam
from infra.release.stack.samconfig import SamConfig
from model_store.errors import LambentError
from model_store.history.event import Action
from model_store.history.table import Move, utc_now

SCRATCH = Path(".lambent")
SETTLED = "deployed as it is, so that the stack follows the alias"


@dataclass(frozen=True)
class Deployer:
    """What a deploy works with: AWS, the real sam, and the file that it reads. `tell` hears what
    somebody should know meanwhile, `progress` how far traffic has moved (None: nobody asks)."""

    aws: Aws
    sam: Sam
    tell: Tell = field(default=lambda _: None)
    progress: Tell | None = None
    sleep: Sleep = time.sleep

    @property
    def samconfig(self) -> SamConfig:
        return SamConfig(self.sam.config)


def run_sam(deployer: Deployer, model: str, run: Run) -> None:
    """Build unless that is done, and deploy, by a samconfig of its own: the one that plain sam
    reads names a release when it is live, whatever becomes of this process. Raises ToolFailed."""
    sam = deployer.sam
    (sam.root / SCRATCH).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=sam.root / SCRATCH, prefix=".release-") as folder:
        config = Path(folder, "samconfig.toml")
        SamConfig(config).write(model, run.parameters, deployer.aws.region)
        template = built_template(sam.root, code_digest(sam.root), run.choices)
        ensure_built(sam, model, template, config)
        sam.deploy(model, template, config)


def settle(deployer: Deployer, plan: DeployPlan, run: Run, before: Live) -> Live:
    """Deploy what is live as it is. Raises Refused, with the alias back at the version before, when
    the new version of it does not answer."""
    aws, model = deployer.aws, plan.model
    run_sam(deployer, model, run)
    live = require_live(aws, model)
    if live.version.digest != before.version.digest:
        raise _elsewhere(plan, live, before.version.model_version)
    try:
        check_alive(aws, model, live.version.number)
    except LambentError as error:
        point_alias(aws, model, before.version.number, revision=live.revision)
        raise Refused(
            f"model {model}",
            f"does not answer with the code of this checkout ({error}); live is Lambda version "
            f"{before.version.number}, as before",
            "Mend the code, then deploy again",
        ) from error
    action: Action = "fallback on" if live.version.is_fallback_only else "release"
    move = Move(action, before.version.number, who_am_i(aws), SETTLED)
    history_of(aws).record(model, move, live.version)
    deployer.samconfig.write(model, run.parameters, aws.region)
    return live


def release(deployer: Deployer, plan: DeployPlan) -> Live:
    """The wanted model, through the gate where there is one; what is live then.

    Raises NotReleased when the gate refused it, ToolFailed for everything else that went wrong.
    """
    aws, model = deployer.aws, plan.model
    if plan.is_gated and plan.choices.moves_step_by_step:
        ready_judge(aws, model, sleep=deployer.sleep, tell=deployer.tell)
    known = frozenset(version.number for version in read_versions(aws, model))
    attempt = Attempt(plan.reference, plan.digest, known, utc_now())
    try:
        with told_progress(aws, model, deployer.progress if plan.is_gated else None):
            run_sam(deployer, model, Run(plan.parameters, plan.choices))
    except ToolFailed as failure:
        raise not_released(aws, attempt, failure, deployer.tell) from failure
    return _confirmed(aws, plan)


def _confirmed(aws: Aws, plan: DeployPlan) -> Live:
    live = require_live(aws, plan.model)
    if live.version.digest != plan.digest:
        raise _elsewhere(plan, live, plan.version)
    if live.version.is_fallback_only:
        raise ToolFailed(
            f"model {plan.model}",
            "sam succeeded, but only the fallback is live",
            f"Somebody switched it off at the same time; see lambent status {plan.model}",
        )
    return live


def _elsewhere(plan: DeployPlan, live: Live, wanted: str) -> ToolFailed:
    return ToolFailed(
        f"model {plan.model}",
        f"sam succeeded, but live is {live.version.model_version}, not {wanted}",
        f"See lambent status {plan.model}; somebody may have deployed at the same time",
    )
