"""Records are frozen and strict, and what breaks them is told in one line."""

import math

import pytest
from pydantic import ValidationError

from model_store.contract.record import Record, explain

CANARY = "canary-71aa"


class Point(Record):
    x: float
    y: float = 0.0


class Line(Record):
    points: tuple[Point, ...]


def told(kind: type[Record], **fields: object) -> str:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate(fields)
    return explain(refused.value)


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Point(x=1).x = 2


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    assert told(Point, x=number).startswith("x: ")


def test_the_place_of_a_problem_is_told() -> None:
    assert told(Line, points=[{"x": 1}, {"y": 1}]) == "points.1.x: Field required"


def test_threat_personal_data_the_value_that_was_refused_is_not_told() -> None:
    with pytest.raises(ValidationError) as refused:
        Point.model_validate({"x": CANARY, "z": CANARY})
    assert CANARY not in explain(refused.value)
    assert CANARY not in str(refused.value)


def test_many_problems_are_told_as_the_first_three() -> None:
    text = told(Line, points=[{}] * 9)
    assert text.count("Field required") == 3
    assert "\n" not in text
