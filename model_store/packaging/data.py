"""The rows and targets that a model comes with, read by its contract."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model_store.contract import Contract, Row
from model_store.packaging.answers import plain_labels
from model_store.packaging.errors import InvalidModel
from model_store.packaging.frames import read_rows
from model_store.packaging.metrics import metrics_of
from model_store.packaging.model import Model
from model_store.packaging.provenance import hash_data
from model_store.packaging.served import Graph, Served
from model_store.samples.probes import answered_by_model


@dataclass(frozen=True)
class Sample:
    """Normalised rows with a target each."""

    rows: list[Row] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, places: Sequence[int]) -> "Sample":
        return Sample([self.rows[i] for i in places], [self.targets[i] for i in places])

    @property
    def answered(self) -> "Sample":
        """Without the rows that the contract sends to the fallback."""
        return self.at([i for i, row in enumerate(self.rows) if answered_by_model(row)])

    @property
    def declined(self) -> "Sample":
        """The rows that the contract sends to the fallback."""
        return self.at([i for i, row in enumerate(self.rows) if not answered_by_model(row)])


@dataclass(frozen=True)
class Data:
    """What `Model` was given; `baseline` is compared with later traffic."""

    held_out: Sample
    calibration: Sample
    train: Sample
    baseline: list[Row]

    @property
    def sha256(self) -> str | None:
        """Of all of it, in order; None without data."""
        parts = [
            (self.held_out.rows, self.held_out.targets),
            (self.calibration.rows, self.calibration.targets),
            (self.train.rows, self.train.targets),
            (self.baseline, [None] * len(self.baseline)),
        ]
        return hash_data(parts) if any(rows for rows, _ in parts) else None


def read_data(model: Model) -> Data:
    """Raises RowsRefused or InvalidModel."""
    train = _sample(model.contract, "train", model.train)
    return Data(
        held_out=_sample(model.contract, "held_out", model.held_out),
        calibration=_sample(model.contract, "calibration", model.calibration),
        train=train,
        baseline=train.rows
        if model.baseline is None
        else read_rows(model.contract, model.baseline, "baseline"),
    )


def measure(served: Served, graph: Graph, sample: Sample) -> dict[str, float]:
    """Metrics of the served graph on rows that it answers."""
    if not len(sample):
        return {}
    answers = served.answers(sample.rows)
    if graph.task == "regression":
        return metrics_of(truth_of(graph, sample), answers, ())
    return metrics_of(plain_labels(sample.targets), answers, graph.labels)


def truth_of(graph: Graph, sample: Sample) -> NDArray[Any]:
    """float64[N] of a regression; of a classifier int64[N], the column of each true label.

    Raises InvalidModel for a class that the model does not know.
    """
    if graph.task == "regression":
        return np.asarray(sample.targets, dtype=np.float64)
    place = {label: column for column, label in enumerate(graph.labels)}
    labels = plain_labels(sample.targets)
    unknown = {str(label) for label in labels if label not in place}
    if unknown:
        raise InvalidModel(
            "y",
            f"holds {len(unknown)} classes that the model does not know",
            "Train on every class, and give y the same spelling everywhere",
        )
    return np.array([place[label] for label in labels], dtype=np.int64)


def _sample(contract: Contract, name: str, data: tuple[Any, Any] | None) -> Sample:
    if data is None:
        return Sample()
    X, y = data  # noqa: N806
    rows = read_rows(contract, X, name)
    targets = [_plain(target) for target in np.asarray(y, dtype=object).ravel().tolist()]
    if len(rows) != len(targets) or not rows:
        raise InvalidModel(
            name,
            f"has {len(rows)} rows in X and {len(targets)} in y",
            "Pass (X, y) with one target per row",
        )
    if missing := int(pd.isna(pd.Series(targets, dtype=object)).sum()):
        raise InvalidModel(name, f"has {missing} missing targets in y", "Drop these rows")
    return Sample(rows, targets)


def _plain(target: Any) -> Any:
    """Python's own, as the manifest's JSON holds them."""
    return target.item() if isinstance(target, np.generic) else target
