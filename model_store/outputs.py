"""The graph's raw outputs, checked and put into the manifest's terms."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import NamedTuple

import numpy as np

from model_store.artifact.facts import Label
from model_store.artifact.manifest import Manifest
from model_store.errors import ModelOutputInvalid

SUM_TOLERANCE = 1e-3


class Outputs(NamedTuple):
    """Checked answers for N rows, in order.

    labels: one per row, empty for a regression. probabilities: float[N, K], columns in the order
    of `Manifest.labels`, or None. values: float[N] of a regression, else None. unusable: rows
    whose numbers are not to be believed; one caller's odd row spoils no other row's answer.
    novelty, difficulty: float[N], where the graph gives them; not finite is very novel, and an
    unknown difficulty makes the row unusable.
    """

    labels: tuple[Label, ...]
    probabilities: np.ndarray | None
    values: np.ndarray | None
    unusable: frozenset[int] = frozenset()
    novelty: np.ndarray | None = None
    difficulty: np.ndarray | None = None


class OutputReader:
    """Reads what one manifest's graph gives (fault rows 24, 25).

    By lists where it can: most requests have one row, and each operation on an array takes longer
    than all that is to be done with that.

    Raises ModelOutputInvalid if it has the wrong shape or type, or no row can be used.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._where = f"model {manifest.reference}"
        self._outputs = manifest.outputs
        self._labels = manifest.labels
        # 0 == False in a dict: a graph that gives int64 for boolean classes reads the same.
        self._known: dict[object, Label] = {label: label for label in manifest.labels}

    def read(self, raw: Mapping[str, object], rows: int) -> Outputs:
        """`raw` maps output names to what ONNX Runtime gave for `rows` rows."""
        novelty = self._column(raw, self._outputs.novelty, rows)
        if self._outputs.value is not None:
            values = self._values(raw[self._outputs.value], rows)
            difficulty = self._column(raw, self._outputs.difficulty, rows)
            finite = np.isfinite(values)
            if difficulty is not None:
                finite &= np.isfinite(difficulty)
            unusable = self._unusable(finite.tolist(), "values that are not finite")
            return Outputs((), None, values, unusable, novelty, difficulty)
        if self._outputs.probabilities is None:
            return Outputs(self._read_labels(raw, rows), None, None, novelty=novelty)
        probabilities = self._probabilities(raw[self._outputs.probabilities], rows)
        shares = probabilities.tolist()
        extremes = list(zip(map(min, shares), map(max, shares), map(sum, shares), strict=True))
        usable = [_is_distribution(*row) for row in extremes]
        unusable = self._unusable(usable, "numbers that are no probabilities")
        labels = self._read_labels(raw, rows, probabilities)
        if any(least < 0 or most > 1 for least, most, _ in extremes):
            probabilities = probabilities.clip(0, 1)
        return Outputs(labels, probabilities, None, unusable, novelty)

    def _column(self, raw: Mapping[str, object], name: str | None, rows: int) -> np.ndarray | None:
        if name is None:
            return None
        found = self._floats(raw[name], name)
        if found.size != rows:
            raise self._invalid(f"{name} of a wrong shape")
        column: np.ndarray = found.reshape(rows)
        if not any(map(isnan, column.tolist())):
            return column
        return np.where(np.isnan(column), np.inf, column)

    def _unusable(self, usable: Sequence[bool], gave: str) -> frozenset[int]:
        if all(usable):
            return frozenset()
        if not any(usable):
            raise self._invalid(gave)
        return frozenset(place for place, is_usable in enumerate(usable) if not is_usable)

    def _values(self, raw: object, rows: int) -> np.ndarray:
        values = self._floats(raw, "values")
        if values.shape not in ((rows,), (rows, 1)):
            raise self._invalid("values of a wrong shape")
        return values.reshape(rows)

    def _probabilities(self, raw: object, rows: int) -> np.ndarray:
        found = self._floats(raw, "probabilities")
        if found.shape != (rows, len(self._labels)):
            raise self._invalid("probabilities of a wrong shape")
        return found

    def _read_labels(
        self, raw: Mapping[str, object], rows: int, probabilities: np.ndarray | None = None
    ) -> tuple[Label, ...]:
        if self._outputs.label is not None:
            return self._known_labels(raw[self._outputs.label], rows)
        if probabilities is None:
            raise self._invalid("neither labels nor probabilities")
        return tuple(self._labels[column] for column in probabilities.argmax(axis=1))

    def _known_labels(self, raw: object, rows: int) -> tuple[Label, ...]:
        if not isinstance(raw, np.ndarray) or raw.shape not in ((rows,), (rows, 1)):
            raise self._invalid("labels of a wrong shape")
        try:
            return tuple([self._known[label] for label in raw.ravel().tolist()])
        except KeyError:
            raise self._invalid("a label that the manifest does not know") from None

    def _floats(self, raw: object, what: str) -> np.ndarray:
        if not isinstance(raw, np.ndarray) or raw.dtype.kind != "f":
            raise self._invalid(f"{what} that are not a tensor of floats")
        return raw

    def _invalid(self, gave: str) -> ModelOutputInvalid:
        return ModelOutputInvalid(
            self._where, f"gave {gave}", "Package the model again, or roll back to another version"
        )


def _is_distribution(least: float, most: float, total: float) -> bool:
    """Finite, within 0 and 1, summing to 1. A sum with NaN in it is NaN, and near nothing."""
    within = least >= -SUM_TOLERANCE and most <= 1 + SUM_TOLERANCE
    return within and abs(total - 1) <= SUM_TOLERANCE
