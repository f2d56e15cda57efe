"""The graph's raw outputs, checked and put into the manifest's terms."""

from dataclasses import dataclass

import numpy as np

from model_store.artifact.facts import Label

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
    columns: tuple[Label, ...] = ()

    def confidence(self, row: int) -> float | None:
        """Probability of the row's label, rounded to 4 places; None without probabilities."""
        if self.probabilities is None:
            return None
        column = self.columns.index(self.labels[row])
        return round(min(1.0, max(0.0, float(self.probabilities[row, column]))), 4)
