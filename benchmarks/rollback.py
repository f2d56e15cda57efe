"""How long going back takes: by `lambent rollback`, and by a `sam deploy` of the old version.

    python -m benchmarks.rollback [ROUNDS]

On an embedded AWS of its own: penguins@1 and @2, deployed for real, and 50 Lambda versions that are
kept. Whole processes, interleaved: a Python that does nothing, the one `update_alias` by boto3, the
rollback, and the real sam with what is built already and nothing to ask before traffic, which is
the fastest way back by deploying. Prints medians and ratios; nothing is asserted.
"""

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.rounds import Series
from infra.aws import Aws
from infra.cli import wiring
from infra.local.server import EmbeddedAws
from infra.release.deploy.digest import model_parameters
from infra.release.deploy.parameters import defaults
from infra.release.deploy.runs import Deployer, run_sam
from infra.release.deploy.settling import UNGATED, Run
from infra.release.deployed.history import history_of
from infra.release.deployed.live import ALIAS, LambdaVersion, read_versions
from infra.release.stack.samconfig import SamConfig
from infra.release.stack.stacks import function_name

MODEL = "penguins"
FUNCTION = function_name(MODEL)
KEPT = 50
LAMBENT = str(Path(sys.executable).with_name("lambent"))
MOVE = (
    "import boto3; boto3.client('lambda').update_alias("
    f"FunctionName={FUNCTION!r}, Name={ALIAS!r}, FunctionVersion='1')"
)
NOTHING, FLOOR, ROLLBACK, SAM = (
    "python that does nothing",
    "boto3 update_alias",
    "lambent rollback",
    "sam deploy",
)
COMMANDS = {
    NOTHING: [sys.executable, "-c", "pass"],
    FLOOR: [sys.executable, "-c", MOVE],
    ROLLBACK: [LAMBENT, "rollback", MODEL],
}


def deploy_both(folder: str) -> None:
    for version in ("1", "2"):
        made = f"{folder}/{MODEL}/{version}"
        run(LAMBENT, "package", f"examples/{MODEL}/model.py", "--version", version, "--out", folder)
        run(LAMBENT, "publish", made)
        run(LAMBENT, "deploy", f"{MODEL}@{version}")


def keep_many(aws: Aws) -> None:
    """Versions that nobody goes back to, up to KEPT; the draft is left as it was."""
    draft = aws.lambda_.get_function_configuration(FunctionName=FUNCTION)
    variables = draft["Environment"]["Variables"]
    for number in range(len(read_versions(aws, MODEL)), KEPT):
        aws.lambda_.update_function_configuration(
            FunctionName=FUNCTION, Environment={"Variables": variables | {"KEPT": str(number)}}
        )
        aws.lambda_.publish_version(FunctionName=FUNCTION)
    aws.lambda_.update_function_configuration(
        FunctionName=FUNCTION, Environment={"Variables": variables}
    )


def forget_rollbacks(aws: Aws, released: int) -> None:
    """Version 2 is live and version 1 was; nothing was rolled back yet."""
    history = history_of(aws)
    for event in history.events(MODEL)[released:]:
        key = {"model": {"S": MODEL}, "sequence": {"N": str(event.sequence)}}
        aws.dynamodb.delete_item(TableName=history.name, Key=key)
    aws.lambda_.update_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion="2")


def deploy_old(deployer: Deployer, config: SamConfig, old: LambdaVersion) -> None:
    pinned = model_parameters(MODEL, old.model_version, old.digest, old.standby)
    fresh = {"ReleaseDigest": secrets.token_hex(32)}
    parameters = config.parameters(MODEL) | pinned | UNGATED | fresh
    run_sam(deployer, MODEL, Run(parameters, defaults(local=True)))


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603


def timed(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def ways_back(aws: Aws, rounds: int) -> Series:
    config = SamConfig(wiring.samconfig_path(aws))
    before, deployer = config.path.read_text(), Deployer(aws, wiring.sam(aws))
    released, old = len(history_of(aws).events(MODEL)), read_versions(aws, MODEL)[0]
    taken: Series = {name: [] for name in (*COMMANDS, SAM)}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            forget_rollbacks(aws, released)
            config.path.write_text(before)
            taken[name].append(timed(partial(run, *command)))
        taken[SAM].append(timed(lambda: deploy_old(deployer, config, old)))
    return taken


def main(rounds: int) -> None:
    report(measure(rounds))


def measure(rounds: int) -> Series:
    """Seconds of each way back, in turn."""
    with EmbeddedAws() as embedded, tempfile.TemporaryDirectory() as folder:
        os.environ |= embedded.environment()
        os.environ.pop("SAM_CLI_POLL_DELAY")  # sam waits as it does by default
        aws = wiring.aws()
        try:
            deploy_both(folder)
            keep_many(aws)
            return ways_back(aws, rounds)
        finally:
            wiring.samconfig_path(aws).unlink(missing_ok=True)
            for name in embedded.environment():
                os.environ.pop(name, None)


def report(taken: Series) -> None:
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    print(f"{KEPT} Lambda versions kept")
    for name, seconds in taken.items():
        print(
            f"{name:<25} median {medians[name]:.3f} s "
            f"(from {min(seconds):.3f} to {max(seconds):.3f})"
        )
    print(f"rollback / boto3       {medians[ROLLBACK] / medians[FLOOR]:.2f}")
    print(f"rollback / sam deploy  {medians[ROLLBACK] / medians[SAM]:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
