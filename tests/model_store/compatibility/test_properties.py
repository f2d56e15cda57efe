"""Whatever two contracts look like: "compatible" keeps its word, and nothing goes unsaid."""

from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_store.compatibility import Kind, Mode
from model_store.compatibility.change import worst
from model_store.compatibility.changes import contract_changes
from model_store.contract import Contract, InvalidRow, Row, default_tensors, encode, normalise

from .pairs import VALUES, Pair, one_feature, row, whole

relaxed = settings(suppress_health_check=list(HealthCheck))
thorough = settings(relaxed, max_examples=500)


def verdict(old: Contract, new: Contract, mode: Mode, *, strict: bool = True) -> Kind:
    return worst(*(change.kind(mode, strict=strict) for change in contract_changes(old, new)))


def both_ways(pair: Pair) -> list[tuple[Mode, Contract, Contract]]:
    """The mode, the contract that a caller knows, and the one that serves."""
    old, new = pair
    return [(Mode.BACKWARD, old, new), (Mode.FORWARD, new, old)]


def read(contract: Contract, sent: dict[str, Any]) -> Row | None:
    with suppress(InvalidRow):
        return normalise(contract, sent)
    return None


def assert_means_the_same(known: Contract, served: Contract, sent: dict[str, Any]) -> None:
    """A row that is valid where it was written for is valid here, and reaches the model alike."""
    before = read(known, sent)
    if before is None:
        return
    after = read(served, sent)
    assert after is not None, sent
    shared = set(known.names) & set(served.names)
    assert _part(before.values, shared) == _part(after.values, shared)
    assert {f for f in before.flags if f.feature in shared} == {
        f for f in after.flags if f.feature in shared
    }
    old_tensors, new_tensors = _tensors(known, before, shared), _tensors(served, after, shared)
    for name in shared:
        np.testing.assert_array_equal(old_tensors[name], new_tensors[name])


def _part(values: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _tensors(contract: Contract, read: Row, names: set[str]) -> dict[str, Any]:
    return encode([read], [spec for spec in default_tensors(contract) if spec.name in names])


@thorough
@given(pair=one_feature())
def test_the_verdict_on_a_feature_holds_for_every_value(pair: Pair) -> None:
    """Backward for callers of the old contract, forward for those of the new one.

    Compatible: what was valid is valid, with the same value, flag and tensor. Silent: it is
    valid. An addition that is tolerated changes nothing but values that were flagged.
    """
    for mode, known, served in both_ways(pair):
        strict, tolerant = verdict(*pair, mode), verdict(*pair, mode, strict=False)
        for sent in ({}, *({"x": value} for value in VALUES)):
            before = read(known, sent)
            if strict is Kind.COMPATIBLE:
                assert_means_the_same(known, served, sent)
            elif mode is Mode.BACKWARD and tolerant is Kind.COMPATIBLE:
                if before and not before.flags:
                    assert_means_the_same(known, served, sent)
            elif strict is Kind.SILENT and before:
                assert read(served, sent) is not None


@relaxed
@given(pair=whole(), data=st.data())
def test_compatible_means_that_every_row_is_valid_and_reaches_the_model_alike(
    pair: Pair, data: st.DataObject
) -> None:
    for mode, known, served in both_ways(pair):
        if verdict(*pair, mode) is Kind.COMPATIBLE:
            for _ in range(5):
                assert_means_the_same(known, served, data.draw(row(known)))


@relaxed
@given(pair=whole() | one_feature())
def test_contracts_without_changes_are_the_same(pair: Pair) -> None:
    old, new = pair
    assert (contract_changes(old, new) == ()) == (old == new)


@relaxed
@given(pair=whole() | one_feature())
def test_forward_is_backward_the_other_way_around_and_full_is_the_worse(pair: Pair) -> None:
    old, new = pair
    backward, forward, full = (verdict(old, new, mode) for mode in Mode)
    assert forward is verdict(new, old, Mode.BACKWARD)
    assert full is worst(backward, forward)
