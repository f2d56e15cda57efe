"""What is imported late is imported quickly, and leaves no trace."""

import gc

import pytest
from pydantic import BaseModel

from functions.inference.late_import import without_delay


def test_schemas_are_built_when_they_are_first_used() -> None:
    with without_delay():

        class Late(BaseModel):
            number: int

    class Prompt(BaseModel):
        number: int

    assert (Late.__pydantic_complete__, Prompt.__pydantic_complete__) == (False, True)
    assert Late(number=1).number == 1
    assert Late.__pydantic_complete__


@pytest.mark.parametrize("collecting", [True, False])
def test_all_is_as_before_even_if_an_import_fails(collecting: bool) -> None:
    (gc.enable if collecting else gc.disable)()
    try:
        with pytest.raises(ImportError):
            _fail_to_import()
        assert gc.isenabled() is collecting
    finally:
        gc.enable()
    assert "defer_build" not in BaseModel.model_config


def _fail_to_import() -> None:
    with without_delay():
        assert not gc.isenabled()
        raise ImportError
