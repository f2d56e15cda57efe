"""What serving takes: reference measurements of the project, and what is assumed beside them.

Measured in November 2026 on one core of a noisy 2-core x86-64 machine (Python 3.11, onnxruntime
1.31, FastAPI 0.165), as minimum and median. A is a logistic regression of 1 KB, B a random forest
of 12.3 MB (200 trees, 12 deep).
"""

from infra.capacity.times import Times

MEASURED = "2026-11"

WARM_SMALL = Times.of_minimum_and_median(0.268, 0.427)
"""A, one row: validation, prediction, decision and telemetry, FastAPI in the path, no tracer."""
WARM_TREES = Times.of_minimum_and_median(0.363, 0.523)
"""The same for B."""
START = Times.of_minimum_and_median(374, 436)
"""A: a new process until its first answer; no boto3, deferred schemas, no collection in init."""
TREES_RUN_MS, TREES_MB = 0.104, 12.3
"""What the graph alone takes of WARM_TREES (median), and the size of that graph."""
TREES_START_MS_PER_MB = 35.0
"""A session of trees: 20 to 35 ms for each MB of ONNX; the worse of the two."""
DENSE_START_MS_PER_MB = 3.0
TREES_MEMORY_PER_MB = 11.5
BASE_MEMORY_MB = 86.0
"""A whole serving process with A in it."""

# Nobody can measure these without an account; replace them by what your function's REPORT says.
PLATFORM_MS = 250.0
"""Assumed: Lambda finds a place and unpacks the bundle before any code runs."""
RESTORE = Times.of_minimum_and_median(200, 300)
"""Assumed: SnapStart restores the loaded model and the first request goes through."""
RUNTIME_MS = 1.0
"""Assumed: Lambda's runtime client takes a request and hands the answer over."""
KEEP_ALIVE_S = 300.0
"""Assumed: how long an idle environment is kept. AWS promises nothing."""
LOG_BYTES = 2000
"""Assumed: what a request writes to CloudWatch: its line, its metrics, Lambda's own three lines."""
