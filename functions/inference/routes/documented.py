"""Says in OpenAPI what a route answers; the schemas themselves are built when asked for."""

from typing import Any

from functions.inference.problems import MEDIA_TYPE


def answers(
    schema: str,
    *problems: int,
    body: str | None = None,
    parameters: tuple[str, ...] = (),
) -> dict[str, Any]:
    """`openapi_extra` of a route: names of component schemas, and the statuses it refuses with."""
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
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in parameters
        ]
    return operation


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
