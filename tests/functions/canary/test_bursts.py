"""Whole releases, simulated: who may call can stop none by a burst, and no bad version hides."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from scipy.stats import binom

from functions.canary.findings import Bar, find
from functions.canary.readings import Reading
from functions.operations.statistics.rates import ALPHA, BETA
from functions.operations.statistics.verdict import Finding, Verdict
from model_store import request_metrics as metrics
from tests.functions.canary.cloud import START

BAR = Bar(tolerance=0.05, churn=0.3)
LINEAR = [step / 10 for step in range(1, 10)]
"""The candidate's share, minute by minute: Linear10PercentEvery1Minute."""
LATE = 7
"""The minute in which a burst begins; it goes on for two."""
USUAL, OTHER = [0.5, 0.3, 0.2], [0.0, 0.1, 0.9]
Told = dict[str, dict[datetime, float]]
Bad = Callable[[int, int], float]
"""Bad requests per minute, of version 0 (the candidate) or 1, in a minute."""


def burst(per_minute: int) -> Bad:
    return lambda version, minute: per_minute if minute in (LATE, LATE + 1) else 0


def release(
    seed: int,
    clean: int,
    bad: Bad,
    rates: tuple[float, float] = (0.0, 0.0),
) -> list[Finding]:
    """What stopped it, or what was said at the last look. rates: of errors, of either version."""
    random = np.random.default_rng(seed)
    told: tuple[Told, Told] = ({}, {})
    findings: list[Finding] = []
    for minute, share in enumerate(LINEAR, start=1):
        at = START + timedelta(minutes=minute)
        for version, part in enumerate((share, 1 - share)):
            usual = random.poisson(clean * part)
            poisoned = random.poisson(bad(version, minute) * part)
            failed = random.binomial(usual, rates[version]) + poisoned
            answers = random.multinomial(usual, USUAL) + random.multinomial(poisoned, OTHER)
            counts = {metrics.REQUESTS: usual + poisoned, metrics.FAILED: failed}
            for name, count in (counts | dict(zip(metrics.ANSWERS, answers, strict=False))).items():
                told[version].setdefault(name, {})[at] = float(count)
        is_last = minute >= len(LINEAR) - 1
        candidate, live = (Reading(each, (7, 7)) for each in told)
        findings = find(candidate, live, BAR, last=is_last)
        if any(each.verdict is Verdict.WORSE for each in findings):
            return findings
    return findings


def stopped(releases: list[list[Finding]]) -> int:
    return sum(any(each.verdict is Verdict.WORSE for each in found) for found in releases)


@pytest.mark.parametrize("per_minute", [40, 400])
def test_fault_row_23_a_late_burst_stops_no_linear_release(per_minute: int) -> None:
    """It meets a candidate that has most of the traffic by then (Simpson's paradox)."""
    assert stopped([release(seed, 200, burst(per_minute)) for seed in range(50)]) == 0


@pytest.mark.parametrize("per_minute", [0, 40])
def test_a_candidate_that_is_worse_is_stopped_with_and_without_a_burst(per_minute: int) -> None:
    releases = [release(seed, 200, burst(per_minute), (0.25, 0.02)) for seed in range(50)]
    assert stopped(releases) == 50


def test_errors_of_both_kinds_are_as_rare_as_stated_in_a_linear_shift() -> None:
    """Sixty releases each, seeded; bounds that chance passes once in a million."""
    same = [release(seed, 400, burst(0), (0.02, 0.02)) for seed in range(60)]
    assert stopped(same) <= binom.ppf(1 - 1e-6, 60, ALPHA)
    risen = [release(seed, 400, burst(0), (0.07, 0.02)) for seed in range(60)]
    called_fine = sum(all(each.verdict is Verdict.FINE for each in found) for found in risen)
    assert called_fine <= binom.ppf(1 - 1e-6, 60, BETA)
