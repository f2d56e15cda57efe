"""The state of an alarm, from the values of its last periods. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
# CloudWatch looks further back than it must, so that late or missing points do not decide.
EXTRA_PERIODS = 2


@dataclass(frozen=True)
class Rule:
    """`missing` is one of missing, ignore, breaching, notBreaching."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str = "missing"


@dataclass(frozen=True)
class Verdict:
    """`state` None: keep the state that it is in."""

    state: State | None
    reason: str


def evaluate(rule: Rule, datapoints: Sequence[float | None]) -> Verdict:
    """`datapoints`: one per period, oldest first, None where there was no data."""
    known = [point for point in datapoints if point is not None][-rule.evaluation_periods :]
    breaching = sum(COMPARISONS[rule.comparison](point, rule.threshold) for point in known)
    filled = rule.evaluation_periods - len(known)
    state = _state(rule, len(known), breaching, filled)
    return Verdict(state, _reason(rule, known, breaching, filled))


def _state(rule: Rule, known: int, breaching: int, filled: int) -> State | None:
    needed = rule.datapoints_to_alarm
    if breaching >= needed:
        return "ALARM"
    if filled == 0 or rule.missing == "notBreaching":
        return "OK"
    if rule.missing == "breaching":
        return "ALARM" if breaching + filled >= needed else "OK"
    if rule.missing == "ignore":
        return None if breaching == known else "OK"
    if known == 0:
        return "INSUFFICIENT_DATA"
    return "ALARM" if breaching == known else "OK"


def _reason(rule: Rule, known: Sequence[float], breaching: int, filled: int) -> str:
    values = ", ".join(f"{point:g}" for point in known)
    text = (
        f"{breaching} of the last {len(known)} datapoints [{values}] "
        f"breach {rule.comparison} {rule.threshold:g} "
        f"({rule.datapoints_to_alarm} of {rule.evaluation_periods} needed)"
    )
    return text + (f"; {filled} missing, treated as {rule.missing}" if filled else "")
