"""Messages stay a line, however many rows and however long a value."""

from hypothesis import example, given
from hypothesis import strategies as st

from model_store.packaging.errors import SHOWN_ROWS, numbered, shortened


@given(rows=st.lists(st.integers(0, 10**6)))
@example(rows=list(range(SHOWN_ROWS)))
@example(rows=list(range(SHOWN_ROWS + 1)))
def test_the_first_rows_are_named_and_the_others_counted(rows: list[int]) -> None:
    text = numbered(rows)
    named, _, rest = text.removeprefix("rows ").partition(" and ")
    shown = [int(row) for row in named.split(", ") if row]
    more = int(rest.split()[0]) if rest else 0
    assert shown == rows[:SHOWN_ROWS]
    assert len(shown) + more == len(rows)


def test_rows_can_be_called_otherwise() -> None:
    assert numbered([3, 17], "row positions") == "row positions 3, 17"


@given(text=st.text(), longest=st.integers(1, 20))
def test_a_long_text_is_cut_and_says_so(text: str, longest: int) -> None:
    found = shortened(text, longest)
    assert found == text if len(text) <= longest else found == f"{text[:longest]}…"
