"""Rows like those of the training data, as far as a manifest tells: it keeps no data.

Golden examples are a few real rows, whose features belong together; the baseline says how each
feature is spread. A row is drawn close to one of the examples: a smoothed bootstrap (Silverman &
Young, The Bootstrap: To Smooth or Not to Smooth?, 1987), with steps measured in ranks between the
recorded quantiles, so that a step means as much for a length as for a price. Each feature is now
and then drawn anew, by the baseline alone (inverse transform sampling), and all of them where there
is no example: combinations come up then that nobody ever sends. Features without a baseline, the
sensitive ones among them, are drawn evenly from what the contract allows.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from model_store.artifact.facts import FeatureSummary
from model_store.contract import Contract, Feature, InvalidRow, Scalar, normalise
from model_store.contract.features import (
    Boolean,
    CategoryFeature,
    Date,
    Integer,
    Number,
    days_since_epoch,
)
from model_store.contract.features.date import EPOCH
from model_store.samples.probes import UNSEEN, answered_by_model, typical

OTHER = "(other)"
"""The share of all categories that the contract does not name (packaging/baseline.py)."""
TRIES_PER_ROW = 20
STEP = 0.1
"""How far from an example's a number may be, as a share of all that were seen."""
ANEW = 0.1
"""How often a feature is drawn by the baseline alone, whatever the example has."""

Raw = dict[str, Scalar | None]


def traffic(
    contract: Contract,
    baseline: Mapping[str, FeatureSummary],
    examples: Sequence[Raw],
    count: int,
    seed: int,
) -> list[Raw]:
    """At most `count` rows that the contract accepts and leaves to the model to answer; fewer
    if it is so narrow that drawing rarely meets it. The same seed gives the same rows.

    examples: rows of the contract to stay close to.
    """
    draws = _draws(contract, baseline, examples, Random(seed))  # noqa: S311 - nothing secret
    found: list[Raw] = []
    for _ in range(count * TRIES_PER_ROW):
        if len(found) == count:
            break
        row = next(draws)
        if _is_ordinary(contract, row):
            found.append(row)
    return found


def _draws(
    contract: Contract,
    baseline: Mapping[str, FeatureSummary],
    examples: Sequence[Raw],
    random: Random,
) -> Iterator[Raw]:
    while True:
        example = random.choice(examples) if examples else {}
        yield {f.name: _draw(f, baseline.get(f.name), example, random) for f in contract.features}


def _is_ordinary(contract: Contract, row: Raw) -> bool:
    try:
        return answered_by_model(normalise(contract, row))
    except InvalidRow:
        return False


def _draw(
    feature: Feature, summary: FeatureSummary | None, example: Raw, random: Random
) -> Scalar | None:
    if summary is None:
        return _any(feature, random)
    if feature.name in example and random.random() >= ANEW:
        return _near(feature, summary, example[feature.name], random)
    if random.random() < summary.missing:
        return None
    if summary.quantiles is not None:
        return _spelled(feature, _between(summary.quantiles, random.random()))
    if summary.frequencies is not None:
        return _chosen(feature, summary.frequencies, random)
    return _any(feature, random)


def _near(
    feature: Feature, summary: FeatureSummary, value: Scalar | None, random: Random
) -> Scalar | None:
    """A number or a date some ranks away; anything else as it is."""
    if value is None or summary.quantiles is None:
        return value
    number = days_since_epoch(value) if isinstance(value, str) else float(value)
    step = random.uniform(-STEP, STEP)
    return _spelled(feature, _between(summary.quantiles, _rank(summary.quantiles, number) + step))


def _rank(quantiles: Mapping[str, float], number: float) -> float:
    """The share of the distribution below a number; beyond the outermost quantiles, theirs."""
    known = sorted((float(level), value) for level, value in quantiles.items())
    for (low, start), (high, end) in pairwise(known):
        if number < end:
            return low + (high - low) * max(0.0, number - start) / (end - start)
    return known[-1][0]


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
