"""Whether the release goes on. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.operations.statistics.verdict import Finding, Verdict
from model_store.history.shift import Pace

INTERVAL = 60.0
"""Seconds between two looks (template.yaml)."""
LOOKS_LEFT = 2
"""With fewer to come, the verdict falls now: of two, one may come late."""
SHORTEST = 5
"""Intervals in the shortest shift that CodeDeploy offers. One that is over sooner runs by a faster
clock, and so do the looks at it."""


@dataclass(frozen=True)
class Stage:
    """How far the shift is: seconds since it began, and until its end."""

    passed: float
    left: float

    @property
    def is_last(self) -> bool:
        interval = min(INTERVAL, (self.passed + self.left) / SHORTEST)
        return self.left < LOOKS_LEFT * interval


def stage_of(since: datetime, pace: Pace, now: datetime) -> Stage | None:
    """Of a shift whose traffic began to move at `since`; None if all of it moved at once."""
    if pace.seconds <= 0:
        return None
    passed = (now - since).total_seconds()
    return Stage(passed, pace.seconds - passed)


def unusable(names: Sequence[str], states: Mapping[str, str]) -> list[str]:
    """Of the alarms on the candidate, those that are not there or have nothing to say."""
    said = {name: states.get(name, "missing") for name in names}
    return [f"{name} is {state}" for name, state in said.items() if state not in ("OK", "ALARM")]


def why_refused(findings: Sequence[Finding], blind: Sequence[str], stage: Stage) -> str | None:
    """One readable sentence, None to let the release go on.

    What is worse is refused at once; what is not known at the end is not promoted (row 45).
    """
    worse = [f"{each.signal}: {each.what}" for each in findings if each.verdict is Verdict.WORSE]
    if worse:
        return "; ".join(worse)
    if not stage.is_last:
        return None
    if blind:
        return f"no promotion without alarms: {', '.join(blind)}"
    open_ = [each for each in findings if each.verdict is Verdict.NOT_YET]
    return f"{open_[0].what} ({', '.join(each.signal for each in open_)})" if open_ else None
