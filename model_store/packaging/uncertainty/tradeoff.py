"""What a threshold of confidence costs and buys: the risk-coverage curve on held-out rows.

El-Yaniv & Wiener, On the Foundations of Noise-free Selective Classification (2010).
"""

from collections.abc import Iterator

import numpy as np

from model_store.artifact.facts import TradeOff
from model_store.artifact.manifest import Manifest
from model_store.decision import PLACES, answer_columns
from model_store.packaging.data import Sample, truth_of
from model_store.packaging.served import Graph, Served

MOST_POINTS = 41


def tradeoff_of(manifest: Manifest, graph: Graph, held_out: Sample) -> tuple[TradeOff, ...]:
    """Thresholds in rising order, the first of which answers every row.

    Answers and costs are those of the manifest's policy. Empty without rows or probabilities.
    """
    if graph.outputs.probabilities is None or not len(held_out):
        return ()
    outputs = Served(manifest, graph.model).outputs(held_out.rows)
    columns = np.array(answer_columns(outputs, manifest), dtype=np.intp)
    truth = truth_of(graph, held_out)
    shares = np.asarray(outputs.probabilities, dtype=np.float64)
    confidence = shares[np.arange(len(truth)), columns].round(PLACES)
    matrix = manifest.policy.cost_matrix(manifest.labels)
    costs = None if matrix is None else matrix[truth, columns]
    return tuple(_points(confidence, columns == truth, costs))


def _points(
    confidence: np.ndarray, right: np.ndarray, costs: np.ndarray | None
) -> Iterator[TradeOff]:
    for least in _thresholds(confidence):
        answered = confidence >= least
        mean = None if costs is None or not answered.any() else float(costs[answered].mean())
        yield TradeOff(
            least_confidence=least,
            rows=len(confidence),
            answered=int(answered.sum()),
            right=int(right[answered].sum()),
            cost=None if mean is None else round(mean, PLACES),
        )


def _thresholds(confidence: np.ndarray) -> list[float]:
    """Rounded down, so that the row which a threshold comes from is still answered."""
    shares = np.quantile(confidence, np.linspace(0, 1, MOST_POINTS - 1))
    floored = np.floor(shares * 10**PLACES) / 10**PLACES
    return sorted({0.0, *floored.tolist()})
