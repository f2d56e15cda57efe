"""Calendar days, as the model sees them."""

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from model_store.contract.features import Date, days_since_epoch


@given(day=st.dates())
def test_a_day_is_counted_as_numpy_counts_it(day: datetime.date) -> None:
    assert days_since_epoch(day.isoformat()) == np.datetime64(day, "D").astype(int)


@given(day=st.dates(), other=st.dates())
def test_days_lie_within_a_range_as_dates_do_and_not_as_their_texts_might(
    day: datetime.date, other: datetime.date
) -> None:
    """Texts of one form sort like the days themselves, from year 1 to 9999."""
    feature = Date(name="x", minimum=other.isoformat(), out_of_range="flag")
    value, flag = feature.read(day.isoformat())
    assert value == day.isoformat()
    assert (flag is None) is (day >= other)


@pytest.mark.parametrize("bound", ["2024-2-1", "20240201", "2024-W05-4", "2023-02-29", ""])
def test_a_bound_that_is_no_calendar_day_is_refused(bound: str) -> None:
    with pytest.raises(ValidationError):
        Date(name="x", minimum=bound)
