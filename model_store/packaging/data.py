"""The rows and targets that a model comes with, read by its contract."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model_store.contract import Contract, Row
from model_store.packaging.answers import plain_labels
from model_store.packaging.errors import InvalidModel
from model_store.packaging.frames import read_rows
from model_store.packaging.metrics import metrics_of
from model_store.packaging.model import Model
from model_store.packaging.probes import answered_by_model
from model_store.packaging.provenance import hash_data
from model_store.packaging.served import Graph, Served


@dataclass(frozen=True)
class Sample:
    """Normalised rows with a target each."""

    rows: list[Row] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Data:
    """What `Model` was given: held-out and training rows, and those of the baseline."""

    held_out: Sample
    train: Sample
    baseline: list[Row]

    @property
    def sha256(self) -> str | None:
        """Of all of it, in order; None without data."""
        parts = [
            (self.held_out.rows, self.held_out.targets),
            (self.train.rows, self.train.targets),
            (self.baseline, [None] * len(self.baseline)),
        ]
        return hash_data(parts) if any(rows for rows, _ in parts) else None


def read_data(model: Model) -> Data:
    """Raises RowsRefused or InvalidModel."""
    train = _sample(model.contract, "train", model.train)
    return Data(
        held_out=_sample(model.contract, "held_out", model.held_out),
        train=train,
        baseline=train.rows
        if model.baseline is None
        else read_rows(model.contract, model.baseline, "baseline"),
    )


def measure(served: Served, graph: Graph, held_out: Sample) -> dict[str, float]:
    """Metrics of the served graph on the rows that it answers."""
    answered = [place for place, row in enumerate(held_out.rows) if answered_by_model(row)]
    if not answered:
        return {}
    truth = [held_out.targets[place] for place in answered]
    answers = served.answers([held_out.rows[place] for place in answered])
    if graph.task == "regression":
        return metrics_of(np.asarray(truth, dtype=np.float64), answers, ())
    return metrics_of(_known(plain_labels(truth), graph.labels), answers, graph.labels)


def _known(truth: Sequence[Any], labels: Sequence[Any]) -> Sequence[Any]:
    unknown = sorted({str(label) for label in truth if label not in labels})
    if unknown:
        raise InvalidModel(
            "held_out",
            f"y holds {len(unknown)} classes that the model does not know",
            "Train on every class, and give y the same spelling in train and held_out",
        )
    return truth


def _sample(contract: Contract, name: str, data: tuple[Any, Any] | None) -> Sample:
    if data is None:
        return Sample()
    X, y = data  # noqa: N806
    rows = read_rows(contract, X, name)
    targets = np.asarray(y, dtype=object).ravel().tolist()
    if len(rows) != len(targets) or not rows:
        raise InvalidModel(
            name,
            f"has {len(rows)} rows in X and {len(targets)} in y",
            "Pass (X, y) with one target per row",
        )
    return Sample(rows, targets)
