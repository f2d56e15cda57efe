"""When two versions' answers agree, and what is counted of them."""

import json
from typing import Any

import pytest

from functions.inference.shadowing.comparison import Difference, NotComparable, compare


def response(*predictions: dict[str, Any], status: int = 200) -> dict[str, Any]:
    return {"statusCode": status, "body": json.dumps({"predictions": predictions})}


def model(value: Any, confidence: float | None = None) -> dict[str, Any]:
    return {"decision": "model", "value": value, "confidence": confidence}


@pytest.mark.parametrize(
    ("live", "shadow", "disagreements"),
    [
        ("Adelie", "Adelie", 0),
        ("Adelie", "Gentoo", 1),
        (3, 3, 0),
        (3, 4, 1),
        (1, True, 1),
        (100.0, 100.9, 0),
        (100.0, 102.0, 1),
        (100.0, 100, 0),
        (0.0, 0.0, 0),
        (-5.0, 5.0, 1),
    ],
)
def test_labels_agree_when_equal_and_numbers_within_one_percent(
    live: Any, shadow: Any, disagreements: int
) -> None:
    found = compare(response(model(live)), response(model(shadow)))
    assert (found.predictions, found.disagreements) == (1, disagreements)


def test_another_kind_of_answer_disagrees_even_with_the_same_value() -> None:
    fallback = {"decision": "fallback", "value": "Adelie"}
    found = compare(response(model("Adelie", 0.9)), response(fallback))
    assert found == Difference(1, 1, 0, 0, 0, 1)


def test_abstentions_and_fallbacks_are_counted_on_both_sides() -> None:
    abstain = {"decision": "abstain", "reason": "ambiguous"}
    fallback = {"decision": "fallback", "value": 1}
    found = compare(response(abstain, abstain, fallback), response(abstain, fallback, fallback))
    assert (found.live_abstentions, found.shadow_abstentions) == (2, 1)
    assert (found.live_fallbacks, found.shadow_fallbacks) == (1, 2)
    assert found.disagreements == 1


def test_the_shift_of_confidence_is_the_mean_over_rows_that_both_models_answered() -> None:
    live = response(model("a", 0.6), model("a", 0.8), model(1.0, None))
    shadow = response(model("a", 0.9), model("b", 0.7), model(1.0, None))
    assert compare(live, shadow).confidence == pytest.approx(0.1)
    assert compare(response(model(1.0)), response(model(1.0))).confidence is None


@pytest.mark.parametrize(
    "shadow",
    [
        response(model("a"), model("a")),
        response(model("a"), status=422),
        {"statusCode": 200, "body": "{"},
        {"statusCode": 200, "body": "[]"},
        {"statusCode": 200, "body": '{"predictions": [1]}'},
        {"statusCode": 200},
        {},
    ],
)
def test_what_is_no_answer_to_the_same_rows_is_not_compared(shadow: dict[str, Any]) -> None:
    with pytest.raises(NotComparable):
        compare(response(model("a")), shadow)
