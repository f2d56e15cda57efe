"""Where a way of serving falls short of a target, and by what."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from infra.capacity.footprint import Footprint
from infra.capacity.simulation import COLD, THROTTLED, Outcome
from infra.capacity.size import size

Part = Literal["start", "steady load", "burst"]


@dataclass(frozen=True)
class Miss:
    """`part` of the target, and what it is instead."""

    part: Part
    why: str


def of_the_start(model: Footprint, memory_mb: int, *, in_time: bool) -> Iterator[Miss]:
    """Why `lambent deploy` would refuse it. in_time: its init phase is not cut short after ten
    seconds, since it is over before there are callers."""
    found = size([model], memory_mb, snapstart=in_time)
    if found.verdict == "cannot start":
        yield from (Miss("start", problem) for problem in found.problems())


def of_a_load(part: Part, seen: Outcome, p99_ms: float) -> Iterator[Miss]:
    """Slow, turned away, cut off."""
    slow, turned_away = seen.latency(0.99), seen.share(THROTTLED)
    if not slow <= p99_ms:
        started = percent(seen.share(COLD))
        yield Miss(part, f"p99 is {slow:.3g} ms, {started} of the requests start an environment")
    if turned_away:
        yield Miss(part, f"{percent(turned_away)} are turned away")
    if seen.timed_out:
        yield Miss(part, f"{percent(seen.timed_out)} are cut off at a timeout")


def percent(share: float) -> str:
    """Never 0 for what there is."""
    return f"{share * 100:.2g} %"
