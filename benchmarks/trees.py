"""What TreeEnsemble (ai.onnx.ml 5) makes of forests: size, load, run, answers (bar P7).

    python -m benchmarks.trees [ROUNDS]

200 trees of depth 12 over 14 features, interleaved with the graph as skl2onnx gives it, another
row for each run, in seconds of one processor. Prints medians of ratios, new to old; nothing is
asserted.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from onnxruntime import InferenceSession, SessionOptions
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from model_store.packaging.conversion.graph_edits import add_votes_before_dividing
from model_store.packaging.conversion.trees.rewrite import with_tree_ensembles

ROWS = 6000
ROUNDS = 5
SINGLE_RUNS = 200
TREES = {"n_estimators": 200, "max_depth": 12, "random_state": 0}

Array = np.ndarray[Any, Any]


def sample() -> tuple[Array, Array]:
    """Rows of which a forest can learn something, but not all, and the number behind them."""
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, 14)).astype(np.float32)
    return x, x[:, 0] + x[:, 1] * x[:, 2] + random.normal(size=ROWS)


def graphs(x: Array, hidden: Array) -> dict[str, bytes]:
    """As conversion gives them, before they are optimised."""
    two, three = hidden > 0, np.digitize(hidden, [-0.7, 0.7])
    binary = converted(RandomForestClassifier(**TREES).fit(x, two.astype(int)), x)
    exact = type(binary)()
    exact.CopyFrom(binary)
    add_votes_before_dividing(exact)
    multiclass = converted(RandomForestClassifier(**TREES).fit(x, three), x)
    regression = converted(RandomForestRegressor(**TREES).fit(x, hidden), x)
    named = {
        "binary": binary,
        "binary, exact votes": exact,
        "three classes": multiclass,
        "regression": regression,
    }
    return {name: graph.SerializeToString() for name, graph in named.items()}


def converted(estimator: Any, x: Array) -> Any:
    options = {id(estimator): {"zipmap": False}} if hasattr(estimator, "classes_") else None
    opset = {"": 18, "ai.onnx.ml": 3}
    return to_onnx(estimator, x[:1], options=options, target_opset=opset)


def opened(model: bytes) -> InferenceSession:
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def run(session: InferenceSession, x: Array, count: int, times: int) -> float:
    """Seconds of so many runs of `count` rows."""
    places = [turn * 37 % (len(x) - count) for turn in range(times)]
    feeds = [{"X": x[place : place + count]} for place in places]
    return seconds(lambda: [session.run(None, fed) for fed in feeds])


def compare(old: bytes, new: bytes, x: Array, rounds: int) -> dict[str, float]:
    ratios: dict[str, list[float]] = {"load": [], "1 row": [], "1,000 rows": []}
    for _ in range(rounds):
        ratios["load"].append(seconds(lambda: opened(new)) / seconds(lambda: opened(old)))
        ours, theirs = opened(new), opened(old)
        for name, count, times in (("1 row", 1, SINGLE_RUNS), ("1,000 rows", 1000, 5)):
            ratios[name].append(run(ours, x, count, times) / run(theirs, x, count, times))
    answers = zip(ours.run(None, {"X": x}), theirs.run(None, {"X": x}), strict=True)
    gaps = [float(np.abs(a - b).max()) for a, b in answers]
    medians = {name: statistics.median(values) for name, values in ratios.items()}
    return {"size": len(new) / len(old), **medians, "largest difference": max(gaps)}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    x, hidden = sample()
    for name, old in graphs(x, hidden).items():
        found = compare(old, with_tree_ensembles(old), x, rounds)
        told = ", ".join(f"{what} {value:.2g}" for what, value in found.items())
        print(f"{name} ({len(old) / 1e6:.1f} MB): {told}", flush=True)


if __name__ == "__main__":
    main()
