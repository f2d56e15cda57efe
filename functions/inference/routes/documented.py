"""Says in OpenAPI what a route answers; the schemas themselves are built when asked for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from functions.inference.problems import MEDIA_TYPE

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
    operation: dict[str, Any] = {
        "responses": {
            "200": {"description": "OK", "content": {"application/json": _schema(schema)}},
            **{
                str(status): {
                    "description": _DESCRIPTIONS[status],
                    "content": {MEDIA_TYPE: _schema("ProblemDetails")},
                }
                for status in (*problems, 500)
            },
        },
        # The stage may ask for a key; the function does not know.
        "security": [{}, {"api_key": []}],
    }
    if body:
        content = {"application/json": _schema(body)}
        operation["requestBody"] = {"required": True, "content": content}
    if parameters:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": _only(value)}
            for name, value in parameters.items()
        ]
    return operation


def _only(value: str) -> dict[str, Any]:
    return {"type": "string", "enum": [value]}


def _schema(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


_DESCRIPTIONS = {
    400: "The body cannot be read",
    404: "Not the model of this function",
    413: "Too large, or too many rows",
    415: "Not JSON",
    422: "Breaks the contract; `errors` names the fields",
    500: "A bug",
    503: "Neither model nor fallback can answer; see Retry-After",
}
