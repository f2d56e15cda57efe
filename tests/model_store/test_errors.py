"""Every error of Lambent says where, what, and the next step."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_store import errors
from model_store.errors import LambentError, ModelFailed


@pytest.mark.parametrize(
    ("what", "next_step"),
    [("is missing", "Add it"), ("is missing.", "Add it."), ("is missing...", "Add it")],
)
def test_an_error_is_one_line_of_three_parts(what: str, next_step: str) -> None:
    assert str(LambentError("model.py:3", what, next_step)) == "model.py:3: is missing. Add it."


@given(parts=st.tuples(st.text(), st.text(), st.text()))
def test_the_parts_can_be_read_one_by_one(parts: tuple[str, str, str]) -> None:
    error = ModelFailed(*parts)
    assert (error.where, error.what, error.next_step) == parts


@pytest.mark.parametrize("travel", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_survives_the_way_to_another_process(travel) -> None:
    found = travel(ModelFailed("model", "failed", "Roll back"))
    assert (type(found), str(found)) == (ModelFailed, "model: failed. Roll back.")


def test_whoever_catches_the_base_catches_all() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) > 5
    assert all(issubclass(kind, LambentError) for kind in kinds)
