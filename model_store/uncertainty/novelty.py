"""Whether a row is unlike everything that the model learned from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from pydantic_core import SchemaValidator, core_schema

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


class Usual:
    """The ranges and categories of the training data, compiled to be held against many rows."""

    def __init__(self, baseline: Mapping[str, FeatureSummary]) -> None:
        fields = {
            name: core_schema.typed_dict_field(core_schema.nullable_schema(schema), required=False)
            for name, summary in baseline.items()
            if (schema := _usual(summary)) is not None
        }
        whole = core_schema.typed_dict_schema(fields, extra_behavior="ignore")
        self._holds = SchemaValidator(whole).isinstance_python

    def is_strange(self, row: Row) -> bool:
        """Whether it has strange features, see `strange_features`."""
        return not self._holds(row.values)


def _usual(summary: FeatureSummary) -> core_schema.CoreSchema | None:
    """What `_is_strange` does not find strange; None for what never is."""
    if summary.frequencies is not None:
        flags = [flag for flag in (True, False) if str(flag).lower() in summary.frequencies]
        return core_schema.literal_schema([*summary.frequencies, *flags])
    if summary.quantiles is None:
        return None
    low, high = summary.far_ends
    number = core_schema.float_schema(strict=True, ge=low, le=high)
    days = core_schema.no_info_plain_validator_function(days_since_epoch)
    day = core_schema.chain_schema([core_schema.str_schema(strict=True), days, number])
    return core_schema.union_schema([number, day], mode="left_to_right")


def is_novel(novelty: Novelty, usual: Usual, score: float | None, row: Row) -> bool:
    """All checks together. score: None where the graph gives none."""
    threshold = novelty.threshold
    is_above = score is not None and threshold is not None and score > threshold
    return is_above or usual.is_strange(row)


def are_novel(
    novelty: Novelty, usual: Usual, scores: "np.ndarray | None", rows: Sequence[Row]
) -> list[bool]:
    """The same for many rows."""
    each = [None] * len(rows) if scores is None else scores.tolist()
    return [is_novel(novelty, usual, score, row) for score, row in zip(each, rows, strict=True)]


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
