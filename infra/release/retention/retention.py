"""Which Lambda versions stay: whatever is in use, or may be gone back to. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from infra.release.deployed.live import LambdaVersion
from infra.release.deployed.observed import Observed
from model_store.history.event import Event
from model_store.history.timeline import earlier, models_behind, rolled_back


@dataclass(frozen=True)
class Verdict:
    """Whether a version stays, and why."""

    version: LambdaVersion
    stays: bool
    why: str


def judge(now: Observed, in_use: Mapping[str, str], keep: int) -> Iterator[Verdict]:
    """Of every version, the oldest first. `in_use`: by number, why Lambda or CloudFormation needs
    it; `keep`: how many stay of those that one rollback after the other would lead to."""
    stays = dict(_staying(now, in_use, keep))
    for version in now.versions:
        why = stays.get(version.number)
        yield Verdict(version, why is not None, why or _why_not(now, version, keep))


def _staying(now: Observed, in_use: Mapping[str, str], keep: int) -> Iterator[tuple[str, str]]:
    """Number and reason; of several reasons the last is told."""
    live = now.live.version
    yield from _unknown(now)
    yield from ((number, "a rollback leads there") for number in islice(_targets(now), keep))
    ready = [v.number for v in now.versions if v.is_fallback_only and v.digest == live.digest]
    yield from ((number, "the kill switch leads there") for number in ready[-1:])
    yield from in_use.items()
    yield from ((number, "gets part of the traffic") for number in now.live.weights)
    if live.shadow:
        yield live.shadow, "gets copies of requests"
    if live.is_switched:
        yield from _behind(now)
    yield live.number, "live"


def _targets(now: Observed) -> Iterator[str]:
    """Numbers of versions that exist, in the order in which rollbacks lead to them."""
    led: dict[str, Event] = {}
    for event in earlier(now.moves, now.live.version.number):
        led.setdefault(event.target, event)
    versions = {version.number: version for version in now.versions}
    for number, event in led.items():
        if number in versions and versions[number].digest == event.digest:
            yield number


def _behind(now: Observed) -> Iterator[tuple[str, str]]:
    """What the live twin stands in for; where nobody knows, all with the same model."""
    live = now.live.version
    original = models_behind(now.moves).get(live.number)
    same = [version.number for version in now.models if version.digest == live.digest]
    for number in [original] if original in same else same:
        yield str(number), f"{live.number}, which is live, stands in for it"


def _unknown(now: Observed) -> Iterator[tuple[str, str]]:
    """Versions newer than any that the history tells of: somebody may be about to use them; and
    older ones, which were released before there was a history, or while an earlier one was kept."""
    told = _moved_to(now)
    told |= {(event.source or "", event.left) for event in now.moves if event.action == "refused"}
    known = [int(v.number) for v in now.versions if (v.number, v.digest) in told]
    for version in now.versions:
        if int(version.number) > max(known, default=0):
            yield version.number, "not known to the history yet"
        elif int(version.number) < min(known):
            yield version.number, "older than the history"


def _moved_to(now: Observed) -> set[tuple[str, str]]:
    """Number and digest: after a destroy the numbers start again."""
    return {(event.target, event.digest) for event in now.moves}


def _why_not(now: Observed, version: LambdaVersion, keep: int) -> str:
    if version.is_switched:
        return "made by a switch, and not live"
    if version.number in rolled_back(now.moves):
        return "rolled back or refused"
    if (version.number, version.digest) in _moved_to(now):
        return f"more than {keep} back"
    return "never live"
