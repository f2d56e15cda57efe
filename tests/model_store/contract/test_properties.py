"""What holds for every contract and every row, found by Hypothesis."""

from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from model_store.contract import (
    Code,
    Contract,
    InvalidRow,
    Row,
    default_tensors,
    encode,
    normalise,
    request_model,
)

CANARY = "canary7f3a"
relaxed = settings(suppress_health_check=list(HealthCheck))


def _read(contract: Contract, row: object) -> Row | frozenset[tuple[str, Code]]:
    try:
        return normalise(contract, row)
    except InvalidRow as refused:
        return frozenset((v.pointer, v.code) for v in refused.violations)


@relaxed
@given(st.data())
def test_normalising_twice_changes_nothing(contracts_with_rows, data: st.DataObject):
    contract, raw = data.draw(contracts_with_rows)
    with suppress(InvalidRow):
        row = normalise(contract, raw)
        assert normalise(contract, row.values) == row


@relaxed
@given(st.data())
def test_a_contract_survives_json_with_its_digest(contracts, data: st.DataObject):
    contract = data.draw(contracts)
    again = Contract.model_validate_json(contract.canonical())
    assert again == contract
    assert again.digest == contract.digest


@relaxed
@given(st.data())
def test_any_json_gives_a_row_or_an_invalid_row(contracts, json_values, data: st.DataObject):
    """Fault rows 16 and 17: garbage is refused, never a crash."""
    contract = data.draw(contracts)
    garbage = data.draw(json_values | st.dictionaries(st.sampled_from(contract.names), json_values))
    assert isinstance(_read(contract, garbage), Row | frozenset)


@relaxed
@given(st.data())
def test_the_request_model_accepts_what_normalise_accepts(contracts_with_rows, data: st.DataObject):
    """Fault row 22: one set of rules, whichever way a row comes in."""
    contract, raw = data.draw(contracts_with_rows)
    expected = _read(contract, raw)
    try:
        found: object = request_model(contract).model_validate(raw).model_dump(by_alias=True)
    except ValidationError:
        found = None
    assert found == (expected.values if isinstance(expected, Row) else None)


@relaxed
@given(st.data())
def test_tensors_have_the_declared_shape_and_type(contracts_with_rows, data: st.DataObject):
    contract, raw = data.draw(contracts_with_rows)
    with suppress(InvalidRow):
        row = normalise(contract, raw)
        specs = default_tensors(contract)
        for count in (0, 1, 3):
            tensors = encode([row] * count, specs)
            for spec in specs:
                expected = object if spec.dtype == "string" else np.dtype(spec.dtype)
                assert tensors[spec.name].shape == (count, 1)
                assert tensors[spec.name].dtype == expected


@relaxed
@given(st.data())
def test_what_was_sent_never_shows_up_in_a_message(contracts, data: st.DataObject):
    """Threat "Personal data in logs", fault row 16."""
    contract = data.draw(contracts)
    sent: dict[str, Any] = {
        name: data.draw(
            st.sampled_from([CANARY, [CANARY], {CANARY: CANARY}, f"{CANARY}\ud800", CANARY * 200])
        )
        for name in contract.names
    }
    assert CANARY not in _told_by_normalise(contract, sent)
    assert CANARY not in _told_by_pydantic(contract, sent)


def _told_by_normalise(contract: Contract, sent: dict[str, Any]) -> str:
    try:
        normalise(contract, sent)
    except InvalidRow as refused:
        return f"{refused} {refused!r} {refused.violations}"
    return ""


def _told_by_pydantic(contract: Contract, sent: dict[str, Any]) -> str:
    try:
        request_model(contract).model_validate(sent)
    except ValidationError as error:
        return f"{error} {error!r}"
    return ""
