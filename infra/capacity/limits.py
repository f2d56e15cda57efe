"""What AWS allows, as documented for us-east-1 and known on 2026-11-22. Quotas can be raised."""

ACCOUNT_CONCURRENCY = 1000
"""Requests in flight at once, over all functions of an account and region."""
UNRESERVED_AT_LEAST = 100
"""Of these, what reservations must leave to the functions that have none."""
RATE_PER_CONCURRENCY = 10
"""Requests per second that Lambda takes for each unit of a concurrency limit, however short."""
ENVIRONMENTS_AT_ONCE, ENVIRONMENTS_PER_SECOND = 1000, 100
"""How fast one function may grow: 1,000 environments every 10 seconds."""
GATEWAY_RATE, GATEWAY_BURST = 10_000, 5_000
"""Requests that API Gateway takes per account and region: per second, and at once."""
GATEWAY_TIMEOUT_S = 29.0
INIT_LIMIT_S, SNAPSTART_INIT_LIMIT_S = 10.0, 130.0
"""The init phase; with SnapStart it is over before there are callers."""
MB_OF_ONE_CORE = 1769
"""Memory that comes with one whole virtual processor."""


def core_share(memory_mb: int) -> float:
    """Of one core, which is all that a request of one thread can use."""
    return min(1.0, memory_mb / MB_OF_ONE_CORE)
