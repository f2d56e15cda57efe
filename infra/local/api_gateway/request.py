"""One HTTP request, as the parts of the gateway look at it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from infra.local.api_gateway.model import Method, Resource, Stage


@dataclass
class Request:
    """`path` is what follows the stage, percent-encoded; `client_path` is the whole of it.

    Header names are Title-Cased: ASGI does not keep the spelling.
    `authorizer` and `api_key` (its id and value) are filled in on the way.
    """

    stage: Stage
    http_method: str
    path: str
    client_path: str
    headers: list[tuple[str, str]]
    query: list[tuple[str, str]]
    body: bytes
    source_ip: str
    protocol: str
    request_id: str
    extended_request_id: str
    trace_id: str
    at: float
    resource: Resource
    method: Method
    path_parameters: dict[str, str]
    authorizer: dict[str, Any] | None = None
    api_key: tuple[str, str] | None = None

    def header(self, name: str) -> str | None:
        return _last(self.headers, name.lower(), str.lower)

    def query_value(self, name: str) -> str | None:
        return _last(self.query, name, str)

    @property
    def method_arn(self) -> str:
        stage = self.stage
        return f"{stage.arn}/{stage.name}/{self.http_method}/{self.path.strip('/')}"

    def lookup(self, expression: str) -> str | None:
        """The value of `method.request.header.X`, `…querystring.X`, `stageVariables.X`,
        `context.X`."""
        source, _, name = expression.partition(".")
        if source == "stageVariables":
            return self.stage.variables.get(name)
        if source == "context":
            return self._context(name)
        kind, _, key = name.removeprefix("request.").partition(".")
        return self.header(key) if kind == "header" else self.query_value(key)

    def _context(self, name: str) -> str | None:
        return {
            "apiId": self.stage.api_id,
            "httpMethod": self.http_method,
            "identity.sourceIp": self.source_ip,
            "identity.userAgent": self.header("User-Agent"),
            "path": self.client_path,
            "requestId": self.request_id,
            "resourcePath": self.resource.path,
            "stage": self.stage.name,
        }.get(name)


def parse_query(raw: bytes) -> list[tuple[str, str]]:
    return parse_qsl(raw.decode("latin-1"), keep_blank_values=True)


def _last(pairs: list[tuple[str, str]], wanted: str, fold: Any) -> str | None:
    found = [value for name, value in pairs if fold(name) == wanted]
    return found[-1] if found else None
