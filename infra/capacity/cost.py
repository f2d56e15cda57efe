"""What a month of a steady load costs, by item, in US dollars; one row per request."""

from dataclasses import dataclass
from math import ceil

from infra.capacity import prices, reference
from infra.release.retention.prune import KEPT

MONTH_S = 30 * 86_400.0
HOURS = MONTH_S / 3600
METRICS, ALARM_METRICS, DASHBOARDS = 40, 15, 1
"""What template.yaml and the function's telemetry make for one model."""
KB_PER_REQUEST = 2.0
"""Assumed: in and out, headers included."""
VERSIONS = 1 + KEPT
"""Of a function: the live one, and those that `lambent prune` leaves for rollbacks."""

Bill = dict[str, float]


@dataclass(frozen=True)
class Usage:
    """A steady load on one function. billed_ms: mean per request, its share of starts included.

    versions: the published ones; SnapStart keeps a snapshot of each.
    """

    rate: float
    billed_ms: float
    memory_mb: int
    architecture: str = "arm64"
    provisioned: int = 0
    snapstart: bool = False
    cold_share: float = 0.0
    versions: int = VERSIONS

    @property
    def requests(self) -> float:
        return self.rate * MONTH_S

    @property
    def gb(self) -> float:
        return self.memory_mb / 1024


def per_million(bill: Bill, rate: float) -> float:
    return sum(bill.values()) / (rate * MONTH_S / 1e6)


def lambda_bill(usage: Usage) -> Bill:
    """This project's stack: API Gateway, Lambda, CloudWatch."""
    computed = usage.requests * usage.billed_ms / 1000 * usage.gb
    return {
        "Lambda requests": usage.requests * prices.LAMBDA_REQUEST,
        "Lambda compute": _compute(usage, computed),
        **_ready(usage),
        **_in_front(usage.requests),
        **_watched(usage.requests),
    }


def sagemaker_bill(usage: Usage) -> Bill:
    """SageMaker Serverless behind the same API; whole GB only."""
    computed = usage.requests * usage.billed_ms / 1000 * ceil(usage.gb)
    data = usage.requests * KB_PER_REQUEST / 1e6 * prices.SAGEMAKER_DATA_GB
    return {
        "SageMaker compute": computed * prices.SAGEMAKER_GB_S,
        "SageMaker data": data,
        **_in_front(usage.requests),
        **_watched(usage.requests),
    }


def fargate_bill(rate: float, core_ms: float, architecture: str, memory_gb: int = 2) -> Bill:
    """Tasks of one processor, half busy, at least two, behind a load balancer."""
    tasks = max(2, ceil(rate * core_ms / 1000 / 0.5))
    processor = prices.FARGATE_VCPU_HOUR[architecture]
    task_hour = processor + memory_gb * prices.FARGATE_GB_HOUR[architecture]
    return {
        "Fargate tasks": tasks * task_hour * HOURS,
        "load balancer": (prices.ALB_HOUR + _capacity_units(rate) * prices.ALB_LCU_HOUR) * HOURS,
        **_watched(rate * MONTH_S),
    }


def device_bill(rate: float, model_mb: float, runtime_mb: float, per_download: float) -> Bill:
    """In the browser: each download of model and runtime serves this many predictions."""
    downloads = rate * MONTH_S / per_download
    gigabytes = downloads * (model_mb + runtime_mb) / 1000
    return {"CDN": prices.tiered(gigabytes, prices.CDN_GB)}


def _compute(usage: Usage, computed: float) -> float:
    if usage.provisioned:
        return computed * prices.PROVISIONED_DURATION_GB_S[usage.architecture]
    return prices.tiered(computed, prices.LAMBDA_GB_S[usage.architecture])


def _ready(usage: Usage) -> Bill:
    """What it costs to be ready before anybody asks."""
    if usage.provisioned:
        held = usage.provisioned * usage.gb * MONTH_S
        return {"provisioned": held * prices.PROVISIONED_GB_S[usage.architecture]}
    if usage.snapstart:
        cache = usage.versions * usage.gb * MONTH_S * prices.SNAPSTART_CACHE_GB_S
        restores = usage.requests * usage.cold_share * usage.gb * prices.SNAPSTART_RESTORE_GB
        return {"SnapStart": cache + restores}
    return {}


def _in_front(requests: float) -> Bill:
    return {"API Gateway": prices.tiered(requests, prices.REST_REQUEST)}


def _watched(requests: float) -> Bill:
    logs = prices.tiered(requests * reference.LOG_BYTES / 1e9, prices.LOG_GB)
    fixed = METRICS * prices.METRIC_MONTH + ALARM_METRICS * prices.ALARM_METRIC_MONTH
    return {"logs": logs, "metrics, alarms": fixed + DASHBOARDS * prices.DASHBOARD_MONTH}


def _capacity_units(rate: float) -> float:
    """Of a load balancer: 1 GB per hour each, or 25 new connections per second, one in ten
    requests being on a new one."""
    return max(rate * KB_PER_REQUEST * 3600 / 1e6, rate / 10 / 25)
