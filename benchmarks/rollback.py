"""How long `lambent rollback NAME` takes as a whole process, beside what it cannot be faster than.

    python -m benchmarks.rollback [RUNS]

Against an embedded AWS of its own, interleaved: a Python that does nothing, the same single
`update_alias` by boto3, and the rollback. Prints medians and ratios; nothing is asserted.
"""

import os
import statistics
import subprocess
import sys
import time
import zipfile
from io import BytesIO
from pathlib import Path

import boto3

from infra.aws import Aws
from infra.cli import wiring
from infra.local.server import EmbeddedAws
from infra.release.history import history_of
from infra.release.live import ALIAS, read_live, read_versions
from infra.release.parameters import Choices
from infra.release.samconfig import SamConfig
from infra.release.stacks import function_name
from model_store.history.table import Move

MODEL = "bench"
FUNCTION = function_name(MODEL)
MOVE = (
    "import boto3; boto3.client('lambda').update_alias("
    f"FunctionName={FUNCTION!r}, Name={ALIAS!r}, FunctionVersion='1')"
)
COMMANDS = {
    "python that does nothing": [sys.executable, "-c", "pass"],
    "boto3 update_alias": [sys.executable, "-c", MOVE],
    "lambent rollback": [str(Path(sys.executable).with_name("lambent")), "rollback", MODEL],
}


def release(aws: Aws) -> None:
    """Two versions of a function that answers nothing, as two deploys would leave them."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        bundle.writestr("handler.py", "def handle(event, context): ...")
    role = boto3.client("iam").create_role(RoleName="bench", AssumeRolePolicyDocument="{}")["Role"]
    aws.lambda_.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.11",
        Handler="handler.handle",
        Role=role["Arn"],
        Code={"ZipFile": packed.getvalue()},
    )
    for version in ("1", "2"):
        pinned = {"LAMBENT_VERSION": version, "LAMBENT_DIGEST": version * 64}
        aws.lambda_.update_function_configuration(
            FunctionName=FUNCTION, Environment={"Variables": pinned}
        )
        aws.lambda_.publish_version(FunctionName=FUNCTION)
    aws.lambda_.create_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion="1")


def remember_releases(aws: Aws) -> None:
    """The history table, and in it the two deploys."""
    history = history_of(aws)
    aws.dynamodb.create_table(
        TableName=history.name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "model", "KeyType": "HASH"},
            {"AttributeName": "sequence", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "model", "AttributeType": "S"},
            {"AttributeName": "sequence", "AttributeType": "N"},
        ],
    )
    for version in read_versions(aws, MODEL):
        history.record(MODEL, Move("release", None, "bench"), version)


def before_rollback(aws: Aws, config: SamConfig) -> None:
    """Version 2 is live and version 1 was; nothing was rolled back yet."""
    third = {"model": {"S": MODEL}, "sequence": {"N": "3"}}
    aws.dynamodb.delete_item(TableName=history_of(aws).name, Key=third)
    aws.lambda_.update_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion="2")
    config.write(MODEL, Choices().as_parameters() | {"ModelVersion": "2"}, aws.region)


def timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - started


def main(runs: int) -> None:
    with EmbeddedAws() as embedded:
        os.environ |= embedded.environment()
        aws = wiring.aws()
        config = SamConfig(wiring.samconfig_path(aws))
        release(aws)
        remember_releases(aws)
        taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
        try:
            for _ in range(runs):
                for name, command in COMMANDS.items():
                    before_rollback(aws, config)
                    taken[name].append(timed(command))
            live = read_live(aws, MODEL)
        finally:
            config.path.unlink(missing_ok=True)
    if live is None or live.version.number != "1":
        raise SystemExit("the last rollback did not move the alias")
    report(taken)


def report(taken: dict[str, list[float]]) -> None:
    nothing, floor, _ = (statistics.median(seconds) for seconds in taken.values())
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(
            f"{name:<25} median {median:.3f} s (from {min(seconds):.3f} to {max(seconds):.3f}), "
            f"{median / floor:.2f} times boto3, {median / nothing:.1f} times nothing"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
