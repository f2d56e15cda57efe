"""Whatever two contracts look like: "compatible" keeps its word, and nothing goes unsaid."""

from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from model_store.compatibility import Kind, Mode
from model_store.compatibility.change import worst
from model_store.compatibility.changes import contract_changes
from model_store.contract import Contract, InvalidRow, Row, default_tensors, encode, normalise

from .pairs import pairs, rows

relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))


def verdict(old: Contract, new: Contract, mode: Mode, *, strict: bool) -> Kind:
    return worst(*(change.kind(mode, strict=strict) for change in contract_changes(old, new)))


def read(contract: Contract, row: dict[str, Any]) -> Row | None:
    with suppress(InvalidRow):
        return normalise(contract, row)
    return None


def tensors(contract: Contract, row: Row, shared: set[str]) -> dict[str, Any]:
    specs = [spec for spec in default_tensors(contract) if spec.name in shared]
    return encode([row], specs)


def assert_read_alike(known: Contract, served: Contract, row: dict[str, Any]) -> Row:
    """Who knows the one contract sends a row to the other; it must mean the same there."""
    before = read(known, row)
    assume(before is not None)
    assert before is not None
    after = read(served, row)
    assert after is not None
    shared = set(known.names) & set(served.names)
    assert {n: before.values[n] for n in shared} == {n: after.values[n] for n in shared}
    old_tensors, new_tensors = tensors(known, before, shared), tensors(served, after, shared)
    for name in shared:
        np.testing.assert_array_equal(old_tensors[name], new_tensors[name])
    if not before.flags:
        assert [flag for flag in after.flags if flag.feature in shared] == []
    return before


def same_flags(known: Contract, served: Contract, row: dict[str, Any]) -> bool:
    shared = set(known.names) & set(served.names)
    before, after = normalise(known, row), normalise(served, row)
    return {f for f in before.flags if f.feature in shared} == {
        f for f in after.flags if f.feature in shared
    }


@relaxed
@given(pair=pairs(), data=st.data())
def test_backward_compatible_means_that_old_rows_are_valid_and_read_alike(
    pair: tuple[Contract, Contract], data: st.DataObject
) -> None:
    old, new = pair
    assume(verdict(old, new, Mode.BACKWARD, strict=True) is Kind.COMPATIBLE)
    row = data.draw(rows(old))
    assert_read_alike(old, new, row)
    assert same_flags(old, new, row)


@relaxed
@given(pair=pairs(), data=st.data())
def test_forward_compatible_means_that_new_rows_are_valid_and_read_alike_by_the_old(
    pair: tuple[Contract, Contract], data: st.DataObject
) -> None:
    old, new = pair
    assume(verdict(old, new, Mode.FORWARD, strict=True) is Kind.COMPATIBLE)
    row = data.draw(rows(new))
    assert_read_alike(new, old, row)
    assert same_flags(new, old, row)


@relaxed
@given(pair=pairs(), data=st.data())
def test_tolerance_touches_only_rows_that_were_flagged(
    pair: tuple[Contract, Contract], data: st.DataObject
) -> None:
    old, new = pair
    assume(verdict(old, new, Mode.BACKWARD, strict=False) is Kind.COMPATIBLE)
    row = data.draw(rows(old))
    before = read(old, row)
    assume(before is not None and not before.flags)
    assert_read_alike(old, new, row)


@relaxed
@given(pair=pairs())
def test_contracts_without_changes_are_the_same(pair: tuple[Contract, Contract]) -> None:
    old, new = pair
    assert (contract_changes(old, new) == ()) == (old == new)


@relaxed
@given(pair=pairs())
def test_forward_is_backward_the_other_way_around_and_full_is_the_worse(
    pair: tuple[Contract, Contract],
) -> None:
    old, new = pair
    backward, forward, full = (verdict(old, new, mode, strict=True) for mode in Mode)
    assert forward is verdict(new, old, Mode.BACKWARD, strict=True)
    assert full is worst(backward, forward)
