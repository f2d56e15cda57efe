"""What is live, and everything about it that somebody should know."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from infra.aws import Aws, translated
from infra.errors import AwsDenied, NotFound
from infra.release.deployed.draft import read_draft
from infra.release.deployed.history import history_of
from infra.release.deployed.live import LambdaVersion, Live, read_live, read_version
from infra.release.deployed.shift import running_shift
from infra.release.stack.platform import artifact_bucket, require_platform
from infra.release.stack.stacks import Stack, find_stack, stack_name
from model_store.errors import LambentError
from model_store.history.event import Event
from model_store.history.shift import Shift
from model_store.history.timeline import ROLLBACKS, live_since, models_behind, moves, previous

T = TypeVar("T")
ALARMS = ("errors", "latency", "throttles", "fallbacks")


@dataclass(frozen=True)
class Status:
    """`troubles` names what could not be found out, and why.

    `cut_short`: a switch is at work on $LATEST, or was killed while it was. `shadow`: the version
    that gets copies of requests. `shift`: a release that is under way.
    """

    model: str
    live: Live | None
    stack: Stack | None
    api_url: str | None
    events: tuple[Event, ...]
    published: tuple[str, ...]
    alarms: tuple[str, ...]
    troubles: tuple[str, ...]
    cut_short: bool = False
    shadow: LambdaVersion | None = None
    shift: Shift | None = None

    @property
    def refused(self) -> Event | None:
        """The release that was refused last, unless something went live since."""
        last = self.events[-1] if self.events else None
        return last if last and last.action == "refused" else None

    @property
    def is_fallback_only(self) -> bool:
        return self.live is not None and self.live.version.is_fallback_only

    @property
    def switched_off(self) -> Event | None:
        """The move that put it on its fallback; None while it is not, or when no event tells."""
        return moves(self.events)[-1] if self.is_fallback_only and self.since else None

    @property
    def stands_in_for(self) -> str | None:
        """The Lambda version whose model is switched off; None where nobody knows."""
        if self.live is None:
            return None
        return models_behind(self.events).get(self.live.version.number) or None

    @property
    def since(self) -> str | None:
        return live_since(self.events, self.live.version.number) if self.live else None

    @property
    def previous(self) -> Event | None:
        return previous(self.events, self.live.version.number) if self.live else None

    @property
    def not_live(self) -> tuple[str, ...]:
        """Published versions that are not the live one."""
        live = self.live.version.model_version if self.live else None
        return tuple(version for version in self.published if version != live)

    @property
    def drift(self) -> str | None:
        """How what is live differs from what the stack pins; None when it does not."""
        if self.live is None or self.stack is None:
            return None
        found = "; ".join(_differences(self.live.version, self.stack))
        moved = moves(self.events)
        if found and moved and moved[-1].action in ROLLBACKS:
            good = f"{self.model}@{self.live.version.model_version}"
            return f"{found} (rolled back; settle it with: lambent deploy {good})"
        return found or None


def _differences(live: LambdaVersion, stack: Stack) -> Iterator[str]:
    pinned = stack.parameters
    if pinned.get("ModelDigest", live.digest) != live.digest:
        version = pinned.get("ModelVersion", "?")
        yield f"the stack pins {stack.model}@{version}, live is {live.model_version}"
    for name, value in live.settings.items():
        if pinned.get(name, value) != value:
            yield f"the stack says {name} {pinned[name]}, live has {value}"


def read_status(aws: Aws, model: str) -> Status:
    """Every part that answers; only a model that is nowhere to be found is an error."""
    troubles: list[str] = []
    live = read_live(aws, model)
    stack = find_stack(aws, stack_name(model))
    published = _or_nothing(troubles, lambda: _published(aws, model))
    if live is None and stack is None and not published and not troubles:
        raise NotFound(
            f"model {model}",
            "is neither published nor deployed",
            "See what there is: lambent models",
        )
    return Status(
        model=model,
        live=live,
        stack=stack,
        api_url=_api_url(aws, stack),
        events=_or_nothing(troubles, lambda: _events(aws, model, live)),
        published=published,
        cut_short=any(_or_nothing(troubles, lambda: _cut_short(aws, model))),
        alarms=_or_nothing(troubles, lambda: _alarms(aws, model)),
        shadow=next(iter(_or_nothing(troubles, lambda: _shadow(aws, model, live))), None),
        shift=next(iter(_or_nothing(troubles, lambda: _shift(aws, model, live))), None),
        troubles=tuple(troubles),
    )


def _or_nothing(troubles: list[str], read: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    try:
        return read()
    except LambentError as error:
        troubles.append(str(error))
        return ()


def _api_url(aws: Aws, stack: Stack | None) -> str | None:
    if stack is None or "ApiId" not in stack.outputs:
        return None
    return aws.api_url(stack.outputs["ApiId"], stack.outputs["ApiUrl"])


def _cut_short(aws: Aws, model: str) -> tuple[bool, ...]:
    draft = read_draft(aws, model)
    return (draft.is_cut_short,) if draft else ()


def _shadow(aws: Aws, model: str, live: Live | None) -> tuple[LambdaVersion, ...]:
    if live is None or not live.version.shadow:
        return ()
    return (read_version(aws, model, live.version.shadow),)


def _shift(aws: Aws, model: str, live: Live | None) -> tuple[Shift, ...]:
    shift = running_shift(aws, model) if live else None
    return (shift,) if shift else ()


def _published(aws: Aws, model: str) -> tuple[str, ...]:
    from model_store.registry.versions import published

    bucket = artifact_bucket(aws, require_platform(aws))
    return tuple(version.reference.version for version in published(bucket, model))


def _events(aws: Aws, model: str, live: Live | None) -> tuple[Event, ...]:
    history = history_of(aws)
    try:
        return history.reconciled(model, live.version if live else None)
    except AwsDenied:  # whoever may only look still sees the history
        return history.events(model)


def _alarms(aws: Aws, model: str) -> tuple[str, ...]:
    with translated(f"alarms of {model}"):
        found = aws.cloudwatch.describe_alarms(
            AlarmNames=[f"{stack_name(model)}-{alarm}" for alarm in ALARMS]
        )
    lit = (alarm for alarm in found["MetricAlarms"] if alarm["StateValue"] == "ALARM")
    return tuple(alarm["AlarmName"] for alarm in lit)
