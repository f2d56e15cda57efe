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


def is_above(novelty: Novelty, scores: "np.ndarray | None", rows: int) -> "np.ndarray":
    """bool[N]: whose score is above the threshold."""
    import numpy as np  # who only reads manifests does without

    if scores is None or novelty.threshold is None:
        return np.zeros(rows, dtype=bool)
    above: np.ndarray = scores > novelty.threshold
    return above


def are_novel(
    novelty: Novelty,
    baseline: Mapping[str, FeatureSummary],
    scores: "np.ndarray | None",
    rows: Sequence[Row],
) -> "np.ndarray":
    """bool[N]: all checks together."""

    novel = is_above(novelty, scores, len(rows))
    for place in _strange_rows(baseline, [row.values for row in rows]):
        novel[place] = True
    return novel


def _strange_rows(
    baseline: Mapping[str, FeatureSummary], rows: Sequence[Mapping[str, Scalar | None]]
) -> Iterator[int]:
    """The places of rows with strange features, more than once for several."""
    for name, summary in baseline.items():
        low, high = summary.far_ends
        for place, values in enumerate(rows):
            value = values.get(name)
            # Most values are usual numbers: these are not asked further.
            if value is None or (type(value) is float and low <= value <= high):
                continue
            if _is_strange(summary, value):
                yield place


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
