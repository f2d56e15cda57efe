"""A manifest that holds everything a report can tell."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from model_store.artifact.facts import Bin, Calibration, CalibrationScores, OutputNames, TradeOff
from model_store.artifact.manifest import Manifest
from model_store.artifact.outcomes import ClassCounts, Decided, Outcomes, Score, Slice
from model_store.fallbacks.records import Constant, Popular
from model_store.policy import Policy
from model_store.predictions import Reason
from model_store.uncertainty.conformal import Intervals, Level, PredictionSets
from model_store.uncertainty.novelty import Novelty

MakeManifest = Callable[..., Manifest]


def curve(*counts: tuple[float, int, int], rows: int = 1000) -> tuple[TradeOff, ...]:
    """Of (least confidence, answered, right); a wrong answer costs 1."""
    return tuple(
        TradeOff(
            least_confidence=least,
            rows=rows,
            answered=answered,
            right=right,
            cost=round((answered - right) / answered, 4) if answered else None,
        )
        for least, answered, right in counts
    )


def scores(of: float, bins: Sequence[tuple[float, float, int]]) -> CalibrationScores:
    reliability = tuple(Bin(confidence=c, accuracy=a, rows=n) for c, a, n in bins)
    return CalibrationScores(log_loss=of, brier=of / 2, ece=of / 4, reliability=reliability)


def outcomes() -> Outcomes:
    """Of 1000 penguins; every answered one on Dream is wrong."""
    low: dict[str, Any] = {"decision": "abstain", "needs_review": True, "reason": "low_confidence"}
    return Outcomes(
        rows=1000,
        alone=Score(rows=990, right=891),
        switched_off=Score(rows=1000, right=440),
        decisions=(
            Decided(decision="model", rows=700, right=686),
            Decided(decision="model", needs_review=True, rows=100, right=80),
            Decided(decision="fallback", reason=Reason.NOVEL, source="constant", rows=50, right=20),
            Decided(rows=150, **low),
        ),
        classes=(
            ClassCounts(label="Adelie", rows=500, answered=550, right=495),
            ClassCounts(label="Chinstrap", rows=490, answered=440, right=396),
            ClassCounts(label="Gentoo", rows=0, answered=0, right=0),
        ),
        slices=(
            Slice(feature="island", value="Biscoe", rows=600, answers=Score(rows=500, right=495)),
            Slice(feature="island", value="Dream", rows=60, answers=Score(rows=30, right=0)),
            Slice(feature="island", value="Torgersen", rows=40, answers=Score(rows=0)),
            Slice(feature="bill_length_mm", up_to=39.2, rows=250, answers=Score(rows=9, right=8)),
            Slice(
                feature="bill_length_mm",
                above=39.2,
                up_to=44.5,
                rows=250,
                answers=Score(rows=9, right=7),
            ),
            Slice(feature="bill_length_mm", above=44.5, rows=99, answers=Score(rows=9, right=6)),
            Slice(feature="bill_length_mm", rows=50, answers=Score(rows=9, right=5)),
        ),
    )


@pytest.fixture
def whole(make_manifest: MakeManifest) -> Manifest:
    """A classifier of penguins, measured in every way."""
    facts: dict[str, Any] = {
        "title": "Penguins",
        "policy": Policy(
            least_confidence=0.7,
            low_confidence="abstain",
            ambiguous="review",
            novel="fallback",
            message="Measure it again.",
            contact="review@shop.example",
        ),
        "fallbacks": (Popular(list="common", max_age=7200), Constant(value="Adelie")),
        "calibration": Calibration(
            method="isotonic",
            reason="it helps",
            rows=500,
            before=scores(0.8, [(0.6, 0.4, 50), (0.9, 0.7, 50)]),
            after=scores(0.4, [(0.5, 0.45, 50), (0.8, 0.82, 50)]),
            labels_changed=3,
        ),
        "conformal": PredictionSets(
            score="aps",
            rows=500,
            levels=(
                Level(coverage=0.8, quantiles=(0.6,), observed=0.812, size=1.1, rows=1000),
                Level(coverage=0.95, quantiles=(0.9,), observed=0.947, size=1.74, rows=1000),
            ),
        ),
        "novelty": Novelty(
            score="gaussian", threshold=9.5, false_alarms=0.01, rows=500, observed=0.013
        ),
        "tradeoff": curve((0.0, 1000, 900), (0.7, 800, 776), (0.9, 300, 299)),
        "outcomes": outcomes(),
        "metrics": {"accuracy": 0.9},
    }
    return make_manifest(**facts)


@pytest.fixture
def regression(make_manifest: MakeManifest) -> Manifest:
    levels = (Level(coverage=0.9, quantiles=(12.5,), observed=0.91, size=25.0),)
    return make_manifest(
        task="regression",
        labels=(),
        unit="g",
        outputs=OutputNames(value="value"),
        conformal=Intervals(score="residual", rows=200, levels=levels),
        policy=Policy(widest=20, ambiguous="abstain"),
    )


@pytest.fixture
def bare(make_manifest: MakeManifest) -> Manifest:
    """Packaged without held-out rows: nothing was measured."""
    return make_manifest()
