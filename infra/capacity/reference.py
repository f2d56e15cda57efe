"""What serving takes: reference measurements of the project, and what is assumed beside them.

Measured in November 2026 on one core of a noisy 2-core x86-64 machine (Python 3.11, onnxruntime
1.31, FastAPI 0.165), as minimum and median. A is a logistic regression of 1 KB, B a random forest
of 12.3 MB (200 trees, 12 deep).
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


MEASURED = "2026-11"

WARM_SMALL = Times.of_minimum_and_median(0.268, 0.427)
"""A, one row: validation, prediction, decision and telemetry, FastAPI in the path, no tracer."""
WARM_TREES = Times.of_minimum_and_median(0.363, 0.523)
"""The same for B."""
START = Times.of_minimum_and_median(374, 436)
"""A: a new process until its first answer; no boto3, deferred schemas, no collection in init."""
TREES_RUN_MS = 0.104
"""What the graph alone takes of WARM_TREES (median)."""
TREES_MB: dict[Kind, float] = {"trees": 12.3, "tree ensembles": 2.7}
"""Size of that graph, as it is converted and written anew."""
PER_MB: dict[Kind, PerMB] = {
    "trees": PerMB(47.1, 13.0),
    "tree ensembles": PerMB(100.6, 33.5),
    "other": PerMB(9.8, 3.0),
}
"""Fitted, like the three below, by benchmarks/footprint.py; its result lies beside it."""
BASE_MEMORY_MB = 81.0
"""A whole serving process with A in it."""
START_ERROR, MEMORY_ERROR = 0.14, 0.02
"""Shares by which a process with a graph was foretold wrongly at worst, by a fit without it."""

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
