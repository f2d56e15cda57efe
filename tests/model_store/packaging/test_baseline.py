"""What is kept of the training data: shares and quantiles."""

from typing import Any

from model_store.artifact.facts import FeatureSummary
from model_store.contract import Contract, normalise
from model_store.packaging.baseline import OTHER, baseline_of


def summary(values: list[Any], **rules: Any) -> FeatureSummary | None:
    feature = {"name": "x", "missing": {"policy": "allow"}, **rules}
    contract = Contract.model_validate({"name": "row", "version": "1.0", "features": [feature]})
    rows = [normalise(contract, {"x": value}) for value in values]
    return baseline_of(contract, rows).get("x")


def test_numbers_are_told_by_quantiles_and_the_share_that_is_missing() -> None:
    found = summary([1, 2, 3, None], kind="number")
    assert found is not None
    assert (found.count, found.missing, found.frequencies) == (4, 0.25, None)
    assert found.quantiles is not None
    assert (found.quantiles["0.01"], found.quantiles["0.5"]) == (1.02, 2.0)


def test_dates_are_told_as_days_since_1970() -> None:
    found = summary(["1970-01-03"], kind="date")
    assert found is not None
    assert found.quantiles is not None
    assert set(found.quantiles.values()) == {2.0}


def test_categories_that_the_contract_does_not_know_are_counted_together() -> None:
    """A stray value might name a person."""
    found = summary(["a", "a", "Mary", "John"], kind="category", categories=["a"], unseen="flag")
    assert found is not None
    assert found.frequencies == {"a": 0.5, OTHER: 0.5}


def test_booleans_are_counted() -> None:
    found = summary([True, False, True, True], kind="boolean")
    assert found is not None
    assert found.frequencies == {"true": 0.75, "false": 0.25}


def test_of_free_text_only_the_count_is_told() -> None:
    assert summary(["secret"], kind="text") == FeatureSummary(count=1, missing=0)


def test_nothing_is_told_of_a_sensitive_feature() -> None:
    assert summary([1.0], kind="number", sensitive=True) is None


def test_a_feature_that_is_always_missing_has_no_quantiles() -> None:
    assert summary([None, None], kind="number") == FeatureSummary(count=2, missing=1)
