"""What each feature looked like in training, as shares and quantiles: never single rows."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from model_store.artifact.facts import FeatureSummary
from model_store.contract import Contract, Feature, Row, Scalar
from model_store.contract.features import days_since_epoch
from model_store.samples.traffic import OTHER

LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
DIGITS = 6


def baseline_of(contract: Contract, rows: Sequence[Row]) -> dict[str, FeatureSummary]:
    """Feature → summary. Sensitive features are left out; of free text only the count is told."""
    return {
        feature.name: _summary(feature, [row.values[feature.name] for row in rows])
        for feature in contract.features
        if not feature.sensitive
    }


def _summary(feature: Feature, values: Sequence[Scalar | None]) -> FeatureSummary:
    present = [value for value in values if value is not None]
    share = round(1 - len(present) / len(values), DIGITS) if values else 0.0
    counted = feature.kind in ("category", "boolean") and present
    measured = feature.kind in ("number", "integer", "date") and present
    return FeatureSummary(
        count=len(values),
        missing=share,
        quantiles=_quantiles(present) if measured else None,
        frequencies=_frequencies(feature, present) if counted else None,
    )


def _quantiles(values: Sequence[Scalar]) -> dict[str, float]:
    numbers = [days_since_epoch(v) if isinstance(v, str) else float(v) for v in values]
    found = np.quantile(numbers, LEVELS)
    return {
        f"{level:g}": float(f"{value:.{DIGITS}g}")
        for level, value in zip(LEVELS, found, strict=True)
    }


def _frequencies(feature: Feature, values: Sequence[Scalar]) -> dict[str, float]:
    if feature.kind == "category":
        known = set(feature.categories)
        names = [str(value) if value in known else OTHER for value in values]
    else:
        names = [str(value).lower() for value in values]
    counts = sorted(Counter(names).items())
    return {name: round(count / len(values), DIGITS) for name, count in counts}
