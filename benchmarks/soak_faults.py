"""What goes wrong during the soak, on purpose."""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import boto3
import psutil

BLOBS = "blobs/sha256/"


def kill_a_worker(embedded: psutil.Process) -> None:
    """One of the processes that run functions, busy or not."""
    if workers := embedded.children():
        _kill(random.choice(workers))  # noqa: S311


def corrupt_models(embedded: psutil.Process, wait: Callable[[], None]) -> None:
    """Turns a bit of every model in the bucket and ends all workers, so that new ones meet it.

    Whole again after `wait`; the workers then have to find that out by themselves.
    """
    s3, bucket = _store()
    found = s3.list_objects_v2(Bucket=bucket, Prefix=BLOBS)["Contents"]
    places = [{"Bucket": bucket, "Key": each["Key"]} for each in found]
    whole = [s3.get_object(**place)["Body"].read() for place in places]
    try:
        for place, content in zip(places, whole, strict=True):
            s3.put_object(**place, Body=content[:-1] + bytes([content[-1] ^ 1]))
        for worker in embedded.children():
            _kill(worker)
        wait()
    finally:
        for place, content in zip(places, whole, strict=True):
            s3.put_object(**place, Body=content)


def _kill(worker: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        worker.kill()


def _store() -> tuple[Any, str]:
    """Of the AWS that the environment leads to."""
    (platform,) = boto3.client("cloudformation").describe_stacks(StackName="lambent-platform")[
        "Stacks"
    ]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in platform["Outputs"]}
    return boto3.client("s3"), outputs["ArtifactBucket"]
