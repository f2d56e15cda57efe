"""Rows like those of the training data, as far as a baseline of shares and quantiles can tell.

Each feature is drawn alone: numbers and dates between the recorded quantiles (inverse transform
sampling, Devroye, Non-Uniform Random Variate Generation, 1986, chapter 2), categories and missing
values by their shares. What the features have to do with each other is lost, so combinations come
up that nobody ever sends. A feature without a baseline, such as a sensitive one, is drawn evenly
from what its contract allows.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from model_store.artifact.facts import FeatureSummary
from model_store.contract import Contract, Feature, InvalidRow, Scalar, normalise
from model_store.contract.features import Boolean, CategoryFeature, Date, Integer, Number
from model_store.contract.features.date import EPOCH
from model_store.samples.probes import UNSEEN, answered_by_model, typical

OTHER = "(other)"
"""The share of all categories that the contract does not name (packaging/baseline.py)."""
TRIES_PER_ROW = 20

Raw = dict[str, Scalar | None]


def traffic(
    contract: Contract, baseline: Mapping[str, FeatureSummary], count: int, seed: int
) -> list[Raw]:
    """At most `count` rows that the contract accepts and leaves to the model to answer; fewer
    if it is so narrow that drawing rarely meets it. The same seed gives the same rows.
    """
    draws = _draws(contract, baseline, Random(seed))  # noqa: S311 - no secret depends on it
    found: list[Raw] = []
    for _ in range(count * TRIES_PER_ROW):
        if len(found) == count:
            break
        row = next(draws)
        if _is_ordinary(contract, row):
            found.append(row)
    return found


def _draws(
    contract: Contract, baseline: Mapping[str, FeatureSummary], random: Random
) -> Iterator[Raw]:
    while True:
        yield {f.name: _draw(f, baseline.get(f.name), random) for f in contract.features}


def _is_ordinary(contract: Contract, row: Raw) -> bool:
    try:
        return answered_by_model(normalise(contract, row))
    except InvalidRow:
        return False


def _draw(feature: Feature, summary: FeatureSummary | None, random: Random) -> Scalar | None:
    missing = summary.missing if summary else 0.0
    if random.random() < missing:
        return None
    if summary and summary.quantiles is not None:
        return _spelled(feature, _between(summary.quantiles, random.random()))
    if summary and summary.frequencies is not None:
        return _chosen(feature, summary.frequencies, random)
    return _any(feature, random)


def _between(quantiles: Mapping[str, float], share: float) -> float:
    """The value at `share` of the distribution; beyond the outermost quantiles, these."""
    known = sorted((float(level), value) for level, value in quantiles.items())
    for (low, start), (high, end) in pairwise(known):
        if share <= high:
            way = (max(share, low) - low) / (high - low)
            return start + way * (end - start)
    return known[-1][1]


def _spelled(feature: Feature, number: float) -> Scalar:
    match feature:
        case Integer():
            return round(number)
        case Date():
            return date.fromordinal(EPOCH + round(number)).isoformat()
    return number


def _chosen(feature: Feature, shares: Mapping[str, float], random: Random) -> Scalar:
    (name,) = random.choices(list(shares), weights=list(shares.values()))
    if isinstance(feature, Boolean):
        return name == "true"
    return UNSEEN if name == OTHER else name


def _any(feature: Feature, random: Random) -> Scalar | None:
    match feature:
        case CategoryFeature():
            return random.choice(feature.categories)
        case Boolean():
            return random.random() < 0.5
        case Integer() | Number() if feature.minimum is not None and feature.maximum is not None:
            return _spelled(feature, random.uniform(feature.minimum, feature.maximum))
        case Date() if feature.minimum is not None and feature.maximum is not None:
            first, last = date.fromisoformat(feature.minimum), date.fromisoformat(feature.maximum)
            return (first + timedelta(days=random.randint(0, (last - first).days))).isoformat()
    return typical(feature)
