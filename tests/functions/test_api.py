"""The API around predictions: model card, health, OpenAPI, the page that shows it."""

import re

import pytest
import schemathesis
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import positive_data_acceptance

from functions.inference.app import create_api
from tests.functions.conftest import PENGUIN, Deployment, Function

ROUTES = {
    "GET /docs",
    "GET /health/live",
    "GET /health/ready",
    "GET /openapi.json",
    "GET /v1/model",
    "GET /v2",
    "GET /v2/health/live",
    "GET /v2/health/ready",
    "GET /v2/models/{name}",
    "GET /v2/models/{name}/ready",
    "GET /v2/models/{name}/versions/{version}",
    "GET /v2/models/{name}/versions/{version}/ready",
    "POST /v1/predictions",
    "POST /v2/models/{name}/infer",
    "POST /v2/models/{name}/versions/{version}/infer",
}


def test_the_model_card_says_what_the_model_is_and_how_good(
    function: Function, deployment: Deployment
) -> None:
    card = function.get("/v1/model").body
    assert card["model"]["digest"] == deployment.published.digest
    assert (card["task"], card["labels"]) == ("multiclass", ["Adelie", "Chinstrap", "Gentoo"])
    assert card["metrics"] == {"accuracy": 0.97}
    assert card["parity"]["status"] == "passed"
    assert card["fallback"] == {"kind": "constant", "value": "Adelie", "note": "the most common"}
    assert [feature["name"] for feature in card["features"]] == list(PENGUIN)
    assert card["provenance"]["opset"] == {"": 17}


def test_health_is_live_and_ready_once_the_model_is_loaded(function: Function) -> None:
    assert function.get("/health/live").body["status"] == "live"
    assert function.get("/health/ready").body["status"] == "ready"


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
    assert set(prediction["discriminator"]["mapping"]) == {"model", "fallback"}


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


def test_docs_find_openapi_under_any_stage(function: Function) -> None:
    """A relative address: right at /live/docs and at /_aws/execute-api/x/live/docs alike."""
    answer = function.get("/docs")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "url: 'openapi.json'" in answer.text
    assert function.get("/openapi.json").body["servers"] == [{"url": "./"}]


def test_threat_api8_docs_run_only_what_their_policy_names(function: Function) -> None:
    answer = function.get("/docs")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    scripts = re.search(r"script-src ([^;]+)", policy).group(1)
    assert "unsafe" not in scripts
    for source in re.findall(r'<script src="([^"]+)"', answer.text):
        assert any(source.startswith(allowed) for allowed in scripts.split())


def test_threat_api5_nothing_else_is_served(deployment: Deployment) -> None:
    service, _ = deployment.service()
    app = create_api(service)
    found = {
        f"{method} {context.path}"
        for context in iter_route_contexts(app.routes)
        for method in context.methods
    }
    assert found == ROUTES


def test_threat_api9_every_route_is_documented(function: Function) -> None:
    document = function.get("/openapi.json").body
    documented = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    }
    assert documented == ROUTES - {"GET /docs", "GET /openapi.json"}


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_threat_api3_schemathesis_finds_nothing(
    deployment: Deployment, mode: schemathesis.GenerationMode
) -> None:
    """Good and bad requests made from the schema; the contract refuses what it does not know."""
    served = schemathesis.openapi.from_asgi("/openapi.json", deployment.app())
    tried = set()
    for result in served.get_all_operations():
        operation = result.ok()
        if mode.is_negative and not (operation.body or operation.path_parameters):
            continue  # without anything to send there is nothing to get wrong
        tried.add(operation.path)
        # JSON Schema cannot say that all tensors have the same length.
        excluded = [positive_data_acceptance] if "/infer" in operation.path else []
        examine(operation, mode, excluded)
    assert {"/v1/predictions", "/v2/models/{name}/infer"} <= tried


def examine(
    operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode, excluded: list
) -> None:
    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(excluded_checks=excluded)

    check()
