"""What serving takes: what the benchmarks measured of it, and what is assumed beside that.

Times are the least and the median of the rounds that benchmarks/results.json has of Lambent itself
(`make bench`), on a noisy 2-core x86-64 machine; a test tells when they are no longer. A is a
logistic regression of 1 KB, B a random forest (200 trees, 12 deep), as packaging leaves it.
"""

from dataclasses import dataclass
from typing import Literal

from infra.capacity.times import Times

Kind = Literal["trees", "tree ensembles", "other"]
"""Of a graph: trees as skl2onnx converts them; written anew as TreeEnsemble; without trees."""


@dataclass(frozen=True)
class PerMB:
    """What each MB of a graph adds: ms of one core until it is loaded, MB at the peak."""

    start_ms: float
    memory_mb: float


WARM_SMALL = Times.of_minimum_and_median(0.230, 0.317)
"""A, one row: validation, prediction, decision and telemetry (bench "warm"). A round is the median
of 300 requests: single ones have a thicker tail."""
WARM_TREES = Times.of_minimum_and_median(0.386, 0.452)
"""The same for B."""
START = Times.of_minimum_and_median(497, 572)
"""A: a new process until it has answered a prediction, the model read over TLS (bench "cold")."""
TREES_RUN_MS = 0.1
"""What the graph alone takes of WARM_TREES, median (bench "warm")."""
TREES_MB: dict[Kind, float] = {"trees": 8.9, "tree ensembles": 2.19}
"""Size of B's graph, as it is converted and written anew (bench "artifact")."""
PER_MB: dict[Kind, PerMB] = {
    "trees": PerMB(25.2, 13.0),
    "tree ensembles": PerMB(66.3, 33.6),
    "other": PerMB(5.4, 3.0),
}
"""Fitted, like BASE_MEMORY_MB and MEMORY_ERROR, by benchmarks/footprint.py; its result lies beside
it."""
BASE_MEMORY_MB = 81.0
"""A whole serving process with A in it."""
MEMORY_ERROR = 0.02
"""Share by which the memory of a process was foretold wrongly at worst, by a fit without its
graph."""
START_ERROR = 0.22
"""Share by which a whole start was foretold wrongly at worst, by benchmarks/footprint_starts.py, or
by a fit without its graph, whichever is more."""

# Nobody can measure these without an account; replace them by what your function's REPORT says.
PROCESSOR = 1.5
"""Assumed: by what factor Lambda's processor is quicker, or slower, at most."""
PLATFORM_MS = 250.0
"""Assumed: Lambda finds a place and unpacks the bundle before any code runs."""
S3_MB_PER_S = 50.0
"""Assumed: how fast a function reads its model from S3."""
RESTORE = Times.of_minimum_and_median(200, 300)
"""Assumed: SnapStart restores the loaded model and the first request goes through."""
RUNTIME_MS = 1.0
"""Assumed: Lambda's runtime client takes a request and hands the answer over."""
KEEP_ALIVE_S = 300.0
"""Assumed: how long an idle environment is kept. AWS promises nothing."""
LOG_BYTES = 2000
"""Assumed: what a request writes to CloudWatch: its line, its metrics, Lambda's own three lines."""
