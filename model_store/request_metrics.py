"""What a version tells of its requests, one row of each: written by it, read by the judge.

Rows of one request are alike, so counts of rows would look surer than they are. The first row
stands for its request, which makes requests independent trials.
"""

NAMESPACE = "Lambent"
BY_VERSION = "lambda_version"
"""Dimension, beside `service`: told only of requests that came through the alias `live`."""

REQUESTS = "Requests"
FAILED = "FailedRequests"
REFUSED = "RefusedRequests"
FELL_BACK = "FallbackRequests"
DECLINED = "DeclinedRequests"
UNSURE = "UnsureRequests"
LATENCY = "Latency"

BINS = 11
"""Ten labels and the rest; of a regression, bins of equal width, in turns."""
ANSWERS = tuple(f"Answers{place}" for place in range(BINS))
ANSWER_SCALE = "AnswerScale"
"""Which bins are meant: counts of two versions compare only where this is the same number."""
