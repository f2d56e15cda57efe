"""The request model and its JSON Schema, made from the contract alone."""

from typing import Any

import pytest
from pydantic import ValidationError

from model_store.contract import Contract, normalise, request_model


def schema_of(**rules: Any) -> dict[str, Any]:
    feature = {"name": "x", **rules}
    contract = Contract.model_validate({"name": "row", "version": "1.0", "features": [feature]})
    schema: dict[str, Any] = request_model(contract).model_json_schema()["properties"]["x"]
    return schema


def test_works_from_the_stored_contract_without_the_user_s_class(penguins: Contract):
    stored = Contract.model_validate_json(penguins.canonical())
    raw = {"island": " dream ", "bill_length_mm": 40}
    sent = request_model(stored).model_validate(raw)
    assert sent.model_dump(by_alias=True) == normalise(penguins, raw).values


def test_the_schema_tells_names_requirements_and_strictness(penguins: Contract):
    schema = request_model(penguins).model_json_schema()
    assert (schema["title"], schema["description"]) == (
        "Penguin",
        "Measurements of one penguin.",
    )
    assert list(schema["properties"]) == ["island", "bill_length_mm", "sex"]
    assert schema["required"] == ["island"]
    assert schema["additionalProperties"] is False


def test_an_enforced_range_is_in_the_schema_and_a_flagged_one_is_only_documented():
    strict = schema_of(kind="number", minimum=1, maximum=2, exclusive_maximum=True, unit="mm")
    assert (strict["minimum"], strict["exclusiveMaximum"], strict["x-unit"]) == (1, 2, "mm")
    assert "maximum" not in strict
    flagged = schema_of(kind="number", minimum=1, maximum=2, out_of_range="flag")
    assert flagged["x-expected-minimum"] == 1
    assert flagged["minimum"] < -1e38
    assert "at least 1 and at most 2" in flagged["description"]


def test_known_categories_are_an_enum_only_when_others_are_refused():
    closed = schema_of(kind="category", categories=["a", "b"], missing={"policy": "allow"})
    assert closed["enum"] == ["a", "b", None]
    assert closed["type"] == ["string", "null"]
    assert "case and surrounding spaces are ignored" in closed["description"]
    open_ = schema_of(kind="category", categories=["a", "b"], unseen="flag")
    assert "enum" not in open_
    assert open_["x-categories"] == ["a", "b"]


def test_a_default_is_documented():
    schema = schema_of(kind="integer", missing={"policy": "default", "value": 3})
    assert (schema["default"], schema["type"]) == (3, ["integer", "null"])


def test_a_feature_may_have_a_name_that_no_pydantic_field_may_have():
    names = ["_x", "json", "model_config", "copy"]
    contract = Contract.model_validate(
        {
            "name": "odd",
            "version": "1.0",
            "features": [{"kind": "number", "name": name} for name in names],
        }
    )
    raw = dict.fromkeys(names, 1.0)
    assert request_model(contract).model_validate(raw).model_dump(by_alias=True) == raw


def test_categories_with_braces_do_not_confuse_the_message():
    contract = Contract.model_validate(
        {
            "name": "row",
            "version": "1.0",
            "features": [{"kind": "category", "name": "x", "categories": ["{a}", "{}"]}],
        }
    )
    with pytest.raises(ValidationError, match=r"must be one of \{a\}, \{\}"):
        request_model(contract).model_validate({"x": "c"})
