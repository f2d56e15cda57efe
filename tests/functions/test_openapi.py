"""The OpenAPI document."""

import json
import os
from pathlib import Path

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.functions.conftest import Deployment, Function
from tests.functions.models import accepted, contract

KEPT = Path(__file__).with_name("openapi.json")
KEPT_TWO = Path(__file__).with_name("openapi_two_contracts.json")


def test_threat_api9_a_change_of_the_public_api_is_seen_in_review(function: Function) -> None:
    """If you meant it: KEEP_OPENAPI=1 python -m pytest tests/functions/test_openapi.py"""
    document = function.get("/openapi.json").body
    if "KEEP_OPENAPI" in os.environ:
        KEPT.write_text(json.dumps(document, indent=2) + "\n")
    assert document == json.loads(KEPT.read_text())


def test_threat_api9_two_contracts_are_described_beside_each_other(deployment: Deployment) -> None:
    """Kept as above."""
    function = deployment.deploy(contract=contract("2.0"), accepts=(accepted(),))
    document = function.get("/openapi.json").body
    if "KEEP_OPENAPI" in os.environ:
        KEPT_TWO.write_text(json.dumps(document, indent=2) + "\n")
    assert document == json.loads(KEPT_TWO.read_text())
    validate(document)
    rows = document["components"]["schemas"]
    assert set(rows["Penguin"]["properties"]) == set(contract().names)
    assert set(rows["PenguinV1"]["properties"]) == {"code", "bill_length_mm", "flipper_cm", "year"}


def test_what_callers_of_the_older_contract_read_is_what_they_read_before(
    deployment: Deployment,
) -> None:
    """The same paths and schemas, but for their names."""
    before = deployment.deploy(contract=accepted().contract).get("/openapi.json").body
    function = deployment.deploy(contract=contract("2.0"), accepts=(accepted(),))
    after = json.dumps(function.get("/openapi.json").body)
    after = json.loads(after.replace("PredictionRequestV1", "Request1").replace("PenguinV1", "P1"))
    for path in ("/v1/predictions", "/v1/model"):
        old = json.dumps(before["paths"][path]).replace("PredictionRequest", "Request1")
        assert after["paths"][path] == json.loads(old)
    for old_name, new_name in (("Penguin", "P1"), ("ProblemDetails", "ProblemDetails")):
        old_schema, new_schema = (
            {**document["components"]["schemas"][name], "title": ""}
            for document, name in ((before, old_name), (after, new_name))
        )
        assert old_schema == new_schema


def test_openapi_is_valid_and_describes_rows_by_the_contract(function: Function) -> None:
    document = function.get("/openapi.json").body
    validate(document)
    schemas = document["components"]["schemas"]
    row = schemas[schemas["PredictionRequest"]["properties"]["instances"]["items"]["$ref"][21:]]
    assert row["properties"]["island"]["enum"] == ["Biscoe", "Dream", "Torgersen"]
    assert row["properties"]["bill_length_mm"]["x-unit"] == "mm"
    assert row["additionalProperties"] is False
    assert set(row["required"]) == {"island", "flipper_length_mm"}
    prediction = schemas["PredictionResponse"]["properties"]["predictions"]["items"]
    assert prediction["discriminator"]["propertyName"] == "decision"
    assert set(prediction["discriminator"]["mapping"]) == {"model", "fallback", "abstain"}


def test_the_example_in_openapi_is_answered_by_the_model(function: Function) -> None:
    document = function.get("/openapi.json").body
    (example,) = document["components"]["schemas"]["PredictionRequest"]["examples"]
    answer = function.post("/v1/predictions", example)
    assert answer.body["predictions"][0]["decision"] == "model"


def test_errors_are_documented_and_look_as_documented(function: Function) -> None:
    document = function.get("/openapi.json").body
    responses = document["paths"]["/v1/predictions"]["post"]["responses"]
    assert set(responses) == {"200", "400", "413", "415", "422", "500", "503"}
    assert set(responses["422"]["content"]) == {"application/problem+json"}
    schema = {"$ref": "#/components/schemas/ProblemDetails", "components": document["components"]}
    Draft202012Validator(schema).validate(function.predict({}).body)


def test_openapi_is_served_from_the_standby_while_there_is_no_model(
    deployment: Deployment,
) -> None:
    deployment.s3.objects.clear()
    document = deployment.function().get("/openapi.json").body
    assert "Penguin" in document["components"]["schemas"]
