"""The exact tests, held against scipy and against what they promise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from functions.operations.statistics.exact import (
    at_least,
    exceeds,
    highest,
    lowest,
    rises,
    rows_needed,
)

SHARES = st.floats(0.001, 0.999)
RISKS = st.floats(0.0005, 0.2)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    rows = draw(st.integers(1, 400))
    return draw(st.integers(0, rows)), rows


@given(counts(), SHARES)
def test_the_tail_is_the_binomial_one(count: tuple[int, int], share: float) -> None:
    found, rows = count
    assert at_least(found, rows, share) == pytest.approx(binom.sf(found - 1, rows, share), abs=1e-9)


@pytest.mark.parametrize(
    ("found", "rows", "share", "probability"),
    [
        (0, 5, 0.0, 1),
        (1, 5, 0.0, 0),
        (5, 5, 1.0, 1),
        (6, 5, 1.0, 0),
        (6, 5, 0.5, 0),
        (0, 0, 0.5, 1),
    ],
)
def test_the_ends_of_the_tail(found: int, rows: int, share: float, probability: float) -> None:
    assert at_least(found, rows, share) == probability


@settings(max_examples=30)
@given(counts(), RISKS)
def test_bounds_are_those_of_clopper_and_pearson(count: tuple[int, int], risk: float) -> None:
    found, rows = count
    low = binomtest(found, rows, alternative="greater").proportion_ci(1 - risk, "exact").low
    high = binomtest(found, rows, alternative="less").proportion_ci(1 - risk, "exact").high
    assert lowest(found, rows, risk) == pytest.approx(low, abs=1e-9)
    assert highest(found, rows, risk) == pytest.approx(high, abs=1e-9)


@given(counts(), SHARES, RISKS)
def test_a_share_exceeds_where_scipy_says_so(
    count: tuple[int, int], limit: float, risk: float
) -> None:
    found, rows = count
    pvalue = binomtest(found, rows, limit, alternative="greater").pvalue
    if abs(pvalue - risk) > 1e-9:
        assert exceeds(found, rows, limit, risk) == (pvalue <= risk)


@pytest.mark.parametrize("limit", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("rows", [20, 75, 300])
def test_chance_alone_refuses_as_seldom_as_is_promised(limit: float, rows: int) -> None:
    """Every count that may come up, with its probability at the limit itself."""
    risk = 0.002
    refused = [found for found in range(rows + 1) if exceeds(found, rows, limit, risk)]
    assert sum(binom.pmf(refused, rows, limit)) <= risk


@pytest.mark.parametrize("rows", [20, 40])
@pytest.mark.parametrize(("gained", "lost"), [(0.05, 0.0), (0.15, 0.1), (0.4, 0.35)])
def test_a_rise_within_the_limit_is_refused_as_seldom_as_is_promised(
    rows: int, gained: float, lost: float
) -> None:
    """Every pair of counts, with its probability where the rise is just the limit of 5 points."""
    risk = 0.05
    wrong = sum(
        binom.pmf(up, rows, gained) * binom.pmf(down, rows - up, lost / (1 - gained))
        for up in range(rows + 1)
        for down in range(rows - up + 1)
        if rises(up, down, rows, 0.05, risk)
    )
    assert wrong <= risk


def test_a_rise_far_beyond_the_limit_is_noticed() -> None:
    assert rises(80, 0, 400, 0.05, 0.002)
    assert not rises(80, 80, 400, 0.05, 0.002)
    assert not rises(0, 80, 400, 0.05, 0.002)


def test_no_rows_tell_nothing() -> None:
    assert not exceeds(0, 0, 0.0, 0.05)
    assert not rises(0, 0, 0, 0.0, 0.05)


@pytest.mark.parametrize("limit", [0.0, 0.05, 0.3, 0.5, 0.85])
def test_so_many_rows_notice_what_is_worse_as_often_as_is_promised(limit: float) -> None:
    risk, power, worse = 0.002, 0.9, limit + 0.1
    rows = rows_needed(lambda _: limit, worse, risk, power, 1000)
    noticed = [found for found in range(rows + 1) if exceeds(found, rows, limit, risk)]
    assert sum(binom.pmf(noticed, rows, worse)) >= power - 1e-9
    fewer = [found for found in range(rows) if exceeds(found, rows - 1, limit, risk)]
    assert sum(binom.pmf(fewer, rows - 1, worse)) < power


def test_what_no_number_of_rows_can_tell_takes_the_most() -> None:
    assert rows_needed(lambda _: 1.0, 1.1, 0.002, 0.9, 250) == 250
