"""The API as a whole: its routes, its model card, its health, and what schemathesis makes of it."""

import pytest
import schemathesis
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from functions.inference.app import create_api
from functions.inference.settings import Limits
from tests.functions.conftest import PENGUIN, Deployment, Function
from tests.functions.models import accepted, contract

FEATURES = (*contract().features, *accepted().contract.features)
CATEGORIES = {name for f in FEATURES if f.kind == "category" for name in f.categories}
ROUTES = {
    "GET /docs",
    "GET /health/live",
    "GET /health/ready",
    "GET /openapi.json",
    "GET /v{major}/model",
    "GET /v2",
    "GET /v2/health/live",
    "GET /v2/health/ready",
    "GET /v2/models/{name}",
    "GET /v2/models/{name}/ready",
    "GET /v2/models/{name}/versions/{version}",
    "GET /v2/models/{name}/versions/{version}/ready",
    "POST /v{major}/predictions",
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
    assert card["fallbacks"] == ["constant"]
    assert [feature["name"] for feature in card["features"]] == list(PENGUIN)
    assert card["provenance"]["opset"] == {"": 17}


def test_health_is_live_and_ready_once_the_model_is_loaded(function: Function) -> None:
    assert function.get("/health/live").body["status"] == "live"
    assert function.get("/health/ready").body["status"] == "ready"


def test_threat_api5_nothing_else_is_served(deployment: Deployment) -> None:
    service, _ = deployment.service()
    app = create_api(service)
    found = {
        f"{method} {context.path}"
        for context in iter_route_contexts(app.routes)
        for method in context.methods
    }
    assert found == ROUTES
    # Of all majors, those that the contract has are served.
    function = deployment.function()
    assert function.get("/v1/model").status == 200
    assert {function.get(f"/v{major}/model").status for major in (0, 2, 9, "01", "x")} == {404}


def test_threat_api9_every_route_is_documented(function: Function) -> None:
    document = function.get("/openapi.json").body
    documented = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    }
    served = {route.replace("{major}", "1") for route in ROUTES}
    assert documented == served - {"GET /docs", "GET /openapi.json"}


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


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_threat_api3_nor_at_an_older_contract(
    deployment: Deployment, mode: schemathesis.GenerationMode
) -> None:
    """Fault row 33."""
    deployment.deploy(contract=contract("2.0"), accepts=(accepted(),))
    served = schemathesis.openapi.from_asgi("/openapi.json", deployment.app())
    (result,) = served.include(path="/v1/predictions").get_all_operations()
    examine(result.ok(), mode, [])


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
        lenient = [negative_data_rejection] if is_lenient(case.body) else []
        case.call_and_validate(excluded_checks=[*excluded, *lenient])

    check()


def is_lenient(body: object) -> bool:
    """What is accepted on purpose though JSON Schema cannot say so: a partial batch, and a
    category in another spelling or left empty. And what is refused by a status that
    schemathesis takes for an answer: 413, of too many rows."""
    if not isinstance(body, dict):
        return False
    options, rows = body.get("options"), body.get("instances")
    partial = isinstance(options, dict) and options.get("partial") is True
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    texts = [value for row in found for value in row.values() if isinstance(value, str)]
    too_many = isinstance(rows, list) and len(rows) > Limits().rows
    return partial or too_many or any(spelled_otherwise(text) for text in texts)


def spelled_otherwise(text: str) -> bool:
    known = {"", *(category.casefold() for category in CATEGORIES)}
    return text not in CATEGORIES and text.strip().casefold() in known
