"""What goes wrong during the soak, on purpose, and for one model alone."""

import contextlib
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psutil

from benchmarks.soak_workers import workers_around
from infra.cli import wiring
from model_store.artifact.layout import blob_key
from model_store.registry.bucket import Bucket
from model_store.registry.manifests import fetch
from model_store.registry.versions import published


def kill_a_worker(embedded: psutil.Process, model: str) -> None:
    """One of the processes that run its functions, busy or not."""
    if found := workers_around(embedded, model):
        _kill(random.choice(found))  # noqa: S311 - which one is nobody's secret


def corrupt(embedded: psutil.Process, model: str, wait: Callable[[], None]) -> None:
    """Turns a bit of all its files in the bucket and ends its workers, so that new ones meet it.

    Whole again after `wait`; the workers then have to find that out by themselves.
    """
    bucket = wiring.bucket()
    with ExitStack() as bad:
        for key in sorted(_files(bucket, model)):
            bad.enter_context(_turned(bucket, key))
        for worker in workers_around(embedded, model):
            _kill(worker)
        wait()


def _files(bucket: Bucket, model: str) -> set[str]:
    manifests = [fetch(bucket, each.reference).manifest for each in published(bucket, model)]
    return {blob_key(file.sha256) for each in manifests for file in each.files.values()}


@contextmanager
def _turned(bucket: Bucket, key: str) -> Iterator[None]:
    """As a version of the object that is deleted again: nothing is left of it."""
    content = bucket.read(key) or b""
    place = {"Bucket": bucket.name, "Key": key}
    bad = bucket.s3.put_object(**place, Body=content[:-1] + bytes([content[-1] ^ 1]))
    try:
        yield
    finally:
        bucket.s3.delete_object(**place, VersionId=bad["VersionId"])


def _kill(worker: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        worker.kill()
