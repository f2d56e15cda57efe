"""A REST API as its deployment froze it."""

from dataclasses import dataclass, field
from typing import Literal

MAX_TIMEOUT_S = 29.0
ANY = "ANY"


@dataclass(frozen=True)
class LambdaProxy:
    """Hand the request to a function; `function` is its ARN, usually with an alias."""

    function: str
    timeout_s: float = MAX_TIMEOUT_S


@dataclass(frozen=True)
class Mock:
    """Answer without a backend."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Method:
    integration: LambdaProxy | Mock
    api_key_required: bool = False
    authorizer: str | None = None


@dataclass(frozen=True)
class Resource:
    """One path of the API: `methods` by HTTP method, or ANY."""

    path: str
    methods: dict[str, Method]

    @property
    def segments(self) -> list[str]:
        return [segment for segment in self.path.split("/") if segment]

    def method(self, http_method: str) -> Method | None:
        return self.methods.get(http_method) or self.methods.get(ANY)


@dataclass(frozen=True)
class Authorizer:
    """A Lambda authorizer. `identity_sources` as API Gateway spells them."""

    name: str
    kind: Literal["TOKEN", "REQUEST"]
    function: str
    identity_sources: tuple[str, ...]
    ttl_s: float
    validation: str | None = None


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
    access_log_arn: str | None = None
    access_log_format: str | None = None

    @property
    def arn(self) -> str:
        """Of the API, as its callers and permissions name it."""
        return f"arn:aws:execute-api:{self.region}:{self.account}:{self.api_id}"
