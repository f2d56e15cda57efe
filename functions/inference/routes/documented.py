"""Says in OpenAPI what a route answers; the schemas themselves are built when asked for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from functions.inference.problems import PROBLEM_JSON

NONE: Mapping[str, str] = MappingProxyType({})


def answers(
    schema: str,
    *problems: int,
    body: str | None = None,
    parameters: Mapping[str, str] = NONE,
) -> dict[str, Any]:
    """`openapi_extra` of a route: names of component schemas, and the statuses it refuses with.

    parameters: of the path, each with the one value that is served.
    """
    refusals = {str(status): _refusal(status) for status in (*problems, 500)}
    operation: dict[str, Any] = {
        "responses": {"200": {"description": "OK", **_content(schema)}, **refusals},
        # The stage may ask for a key; the function does not know.
        "security": [{}, {"api_key": []}],
    }
    if body:
        operation["requestBody"] = {"required": True, **_content(body)}
    if parameters:
        operation["parameters"] = [_only(name, value) for name, value in parameters.items()]
    return operation


def _refusal(status: int) -> dict[str, Any]:
    return {"description": _DESCRIPTIONS[status], **_content("ProblemDetails", PROBLEM_JSON)}


def _only(name: str, value: str) -> dict[str, Any]:
    schema = {"type": "string", "enum": [value]}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _content(schema: str, media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


_DESCRIPTIONS = {
    400: "The body cannot be read",
    404: "Not the model of this function",
    413: "Too large, or too many rows",
    415: "Not JSON",
    422: "Breaks the contract; `errors` names the fields",
    500: "A bug",
    503: "Neither model nor fallback can answer; see Retry-After",
}
