"""The graph's raw outputs, checked and put into the manifest's terms."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model_store.artifact.facts import Label
from model_store.artifact.manifest import Manifest
from model_store.errors import ModelOutputInvalid

SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """Checked answers for N rows, in order.

    labels: one per row, empty for a regression. probabilities: float[N, K], columns in the order
    of `Manifest.labels`, or None. values: float[N] of a regression, else None.
    """

    labels: tuple[Label, ...]
    probabilities: np.ndarray | None
    values: np.ndarray | None


class OutputReader:
    """Reads what one manifest's graph gives; raises ModelOutputInvalid (fault rows 24, 25)."""

    def __init__(self, manifest: Manifest) -> None:
        self._where = f"model {manifest.reference}"
        self._outputs = manifest.outputs
        self._labels = manifest.labels
        # 0 == False in a dict: a graph that gives int64 for boolean classes reads the same.
        self._known: dict[object, Label] = {label: label for label in manifest.labels}

    def read(self, raw: Mapping[str, object], rows: int) -> Outputs:
        """`raw` maps output names to what ONNX Runtime gave for `rows` rows."""
        if self._outputs.value is not None:
            return Outputs((), None, self._values(raw[self._outputs.value], rows))
        probabilities = self._probabilities(raw, rows)
        if self._outputs.label is not None:
            labels = self._read_labels(raw[self._outputs.label], rows)
        elif probabilities is not None:
            labels = tuple(self._labels[column] for column in probabilities.argmax(axis=1))
        else:
            raise self._invalid("neither labels nor probabilities")
        return Outputs(labels, probabilities, None)

    def _values(self, raw: object, rows: int) -> np.ndarray:
        values = self._floats(raw, "values")
        if values.shape not in ((rows,), (rows, 1)):
            raise self._invalid("values of a wrong shape")
        return values.reshape(rows)

    def _probabilities(self, raw: Mapping[str, object], rows: int) -> np.ndarray | None:
        if self._outputs.probabilities is None:
            return None
        found = self._floats(raw[self._outputs.probabilities], "probabilities")
        if found.shape != (rows, len(self._labels)):
            raise self._invalid("probabilities of a wrong shape")
        if (found < -SUM_TOLERANCE).any() or (found > 1 + SUM_TOLERANCE).any():
            raise self._invalid("probabilities outside 0 to 1")
        if (np.abs(found.sum(axis=1) - 1) > SUM_TOLERANCE).any():
            raise self._invalid("probabilities that do not sum to 1")
        return found.clip(0, 1)

    def _read_labels(self, raw: object, rows: int) -> tuple[Label, ...]:
        if not isinstance(raw, np.ndarray) or raw.shape not in ((rows,), (rows, 1)):
            raise self._invalid("labels of a wrong shape")
        found = [self._known.get(label) for label in raw.ravel().tolist()]
        known = tuple(label for label in found if label is not None)
        if len(known) < rows:
            raise self._invalid("a label that the manifest does not know")
        return known

    def _floats(self, raw: object, what: str) -> np.ndarray:
        if not isinstance(raw, np.ndarray) or raw.dtype.kind != "f":
            raise self._invalid(f"{what} that are not a tensor of floats")
        if not np.isfinite(raw).all():
            raise self._invalid(f"{what} that are not finite")
        return raw

    def _invalid(self, gave: str) -> ModelOutputInvalid:
        return ModelOutputInvalid(
            self._where, f"gave {gave}", "Package the model again, or roll back to another version"
        )
