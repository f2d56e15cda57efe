"""No row both calibrates and measures."""

from dataclasses import replace
from typing import Any

import pytest

from model_store.artifact.facts import OutputNames
from model_store.packaging import Model, Uncertainty
from model_store.packaging.data import Sample, read_data
from model_store.packaging.errors import InvalidModel
from model_store.packaging.served import Graph
from model_store.packaging.uncertainty.split import Splits, split
from tests.model_store.packaging.flights import delay, late, part

SCORED = OutputNames(label="label", probabilities="probabilities")


def splits_of(model: Model, **changes: Any) -> Splits:
    arguments: dict[str, Any] = {"task": "binary", "outputs": SCORED, "labels": ("late", "on time")}
    return split(model, Graph(b"", inputs=(), **arguments | changes), read_data(model))


def sizes(splits: Splits) -> tuple[int, int, int]:
    return len(splits.fitted), len(splits.conformal), len(splits.held_out)


def ids(sample: Sample) -> set[int]:
    return {id(row) for row in sample.rows}


def test_half_of_the_held_out_rows_calibrate_and_half_of_those_fit() -> None:
    splits = splits_of(late(held_out=1000))
    assert sizes(splits) == (250, 250, 500)
    parts = [splits.fitted, splits.conformal, splits.held_out]
    assert len(set.union(*map(ids, parts))) == 1000
    assert ids(splits.calibration) == ids(splits.fitted) | ids(splits.conformal)


def test_each_part_has_the_classes_in_the_same_shares() -> None:
    splits = splits_of(late(held_out=1000))
    late_ones = [
        part.targets.count("late") / len(part)
        for part in (splits.fitted, splits.conformal, splits.held_out)
    ]
    assert max(late_ones) - min(late_ones) < 0.005


def test_the_same_rows_are_split_the_same_way() -> None:
    model = late(held_out=200)
    first, second = splits_of(model), splits_of(model)
    assert first == second


def test_rows_given_for_calibration_leave_all_held_out_rows_to_measure() -> None:
    model = late(held_out=100, calibration=part(late().train, 500))
    assert sizes(splits_of(model)) == (250, 250, 100)


def test_few_held_out_rows_only_measure() -> None:
    assert sizes(splits_of(late(held_out=59))) == (0, 0, 59)
    assert sizes(splits_of(late(held_out=60))) == (0, 30, 30)


@pytest.mark.parametrize(
    ("changes", "fitted"),
    [
        ({}, True),
        ({"uncertainty": Uncertainty(calibrate="none")}, False),
        ({"uncertainty": Uncertainty(calibrate="isotonic")}, True),
    ],
)
def test_only_what_is_fitted_takes_rows_from_the_quantiles(
    changes: dict[str, Any], fitted: bool
) -> None:
    splits = splits_of(late(held_out=400, **changes))
    assert sizes(splits) == ((100, 100, 200) if fitted else (0, 200, 200))


def test_without_probabilities_nothing_is_fitted() -> None:
    splits = splits_of(late(held_out=400), outputs=OutputNames(label="label"))
    assert sizes(splits) == (0, 200, 200)


def test_a_regression_fits_its_difficulty_only() -> None:
    number = {"task": "regression", "outputs": OutputNames(value="value"), "labels": ()}
    scaled = delay(held_out=400, uncertainty=Uncertainty(intervals="scaled"))
    assert sizes(splits_of(delay(held_out=400), **number)) == (0, 200, 200)
    assert sizes(splits_of(scaled, **number)) == (100, 100, 200)


def test_a_class_of_one_row_is_split_without_regard_to_classes() -> None:
    X, y = part(late().held_out, 100)
    once = y.where(y.index != y.index[0], "diverted")
    model = replace(late(), held_out=(X, once))
    assert sizes(splits_of(model, labels=("diverted", "late", "on time"))) == (0, 50, 50)


def test_a_class_that_the_model_does_not_know_is_refused() -> None:
    with pytest.raises(InvalidModel, match="classes that the model does not know"):
        splits_of(late(), labels=("late", "early"))


def test_rows_given_for_calibration_are_part_of_what_the_data_is() -> None:
    model = late(held_out=100)
    other = late(held_out=100, calibration=part(late().train, 50))
    assert read_data(model).sha256 != read_data(other).sha256
