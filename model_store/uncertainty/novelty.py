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


class Usual:
    """The ranges and categories of the training data, ready to hold many rows against."""

    def __init__(self, baseline: Mapping[str, FeatureSummary]) -> None:
        import numpy as np  # as above

        ranged = {name: each for name, each in baseline.items() if each.frequencies is None}
        self._listed = {name: each for name, each in baseline.items() if name not in ranged}
        self._names = [name for name, each in ranged.items() if each.quantiles is not None]
        ends = [ranged[name].far_ends for name in self._names]
        self._low, self._high = np.array(ends, dtype=np.float64).reshape(-1, 2).T

    def strange(self, rows: Sequence[Row]) -> "np.ndarray":
        """bool[N]: which rows have strange features, see `strange_features`."""
        import numpy as np  # as above

        numbers = self._numbers(rows)
        far = np.less(numbers, self._low) | np.greater(numbers, self._high)
        found: np.ndarray = far.any(axis=1)
        for name, summary in self._listed.items():
            for place, row in enumerate(rows):
                value = row.values.get(name)
                if value is not None and _is_strange(summary, value):
                    found[place] = True
        return found

    def _numbers(self, rows: Sequence[Row]) -> "np.ndarray":
        """float[N, names], NaN where missing: neither above nor below anything."""
        import numpy as np  # as above

        values = [[*map(row.values.get, self._names)] for row in rows]
        try:
            return np.array(values, dtype=np.float64)
        except ValueError:  # a date, in days
            days = [[days_since_epoch(v) if isinstance(v, str) else v for v in r] for r in values]
            return np.array(days, dtype=np.float64)


def are_novel(
    novelty: Novelty, usual: Usual, scores: "np.ndarray | None", rows: Sequence[Row]
) -> "np.ndarray":
    """bool[N]: all checks together."""
    novel: np.ndarray = is_above(novelty, scores, len(rows)) | usual.strange(rows)
    return novel


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
