"""Whatever two contracts look like: what is proven about rows of the older one holds."""

from fractions import Fraction
from math import isclose
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from model_store.contract import (
    Contract,
    Fixed,
    InvalidRow,
    Mapped,
    Renamed,
    Scaled,
    Upcast,
    UpcastRefused,
    check_accepts,
    default_tensors,
    encode,
    normalise,
    upcast,
)
from model_store.contract.features.numeric import LARGEST_INTEGER, LARGEST_NUMBER

from .pairs import pairs, rows

thorough = settings(suppress_health_check=list(HealthCheck), max_examples=400)


def is_proven(accepted: Upcast, newer: Contract) -> bool:
    try:
        check_accepts(newer, [accepted])
    except UpcastRefused:
        return False
    return True


@thorough
@given(pair=pairs(), data=st.data())
def test_what_was_valid_is_valid_and_reaches_the_model_with_the_declared_meaning(
    pair: tuple[Upcast, Contract], data: st.DataObject
) -> None:
    """Fault row 33: no row of an older caller is refused because the contract is newer."""
    accepted, newer = pair
    proven = is_proven(accepted, newer)
    event(f"{type(accepted.features['other']).__name__} {'proven' if proven else 'refused'}")
    assume(proven)
    for _ in range(6):
        sent = data.draw(rows(accepted.contract))
        try:
            row = normalise(accepted.contract, sent)
        except InvalidRow:
            continue
        read = upcast(row, accepted, newer)
        assert normalise(newer, read.values).values == read.values, "the newer contract takes it"
        assert_means(accepted, newer, row.values["x"], read.values["other"])
        assert read.values["y"] == row.values["y"]
        tensors = encode([read], default_tensors(newer))
        assert not any(np.isinf(t).any() for t in tensors.values() if t.dtype != object)
        assert {flag.feature for flag in read.flags} <= {*accepted.contract.names, "other"}


def assert_means(accepted: Upcast, newer: Contract, sent: Any, got: Any) -> None:
    source, feature = accepted.features["other"], newer.by_name["other"]
    match source:
        case Fixed(value=value):
            expected = feature.read(value)[0]
        case Mapped(categories=categories) if sent is not None:
            expected = feature.read(categories.get(sent, sent))[0]
        case Scaled() if sent is not None:
            assert_scaled(source, feature.kind, sent, got)
            return
        case Renamed() | Mapped() | Scaled():
            expected = feature.read(sent)[0]
    assert got == expected


def assert_scaled(source: Scaled, kind: str, sent: Any, got: Any) -> None:
    """Exact arithmetic says what it should be, up to what a tensor holds."""
    largest = LARGEST_INTEGER if kind == "integer" else LARGEST_NUMBER
    exact = Fraction(sent) * Fraction(source.scale) + Fraction(source.offset)
    expected = float(max(-Fraction(largest), min(Fraction(largest), exact)))
    assert isclose(got, expected, rel_tol=1e-12, abs_tol=1e-12 + abs(source.offset) * 1e-12)


def test_enough_of_what_is_drawn_can_be_proven() -> None:
    """Else the property above would hold because nothing is tried."""
    found: dict[tuple[str, bool], int] = {}

    @settings(database=None, derandomize=True, max_examples=400)
    @given(pair=pairs())
    def count(pair: tuple[Upcast, Contract]) -> None:
        key = type(pair[0].features["other"]).__name__, is_proven(*pair)
        found[key] = found.get(key, 0) + 1

    count()
    for source in ("Renamed", "Scaled", "Mapped", "Fixed"):
        assert min(found.get((source, True), 0), found.get((source, False), 0)) >= 5, found


@pytest.mark.parametrize("value", [0.1, 1.5, 35.0, 70.0])
def test_a_converted_number_is_the_one_that_people_would_write(value: float) -> None:
    feature = {"kind": "number", "name": "cm", "maximum": 7}
    newer = Contract.model_validate({"name": "row", "version": "2.0", "features": [feature]})
    converted = Scaled(was="mm", scale=0.1).convert(value, newer.features[0])
    assert converted == float(f"{value / 10:.15g}")
    assert converted <= 7
