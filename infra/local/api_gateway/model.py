"""A REST API as its deployment froze it."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

MAX_TIMEOUT_S = 29.0
ANY = "ANY"
_PARAMETER = re.compile(r"\{(?P<name>[\w.-]+)(?P<greedy>\+?)\}")


@dataclass(frozen=True)
class LambdaProxy:
    """Hand the request to a function; `function` is its ARN, usually with an alias."""

    function: str
    timeout_s: float = MAX_TIMEOUT_S


@dataclass(frozen=True)
class Method:
    integration: LambdaProxy
    api_key_required: bool = False
    authorizer: str | None = None


@dataclass(frozen=True)
class Resource:
    """One path of the API: `methods` by HTTP method, or ANY."""

    path: str
    methods: dict[str, Method]

    def method(self, http_method: str) -> Method | None:
        return self.methods.get(http_method) or self.methods.get(ANY)

    @cached_property
    def rank(self) -> list[int]:
        """Smaller is more specific: literal before `{parameter}` before `{proxy+}`."""
        found = [_PARAMETER.fullmatch(segment) for segment in self.path.split("/")]
        return [0 if part is None else 2 if part["greedy"] else 1 for part in found]

    def parameters(self, path: str) -> dict[str, str] | None:
        """The decoded path parameters, or None when the path is another's."""
        names = [parameter["name"] for parameter in _PARAMETER.finditer(self.path)]
        found = self._pattern.fullmatch(path)
        return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        segments = (
            re.escape(segment) if part is None else "(.+)" if part["greedy"] else "([^/]+)"
            for segment in self.path.split("/")
            for part in [_PARAMETER.fullmatch(segment)]
        )
        return re.compile("/".join(segments))


@dataclass(frozen=True)
class Authorizer:
    """A Lambda authorizer that is given the value of one `header`."""

    name: str
    function: str
    header: str
    ttl_s: float


@dataclass(frozen=True)
class GatewayResponse:
    """How errors of one type look: what of the default is replaced."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RestApi:
    """`api_key_source` is HEADER, AUTHORIZER or None (the body does not say)."""

    resources: tuple[Resource, ...]
    authorizers: dict[str, Authorizer]
    gateway_responses: dict[str, GatewayResponse]
    binary_media_types: tuple[str, ...]
    api_key_source: str | None

    def route(self, path: str) -> tuple[Resource, dict[str, str]] | None:
        """The most specific resource of a percent-encoded path, and its path parameters."""
        sent = "/" + "/".join(filter(None, path.split("/")))
        for resource in sorted(self.resources, key=lambda resource: resource.rank):
            parameters = resource.parameters(sent)
            if parameters is not None:
                return resource, parameters
        return None


@dataclass(frozen=True)
class Stage:
    """A stage and the API that its deployment froze. `api_name` is what metrics call it."""

    region: str
    account: str
    api_id: str
    api_name: str
    name: str
    deployment_id: str
    variables: dict[str, str]
    api: RestApi
    api_key_source: str
    throttles: dict[str, dict[str, str]]
    access_log_arn: str | None = None
    access_log_format: str | None = None

    @property
    def arn(self) -> str:
        """Of the API, as its callers and permissions name it."""
        return f"arn:aws:execute-api:{self.region}:{self.account}:{self.api_id}"
