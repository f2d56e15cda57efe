"""What a request counts as for the judge of releases, and how answers are told without telling."""

import math

import pytest

from functions.inference.trials import AT_ONCE, Answers, Yardstick, trouble
from model_store.artifact.facts import TradeOff
from model_store.predictions import (
    AbstainPrediction,
    FallbackPrediction,
    ModelPrediction,
    Prediction,
    Reason,
)
from model_store.request_metrics import BINS, DECLINED, FAILED, FELL_BACK, REFUSED, UNSURE
from tests.functions.models import classifier, manifest_of

SURE = ModelPrediction(value="Gentoo", confidence=0.9)
POINTS = [(0.0, 100), (0.5, 99), (0.6, 95), (0.7, 80)]


def curve(*points: tuple[float, int]) -> tuple[TradeOff, ...]:
    return tuple(
        TradeOff(least_confidence=least, rows=100, answered=answered, right=answered)
        for least, answered in points
    )


def yardstick(**changes: object) -> Yardstick:
    manifest = manifest_of(classifier(), {})
    return Yardstick.of(manifest.model_copy(update=changes))


MEASURED = yardstick(tradeoff=curve(*POINTS))


@pytest.mark.parametrize(
    ("status", "predictions", "expected"),
    [
        (200, [SURE], None),
        (500, [], FAILED),
        (503, [], FAILED),
        (422, [], REFUSED),
        (200, [AbstainPrediction(reason=Reason.INVALID_INPUT)], REFUSED),
        (200, [AbstainPrediction(reason=Reason.LOW_CONFIDENCE)], DECLINED),
        (200, [FallbackPrediction(value="a", source="rules", reason=Reason.NOVEL)], DECLINED),
        (
            200,
            [FallbackPrediction(value="a", source="rules", reason=Reason.MODEL_ERROR)],
            FELL_BACK,
        ),
        (200, [ModelPrediction(value="Gentoo", confidence=0.59)], UNSURE),
        (200, [ModelPrediction(value="Gentoo", confidence=0.6)], None),
    ],
)
def test_a_request_counts_under_what_came_of_its_first_row(
    status: int, predictions: list[Prediction], expected: str | None
) -> None:
    assert trouble(status, predictions, MEASURED) == expected


def test_rows_after_the_first_are_not_counted_for_they_are_like_it() -> None:
    other = FallbackPrediction(value="a", source="rules", reason=Reason.MODEL_ERROR)
    assert trouble(200, [SURE, other], MEASURED) is None


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_metric(reason: Reason) -> None:
    assert trouble(200, [AbstainPrediction(reason=reason)], MEASURED) in {
        REFUSED,
        DECLINED,
        FELL_BACK,
    }


def test_unsure_is_below_the_confidence_that_95_in_100_held_out_rows_had() -> None:
    assert MEASURED.usual == 0.6


def test_without_held_out_rows_or_probabilities_nothing_is_unsure() -> None:
    unknown = yardstick()
    assert unknown.usual is None
    assert trouble(200, [ModelPrediction(value="Gentoo", confidence=0.01)], unknown) is None


def test_the_order_of_the_labels_makes_no_difference() -> None:
    one, other = yardstick(labels=("b", "a", "c")), yardstick(labels=("c", "b", "a"))
    assert one.scale == other.scale
    assert [one.bin_of(each) for each in "abc"] == [other.bin_of(each) for each in "abc"]


def test_other_labels_are_another_scale() -> None:
    assert yardstick(labels=("a", "b")).scale != yardstick(labels=("a", "c")).scale


def test_labels_beyond_the_tenth_are_counted_together() -> None:
    many = yardstick(labels=tuple(f"{n:02}" for n in range(50)))
    assert [many.bin_of(f"{n:02}") for n in (0, 9, 10, 49)] == [0, 9, 10, 10]


def regression(rmse: float, r2: float) -> Yardstick:
    return yardstick(labels=(), metrics={"rmse": rmse, "r2": r2})


def test_answers_of_a_regression_fall_into_bins_of_a_quarter_to_half_a_deviation() -> None:
    """The target deviates by 800: half of that is 400."""
    grams = regression(400, 0.75)
    assert grams.step == grams.scale == 256
    assert grams.bin_of(4200.0) != grams.bin_of(4.2), "another unit is another bin"
    assert all(0 <= grams.bin_of(value) < BINS for value in (-1e9, -1.0, 0, 1e300))


def test_models_of_the_same_target_agree_on_the_bins() -> None:
    assert regression(400, 0.75).scale == regression(300, 1 - (300 / 805) ** 2).scale


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_no_number_breaks_the_bins(value: float) -> None:
    assert regression(400, 0.75).bin_of(value) == 0


def test_a_regression_that_was_not_measured_has_one_bin() -> None:
    unknown = yardstick(labels=(), metrics={})
    assert (unknown.scale, unknown.bin_of(3.0), unknown.bin_of(-300.0)) == (0.0, 0, 0)


def test_answers_are_kept_until_there_are_enough() -> None:
    answers = Answers()
    for _ in range(AT_ONCE - 1):
        answers.add([SURE], MEASURED)
        assert answers.take() is None
    answers.add([SURE, SURE], MEASURED)
    assert answers.take() == {MEASURED.bin_of("Gentoo"): AT_ONCE}
    assert answers.take() is None


def test_the_order_in_which_answers_came_is_not_told() -> None:
    """Whoever remembers the names would remember every order of them, for ever."""
    answers = Answers()
    for label in ["Gentoo", "Adelie"] * (AT_ONCE // 2):
        answers.add([SURE.model_copy(update={"value": label})], MEASURED)
    taken = answers.take()
    assert taken
    assert len(taken) == 2
    assert list(taken) == sorted(taken)
