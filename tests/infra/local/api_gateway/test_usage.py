"""Token buckets and quotas."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.api_gateway.usage import Quotas, TokenBuckets


class Hand:
    """A clock moved by hand."""

    def __init__(self, now=1_700_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


def test_a_burst_passes_at_once_and_no_more():
    buckets = TokenBuckets(Hand())
    assert [buckets.take("key", 1, 3) for _ in range(5)] == [True, True, True, False, False]


def test_tokens_come_back_at_the_rate_and_never_above_the_burst():
    clock = Hand()
    buckets = TokenBuckets(clock)
    for _ in range(2):
        buckets.take("key", 2, 2)
    clock.now += 0.5
    assert [buckets.take("key", 2, 2) for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [buckets.take("key", 2, 2) for _ in range(3)] == [True, True, False]


@given(
    rate=st.floats(0.1, 50),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 5), max_size=60),
)
def test_no_sequence_of_calls_gets_more_than_rate_and_burst(rate, burst, pauses):
    """threat API4."""
    clock = Hand(0.0)
    buckets = TokenBuckets(clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += buckets.take("key", rate, burst)
    assert passed <= burst + rate * clock.now + 1e-6


@pytest.mark.parametrize(
    ("period", "inside", "after"),
    [
        ("DAY", "2026-03-04T23:59:59+00:00", "2026-03-05T00:00:00+00:00"),
        ("WEEK", "2026-03-08T23:59:59+00:00", "2026-03-09T00:00:00+00:00"),
        ("MONTH", "2026-03-31T23:59:59+00:00", "2026-04-01T00:00:00+00:00"),
    ],
)
def test_a_quota_ends_with_its_calendar_period(period, inside, after):
    clock = Hand(datetime.fromisoformat("2026-03-04T12:00:00+00:00").timestamp())
    quotas = Quotas(clock)
    assert quotas.take("key", 1, period)
    clock.now = datetime.fromisoformat(inside).timestamp()
    assert not quotas.take("key", 1, period)
    assert quotas.take("other", 1, period)
    clock.now = datetime.fromisoformat(after).timestamp()
    assert quotas.take("key", 1, period)
