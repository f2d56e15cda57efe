"""Why an answer may not be believed, and what the policy does about each cause."""

from collections.abc import Callable, Iterator
from math import inf

from model_store.artifact.manifest import Manifest
from model_store.decision.answers import Answer
from model_store.decision.asked import Asked
from model_store.policy import Action
from model_store.predictions import Reason
from model_store.uncertainty.conformal import Intervals, PredictionSets
from model_store.uncertainty.novelty import Novelty, is_novel

Holds = Callable[[Answer], bool]
Cause = tuple[Reason, Action, Holds]
"""A reason to doubt, what is done then, and whether an answer gives it."""


def causes(manifest: Manifest, asked: Asked) -> Iterator[Cause]:
    """All that may hold for answers of this model. asked: has been checked."""
    policy, sets = manifest.policy, manifest.conformal
    if manifest.novelty is not None:
        yield Reason.NOVEL, policy.novel, _is_novel(manifest, manifest.novelty)
    has_shares = manifest.outputs.probabilities is not None
    if has_shares and (policy.may_be_unsure or asked.least_confidence):
        yield Reason.LOW_CONFIDENCE, policy.low_confidence, _is_unsure(manifest, asked)
    if isinstance(sets, PredictionSets):
        yield Reason.AMBIGUOUS, policy.ambiguous, _is_ambiguous
        yield Reason.NO_LABEL_FITS, policy.ambiguous, _fits_no_label
    if isinstance(sets, Intervals) and (widest := policy.widest) is not None:
        yield Reason.WIDE_INTERVAL, policy.ambiguous, _is_wider(widest)


def _is_novel(manifest: Manifest, novelty: Novelty) -> Holds:
    usual = manifest.usual
    return lambda given: is_novel(novelty, usual, given.novelty, given.row)


def _is_unsure(manifest: Manifest, asked: Asked) -> Holds:
    """By the confidence as callers see it: a float32 0.7 is a hair below 0.7."""
    policy = manifest.policy
    thresholds = policy.thresholds(manifest.labels, asked.least_confidence).tolist()
    most = inf if policy.most_cost is None else policy.most_cost

    def is_unsure(given: Answer) -> bool:
        return (given.confidence or 0.0) < thresholds[given.place] or (given.cost or 0.0) > most

    return is_unsure


def _is_ambiguous(given: Answer) -> bool:
    return given.inside is not None and sum(given.inside) > 1


def _fits_no_label(given: Answer) -> bool:
    return given.by_policy is not None and not any(given.by_policy)


def _is_wider(widest: float) -> Holds:
    return lambda given: given.reach is not None and 2 * given.reach > widest
