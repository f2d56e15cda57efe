"""Whether a row is unlike everything that the model learned from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from model_store.artifact.facts import FeatureSummary
from model_store.contract import Row, Scalar
from model_store.contract.features import days_since_epoch
from model_store.contract.record import Record

if TYPE_CHECKING:
    import numpy as np


class Novelty(Record):
    """A row is novel if its score is above `threshold`, or a value far outside the baseline.

    threshold: chosen on `rows` calibration rows so that a row like those of the training is
    called novel in at most the share `false_alarms` (split-conformal). score: the negative log
    density of a Gaussian over the encoded features, a monotone function of the Mahalanobis
    distance, or None where only single features are checked. observed: the share of held-out
    rows that were called novel, all checks together.
    """

    score: Literal["gaussian"] | None
    threshold: float | None = None
    false_alarms: Annotated[float, Field(gt=0, lt=1)]
    rows: Annotated[int, Field(ge=0)] = 0
    observed: float | None = None
    note: str = ""


def are_above(novelty: Novelty, scores: "np.ndarray | None", rows: int) -> list[bool]:
    """Whose score is above the threshold."""
    threshold = novelty.threshold
    if scores is None or threshold is None:
        return [False] * rows
    return [score > threshold for score in scores.tolist()]


class Usual:
    """The ranges and categories of the training data, ready to hold many rows against.

    Value by value: to make an array of a row takes longer than to look at it.
    """

    def __init__(self, baseline: Mapping[str, FeatureSummary]) -> None:
        ranged = {name: each for name, each in baseline.items() if each.frequencies is None}
        self._listed = {name: each for name, each in baseline.items() if name not in ranged}
        self._ends = [
            (name, *each.far_ends) for name, each in ranged.items() if each.quantiles is not None
        ]

    def is_strange(self, row: Row) -> bool:
        """Whether it has strange features, see `strange_features`."""
        return self._is_far(row) or self._is_new(row)

    def _is_far(self, row: Row) -> bool:
        values = row.values
        for name, low, high in self._ends:
            value = values.get(name)
            if isinstance(value, str):
                value = days_since_epoch(value)
            if value is not None and not low <= value <= high:
                return True
        return False

    def _is_new(self, row: Row) -> bool:
        return any(
            (value := row.values.get(name)) is not None and _is_strange(summary, value)
            for name, summary in self._listed.items()
        )


def are_novel(
    novelty: Novelty, usual: Usual, scores: "np.ndarray | None", rows: Sequence[Row]
) -> list[bool]:
    """All checks together."""
    above = are_above(novelty, scores, len(rows))
    return [is_above or usual.is_strange(row) for is_above, row in zip(above, rows, strict=True)]


def strange_features(baseline: Mapping[str, FeatureSummary], row: Row) -> Iterator[str]:
    """The features whose value is far outside the baseline's range, or a category it lacks."""
    for name, summary in baseline.items():
        value = row.values.get(name)
        if value is not None and _is_strange(summary, value):
            yield name


def _is_strange(summary: FeatureSummary, value: Scalar) -> bool:
    if summary.frequencies is not None:
        spelled = str(value).lower() if isinstance(value, bool) else str(value)
        return spelled not in summary.frequencies
    if summary.quantiles is None:
        return False
    number = days_since_epoch(value) if isinstance(value, str) else float(value)
    low, high = summary.far_ends
    return not low <= number <= high
