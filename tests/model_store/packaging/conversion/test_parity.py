"""How far two sets of answers are apart."""

import numpy as np
import pytest

from model_store.packaging.answers import Answers
from model_store.packaging.conversion.parity import difference


def values(*numbers: float) -> Answers:
    return Answers(values=np.array(numbers))


def test_values_are_compared_by_their_size_or_by_the_spread_of_all() -> None:
    expected = values(0.0, 1000.0)  # a spread of 500
    assert difference(expected, values(0.004, 1000.0), 1e-5).passed
    found = difference(expected, values(0.006, 1000.02), 1e-5)
    assert found.rows == (0, 1)
    assert found.largest == pytest.approx(2e-5)


def test_constant_answers_near_zero_are_compared_as_they_are() -> None:
    assert difference(values(0.0, 0.0), values(0.0, 1e-4), 1e-5).rows == (1,)


def test_a_number_that_is_none_never_passes() -> None:
    assert difference(values(1.0, 2.0), values(1.0, np.nan), 1e-5).rows == (1,)


def test_another_label_never_passes_whatever_the_tolerance() -> None:
    shares = np.array([[0.5, 0.5]])
    found = difference(Answers(("a",), shares), Answers(("b",), shares), 1.0)
    assert not found.passed
    assert str(found) == "other labels in rows 0"


def test_the_largest_difference_of_any_probability_counts() -> None:
    ours = Answers(("a",), np.array([[0.7, 0.2, 0.1]]))
    theirs = Answers(("a",), np.array([[0.7, 0.1, 0.2]]))
    found = difference(ours, theirs, 0.01)
    assert found.rows == (0,)
    assert found.largest == pytest.approx(0.1)
    assert str(found) == "differences up to 1.0e-01 in rows 0"
