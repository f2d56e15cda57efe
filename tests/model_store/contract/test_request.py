"""The request model and its JSON Schema, made from the contract alone."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError, create_model

from model_store.contract import Code, Contract, normalise, request_model, violations_of


def schema_of(**rules: Any) -> dict[str, Any]:
    feature = {"name": "x", **rules}
    contract = Contract.model_validate({"name": "row", "version": "1.0", "features": [feature]})
    schema: dict[str, Any] = request_model(contract).model_json_schema()["properties"]["x"]
    return schema


def test_works_from_the_stored_contract_without_the_user_s_class(penguins: Contract):
    stored = Contract.model_validate_json(penguins.canonical())
    raw = {"island": " dream ", "bill_length_mm": 40}
    assert request_model(stored).model_validate(raw).row() == normalise(penguins, raw)


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
    assert request_model(contract).model_validate(raw).row().values == raw


def test_violations_of_a_body_that_nests_rows_carry_the_whole_path(penguins: Contract):
    """Fault row 16: the 422 names the field."""
    body: type[BaseModel] = create_model("Body", instances=(list[request_model(penguins)], ...))
    with pytest.raises(ValidationError) as refused:
        body.model_validate({"instances": [{"island": "Dream"}, {"islnd": "x", "sex": 3}, 5]})
    found = {v.pointer: v.code for v in violations_of(penguins, refused.value)}
    assert found == {
        "/instances/1/island": Code.MISSING,
        "/instances/1/sex": Code.WRONG_TYPE,
        "/instances/1/islnd": Code.UNKNOWN_FIELD,
        "/instances/2": Code.NOT_AN_OBJECT,
    }


def test_categories_with_braces_do_not_confuse_the_message():
    contract = Contract.model_validate(
        {
            "name": "row",
            "version": "1.0",
            "features": [{"kind": "category", "name": "x", "categories": ["{a}", "{}"]}],
        }
    )
    with pytest.raises(ValidationError) as refused:
        request_model(contract).model_validate({"x": "c"})
    (violation,) = violations_of(contract, refused.value)
    assert violation.message == "must be one of {a}, {}"
