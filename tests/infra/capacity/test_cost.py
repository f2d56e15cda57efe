"""What a month costs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.capacity import prices
from infra.capacity.cost import (
    VERSIONS,
    Usage,
    device_bill,
    fargate_bill,
    lambda_bill,
    per_million,
    sagemaker_bill,
)

USAGE = Usage(rate=100, billed_ms=3, memory_mb=1024)


def test_lambda_bills_requests_and_gigabyte_seconds() -> None:
    bill = lambda_bill(USAGE)
    millions = 100 * 30 * 86_400 / 1e6
    assert bill["Lambda requests"] == pytest.approx(millions * 0.20)
    assert bill["Lambda compute"] == pytest.approx(millions * 1e6 * 0.003 * 0.0000133334)


def test_units_above_a_tier_cost_less() -> None:
    tiers = ((100.0, 2.0), (200.0, 1.0), (float("inf"), 0.5))
    assert [prices.tiered(units, tiers) for units in (50, 100, 150, 300)] == [100, 200, 250, 350]


def test_being_ready_is_paid_by_the_month_and_snapshots_for_each_restore() -> None:
    held = lambda_bill(replace(USAGE, provisioned=10))
    assert held["provisioned"] == pytest.approx(10 * 30 * 86_400 * 0.0000033334)
    none = lambda_bill(replace(USAGE, snapstart=True))
    some = lambda_bill(replace(USAGE, snapstart=True, cold_share=0.01))
    restores = USAGE.requests * 0.01
    assert some["SnapStart"] - none["SnapStart"] == pytest.approx(restores * 0.0001397998)


def test_snapstart_keeps_a_snapshot_of_every_version_that_is_published() -> None:
    """The live one, and those that `lambent prune` leaves unless it is told otherwise."""
    one, many = (
        lambda_bill(replace(USAGE, snapstart=True, versions=count))["SnapStart"]
        for count in (1, VERSIONS)
    )
    assert one == pytest.approx(30 * 86_400 * 0.0000015046)
    assert many == pytest.approx(11 * one)
    assert lambda_bill(replace(USAGE, snapstart=True))["SnapStart"] == many


def test_without_snapshots_versions_cost_nothing() -> None:
    assert lambda_bill(replace(USAGE, versions=1)) == lambda_bill(USAGE)


@pytest.mark.parametrize(
    ("terabytes", "last"),
    [(5, 0.085), (40, 0.08), (149, 0.06), (499, 0.04), (1023, 0.03), (5119, 0.025), (9000, 0.02)],
)
def test_the_last_gigabyte_from_the_cdn_costs_what_its_tier_does(
    terabytes: float, last: float
) -> None:
    gigabytes = terabytes * 1024
    more = prices.tiered(gigabytes + 1, prices.CDN_GB) - prices.tiered(gigabytes, prices.CDN_GB)
    assert more == pytest.approx(last)


def test_few_requests_pay_for_what_stands_there_anyway() -> None:
    """Two tasks and a load balancer are dear for one request per second and cheap for many."""
    few = [per_million(fargate_bill(rate, 0.5, "arm64"), rate) for rate in (1, 100, 10_000)]
    assert few == sorted(few, reverse=True)
    alone = per_million(lambda_bill(replace(USAGE, rate=1)), 1)
    assert alone < few[0]


def test_on_the_device_only_the_download_costs() -> None:
    bill = device_bill(1, model_mb=1, runtime_mb=4, per_download=20)
    assert per_million(bill, 1) == pytest.approx(1e6 / 20 * 5 / 1000 * 0.085)


@given(st.floats(0.01, 20_000), st.floats(1, 10_000), st.integers(128, 6144))
def test_every_bill_grows_with_the_duration_and_none_is_negative(
    rate: float, billed_ms: float, memory_mb: int
) -> None:
    usage = Usage(rate, billed_ms, memory_mb)
    longer = replace(usage, billed_ms=billed_ms + 1)
    for bill in (lambda_bill, sagemaker_bill):
        assert all(item >= 0 for item in bill(usage).values())
        assert sum(bill(longer).values()) > sum(bill(usage).values())
