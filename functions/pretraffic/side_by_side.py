"""The candidate on traffic like that of its training data, beside what is live where it can be."""

from collections.abc import Iterator, Sequence

from functions.pretraffic.asking import Callee
from functions.pretraffic.callers import Comparable, check_contract
from functions.pretraffic.comparison import (
    Limits,
    check_abstentions,
    check_churn,
    check_failures,
    check_fallbacks,
    check_latency,
    tell_speed,
)
from functions.pretraffic.errors import OutOfTime
from functions.pretraffic.report import Check
from functions.pretraffic.settings import Settings
from functions.pretraffic.trial import Trial
from model_store.artifact.manifest import Manifest
from model_store.errors import AwsError
from model_store.samples.traffic import Raw, traffic


def candidate_alone(manifest: Manifest, version: Callee, settings: Settings) -> Iterator[Check]:
    """Is it fast enough, and does its model fail?"""
    limits = limits_of(settings)
    examples = [example.row for example in manifest.golden]
    seed = seed_of(settings)
    rows = traffic(manifest.contract, manifest.baseline, examples, limits.rows, seed)
    yield from _on_its_own(Trial(version), rows, limits)


def side_by_side(
    found: Comparable, version: Callee, before: Callee, settings: Settings
) -> Iterator[Check]:
    """The same rows to both, as callers of the live version may send them.

    A live version that gives no answers refuses no candidate, which may be what repairs it.
    """
    limits = limits_of(settings)
    seed = seed_of(settings)
    rows = traffic(found.live, found.baseline, found.examples, limits.rows, seed)
    yield check_contract(found.live, found.served, rows)
    candidate, live = Trial(version), Trial(before)
    yield from _on_its_own(candidate, rows, limits)
    try:
        live.ask_each(rows[: limits.requests])
        live.ask_together(rows[limits.requests :])
    except (AwsError, OutOfTime) as error:
        yield Check("comparison", "skipped", f"the live version did not answer: {error}")
        return
    yield tell_speed(live.milliseconds, candidate.milliseconds)
    for check in (check_churn, check_abstentions, check_fallbacks):
        yield check(live.answers, candidate.answers, limits)


def _on_its_own(candidate: Trial, rows: Sequence[Raw], limits: Limits) -> Iterator[Check]:
    candidate.ask_each(rows[: limits.requests], limits.is_too_slow)
    yield check_latency(candidate.milliseconds, limits)
    candidate.ask_together(rows[limits.requests :])
    yield check_failures(candidate.answers, limits)


def limits_of(settings: Settings) -> Limits:
    return Limits(settings.churn, settings.tolerance, settings.latency)


def seed_of(settings: Settings) -> int:
    """The same for the same artifact, so that a rehearsal can be repeated."""
    return int(settings.digest[:8], 16)
