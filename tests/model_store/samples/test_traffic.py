"""Rows drawn from a baseline: as often missing, as often in each category, spread alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, kstest

from model_store.artifact.facts import FeatureSummary
from model_store.contract import Contract, normalise
from model_store.packaging.baseline import baseline_of
from model_store.samples.probes import UNSEEN
from model_store.samples.traffic import OTHER, traffic

CONTRACT = Contract.model_validate(
    {
        "name": "order",
        "version": "1.0",
        "features": [
            {"kind": "number", "name": "price", "minimum": 0, "maximum": 100},
            {"kind": "integer", "name": "pieces", "minimum": 1, "missing": {"policy": "allow"}},
            {
                "kind": "category",
                "name": "country",
                "categories": ["AT", "DE"],
                "unseen": "flag",
            },
            {"kind": "boolean", "name": "gift"},
            {"kind": "date", "name": "day", "minimum": "2024-01-01"},
            {"kind": "text", "name": "note", "missing": {"policy": "allow"}},
            {
                "kind": "category",
                "name": "sex",
                "categories": ["female", "male"],
                "sensitive": True,
            },
        ],
    }
)
BASELINE = {
    "price": FeatureSummary(count=9, missing=0, quantiles={"0.01": 0, "0.5": 10, "0.99": 90}),
    "pieces": FeatureSummary(count=9, missing=0.25, quantiles={"0.01": 1, "0.99": 9}),
    "country": FeatureSummary(count=9, missing=0, frequencies={"AT": 0.2, "DE": 0.7, OTHER: 0.1}),
    "gift": FeatureSummary(count=9, missing=0, frequencies={"false": 0.9, "true": 0.1}),
    "day": FeatureSummary(count=9, missing=0, quantiles={"0.01": 19800, "0.99": 19900}),
}
ROWS = traffic(CONTRACT, BASELINE, [], 2000, seed=1)


def share_is(found: int, share: float) -> bool:
    """Whether a share of the 2000 is what chance would give; wrong once in a million seeds."""
    return binomtest(found, len(ROWS), share).pvalue > 1e-6


def test_every_row_keeps_the_contract() -> None:
    assert len(ROWS) == 2000
    for row in ROWS:
        normalise(CONTRACT, row)


def test_values_are_missing_as_often_as_they_were() -> None:
    assert share_is(sum(row["pieces"] is None for row in ROWS), 0.25)
    assert all(row["price"] is not None for row in ROWS)


@pytest.mark.parametrize(
    ("feature", "value", "share"),
    [
        ("country", "AT", 0.2),
        ("country", UNSEEN, 0.1),
        ("gift", True, 0.1),
        ("sex", "female", 0.5),
    ],
)
def test_categories_come_by_their_shares(feature: str, value: object, share: float) -> None:
    """A sensitive feature has no shares: each of its categories is as likely."""
    assert share_is(sum(row[feature] == value for row in ROWS), share)


def test_numbers_spread_between_the_quantiles() -> None:
    below = [row["price"] for row in ROWS if row["price"] < 10]
    assert share_is(len(below), 0.5)
    inner = [price for price in below if price > 0]
    assert kstest(inner, "uniform", args=(0, 10)).pvalue > 1e-6
    assert all(0 <= row["price"] <= 90 for row in ROWS)


def test_whole_numbers_and_days_are_spelled_as_such() -> None:
    assert {type(row["pieces"]) for row in ROWS} == {int, type(None)}
    assert min(row["day"] for row in ROWS) >= "2024-03-18"


def test_the_same_seed_gives_the_same_rows() -> None:
    assert traffic(CONTRACT, BASELINE, [], 20, seed=1) == ROWS[:20]
    assert traffic(CONTRACT, BASELINE, [], 20, seed=2) != ROWS[:20]


EXAMPLE = {
    "price": 10.0,
    "pieces": None,
    "country": "AT",
    "gift": True,
    "day": "2024-05-08",
    "note": None,
    "sex": "male",
}


def test_rows_stay_close_to_an_example() -> None:
    """A number moves by a tenth of all that were seen, and what is no number stays; a tenth of
    the values are drawn anew."""
    rows = traffic(CONTRACT, BASELINE, [EXAMPLE], 2000, seed=1)
    quarter = [row for row in rows if 7.9 < row["price"] < 26.5]
    assert share_is(len(quarter), 0.9 + 0.1 * 0.2)
    assert share_is(sum(row["country"] == "AT" for row in rows), 0.9 + 0.1 * 0.2)
    assert share_is(sum(row["pieces"] is None for row in rows), 0.9 + 0.1 * 0.25)


def test_sensitive_values_of_an_example_are_not_repeated() -> None:
    """They stand for nobody: packaging has put typical ones there."""
    rows = traffic(CONTRACT, BASELINE, [EXAMPLE], 2000, seed=1)
    assert share_is(sum(row["sex"] == "male" for row in rows), 0.5)


def test_an_example_beyond_all_that_was_seen_counts_as_the_outermost() -> None:
    far = {**EXAMPLE, "price": 99.0, "day": "2025-01-01"}
    rows = traffic(CONTRACT, BASELINE, [far], 200, seed=1)
    assert max(row["price"] for row in rows) == 90
    for row in rows:
        normalise(CONTRACT, row)


def test_examples_of_which_none_has_a_feature_leave_it_to_the_baseline() -> None:
    assert len(traffic(CONTRACT, BASELINE, [{}], 50, seed=1)) == 50


def test_a_contract_that_is_never_met_gives_no_rows() -> None:
    elsewhere = {"price": FeatureSummary(count=1, missing=0, quantiles={"0.01": 500, "0.99": 501})}
    assert traffic(CONTRACT, elsewhere, [], 5, seed=1) == []


def test_rows_that_the_fallback_answers_are_not_drawn() -> None:
    country = CONTRACT.by_name["country"].model_copy(update={"unseen": "fallback"})
    contract = Contract(name="order", version="1.0", features=(country,))
    rows = traffic(contract, BASELINE, [], 200, seed=1)
    assert {row["country"] for row in rows} == {"AT", "DE"}


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20))
def test_what_is_drawn_lies_within_what_was_recorded(prices: list[float]) -> None:
    contract = Contract(name="order", version="1.0", features=CONTRACT.features[:1])
    baseline = baseline_of(contract, [normalise(contract, {"price": price}) for price in prices])
    quantiles = baseline["price"].quantiles
    assert quantiles
    for row in traffic(contract, baseline, [], 20, seed=3):
        assert min(quantiles.values()) <= row["price"] <= max(quantiles.values())
