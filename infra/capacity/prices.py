"""US dollars in us-east-1, from the AWS price list as known on 2026-11-22: not fetched, and without
free tiers, savings plans or taxes. A tuple of tiers: (units up to which, price of each)."""

from math import inf

KNOWN_ON = "2026-11-22"
REGION = "us-east-1"

Tiers = tuple[tuple[float, float], ...]
TB = 1024.0
"""In GB, as AWS counts its tiers."""

LAMBDA_REQUEST = 0.20e-6
LAMBDA_GB_S: dict[str, Tiers] = {
    "arm64": ((7.5e9, 0.0000133334), (18.75e9, 0.0000120001), (inf, 0.0000106667)),
    "x86_64": ((6e9, 0.0000166667), (15e9, 0.000015), (inf, 0.0000133334)),
}
PROVISIONED_GB_S = {"arm64": 0.0000033334, "x86_64": 0.0000041667}
PROVISIONED_DURATION_GB_S = {"arm64": 0.0000077778, "x86_64": 0.0000097222}
SNAPSTART_CACHE_GB_S = 0.0000015046
SNAPSTART_RESTORE_GB = 0.0001397998

REST_REQUEST: Tiers = ((333e6, 3.50e-6), (1e9, 2.80e-6), (20e9, 2.38e-6), (inf, 1.51e-6))

LOG_GB: Tiers = ((10 * TB, 0.50), (30 * TB, 0.25), (50 * TB, 0.10), (inf, 0.05))
METRIC_MONTH = 0.30
ALARM_METRIC_MONTH = 0.10
DASHBOARD_MONTH = 3.0

SAGEMAKER_GB_S = 0.00002
SAGEMAKER_DATA_GB = 0.016

FARGATE_VCPU_HOUR = {"arm64": 0.03238, "x86_64": 0.04048}
FARGATE_GB_HOUR = {"arm64": 0.00356, "x86_64": 0.004445}
ALB_HOUR = 0.0225
ALB_LCU_HOUR = 0.008

CDN_GB: Tiers = (
    (10 * TB, 0.085),
    (50 * TB, 0.080),
    (150 * TB, 0.060),
    (500 * TB, 0.040),
    (1024 * TB, 0.030),
    (5120 * TB, 0.025),
    (inf, 0.020),
)
"""CloudFront to viewers in the United States, Canada and Europe."""


def tiered(units: float, tiers: Tiers) -> float:
    """What this many units cost when later ones are cheaper."""
    cost, below = 0.0, 0.0
    for upto, price in tiers:
        cost += max(0.0, min(units, upto) - below) * price
        below = upto
    return cost
