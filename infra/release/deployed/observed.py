"""What there is to move the alias of a model between: its versions, what is live, its history."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from infra.aws import Aws
from infra.errors import AwsDenied, AwsFailed, AwsUnavailable, NotFound
from infra.release.deployed.history import history_of
from infra.release.deployed.live import (
    LambdaVersion,
    Live,
    read_function,
    read_versions,
    require_live,
)
from infra.release.deployed.shift import running_shift
from model_store.history.event import Event
from model_store.history.shift import Shift
from model_store.history.timeline import with_observed

T = TypeVar("T")


@dataclass(frozen=True)
class Observed:
    """`events` is None while the history table does not answer; `trouble` then says why.

    `draft`: what versions are published from. `shift`: a release that is under way;
    `shift_trouble` says why nobody knows.
    """

    live: Live
    versions: Sequence[LambdaVersion]
    events: Sequence[Event] | None
    trouble: str = ""
    draft: LambdaVersion | None = None
    shift: Shift | None = None
    shift_trouble: str = ""

    @property
    def models(self) -> Sequence[LambdaVersion]:
        """The versions that were released: no fallback, no shadow."""
        return [version for version in self.versions if not version.is_switched]

    @property
    def moves(self) -> tuple[Event, ...]:
        """The events, and the last move even if nobody wrote it down."""
        return with_observed(self.events or (), self.live.version, at="")


def observe(aws: Aws, model: str) -> Observed:
    """CodeDeploy is asked while the rest is read: a rollback waits for it no longer than needed."""
    _ = aws.codedeploy  # made in this thread: botocore's sessions are for one
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(_or_trouble, lambda: running_shift(aws, model))
        draft, versions = read_function(aws, model)
        live = require_live(aws, model, versions)
        events, trouble = _or_trouble(lambda: history_of(aws).events(model))
        shift, shift_trouble = asked.result()
    return Observed(live, versions, events, trouble, draft, shift, shift_trouble)


def find_version(aws: Aws, model: str, name: str) -> LambdaVersion:
    """A Lambda version by model version, or by its own number ("7" or "lambda:7")."""
    versions = read_versions(aws, model)
    observed = Observed(require_live(aws, model, versions), versions, ())
    every = ", ".join(dict.fromkeys(v.model_version for v in reversed(versions)))
    return named(model, observed, name, f"Choose among {every}")


def named(model: str, observed: Observed, to: str, missing: str) -> LambdaVersion:
    """`to` as `find_version` takes it; the live one where several match, else the newest.

    `missing`: what to do if there is none. Raises NotFound.
    """
    number = to.removeprefix("lambda:")
    of_model = [v for v in observed.models if v.model_version == to]
    of_lambda = [v for v in observed.versions if v.number == number]
    live, found = observed.live.version, of_model or of_lambda
    if not found:
        raise NotFound(
            f"version {to} of {model}", "is no Lambda version that still exists", missing
        )
    return live if live in found else found[-1]


def ways_out(model: str, observed: Observed, lead: str) -> str:
    """What else could be made live, after `lead`; or how to come by another version."""
    live = observed.live.version.number
    others = [v.model_version for v in observed.models if v.number != live]
    if not others:
        return f"There is no other version; deploy one: lambent deploy {model}@VERSION"
    return f"{lead} {', '.join(dict.fromkeys(reversed(others)))}"


def _or_trouble(read: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return read(), ""
    except (AwsDenied, AwsFailed, AwsUnavailable, NotFound) as error:
        return None, str(error)
