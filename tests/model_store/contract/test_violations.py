"""Where a row breaks the contract, told as JSON pointers."""

from hypothesis import given
from hypothesis import strategies as st

from model_store.contract import Code, InvalidRow, Violation

PARTS = st.text(max_size=5) | st.text("~/01", max_size=5) | st.integers(0, 99)


def followed(pointer: str) -> list[str]:
    """RFC 6901, section 4."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


@given(path=st.lists(PARTS).map(tuple))
def test_a_pointer_leads_back_to_its_path(path: tuple[str | int, ...]) -> None:
    pointer = Violation(path, Code.MISSING, "is required").pointer
    assert followed(pointer) == [str(part) for part in path]


def test_a_violation_can_be_put_under_a_place_of_the_request() -> None:
    found = Violation(("sex",), Code.MISSING, "is required")
    assert found.under("instances", 3).pointer == "/instances/3/sex"
    assert found.under("instances", 3).message == found.message
    assert found.pointer == "/sex"


def test_an_invalid_row_tells_all_that_is_wrong_with_it() -> None:
    whole = Violation((), Code.NOT_AN_OBJECT, "must be a JSON object")
    error = InvalidRow("penguin", [whole, Violation(("sex",), Code.MISSING, "is required")])
    assert error.where == "contract penguin"
    assert error.what == "row must be a JSON object; /sex is required"
    assert len(error.violations) == 2
