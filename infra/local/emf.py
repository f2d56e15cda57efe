"""CloudWatch's Embedded Metric Format: metrics inside log lines.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator
from typing import Any

from infra.local.metrics import Datum


def parse(line: str) -> list[Datum]:
    """The metrics that a log line carries; none when it is not EMF.

    As in CloudWatch, a directive that names a missing dimension or metric is passed over: the
    log line itself is always kept.
    """
    if '"_aws"' not in line:
        return []
    try:
        document = json.loads(line)
    except ValueError:
        return []
    metadata = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("Timestamp"), int):
        return []
    return [
        datum
        for directive in metadata.get("CloudWatchMetrics", [])
        for datum in _data(document, directive, metadata["Timestamp"] / 1000)
    ]


def _data(document: dict[str, Any], directive: dict[str, Any], at: float) -> Iterator[Datum]:
    for names in directive.get("Dimensions") or [[]]:
        if not all(name in document for name in names):
            continue
        dimensions = {name: str(document[name]) for name in names}
        for metric in directive.get("Metrics", []):
            value = document.get(metric["Name"])
            if value is None:
                continue
            yield Datum(
                namespace=directive["Namespace"],
                name=metric["Name"],
                values=tuple(value if isinstance(value, list) else [value]),
                unit=metric.get("Unit", "None"),
                dimensions=dimensions,
                at=at,
            )
