"""How far a release is, told while sam waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from infra.aws import Aws
from infra.release.deployed.draft import Tell
from infra.release.deployed.shift import running_shift, told
from model_store.errors import AwsError
from model_store.history.shift import read_pace
from model_store.history.table import utc_now

PAUSE = 5.0


@contextmanager
def told_progress(aws: Aws, model: str, tell: Tell | None, pause: float = PAUSE) -> Iterator[None]:
    """While the block runs, `tell` hears each change of a release; None for nobody listens."""
    if tell is None:
        yield
        return
    _ = aws.codedeploy  # made here: botocore's sessions are for one thread
    done = Event()
    watch = Thread(target=_watch, args=(aws, model, tell, done, pause), daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


def _watch(aws: Aws, model: str, tell: Tell, done: Event, pause: float) -> None:
    last = ""
    while not done.wait(pause):
        try:
            line = _line(aws, model)
        except AwsError as error:
            tell(f"How far the release is cannot be told: {error}")
            return
        if line and line != last:
            tell(line)
            last = line


def _line(aws: Aws, model: str) -> str:
    shift = running_shift(aws, model)
    if shift is None:
        return ""
    return told(shift, read_pace(aws.codedeploy, shift.deployment), utc_now())
