"""The errors that API Gateway itself answers with.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from infra.local.api_gateway.openapi import GatewayResponse


@dataclass(frozen=True)
class ErrorType:
    """`response_type` is what a GatewayResponse customises; `name` goes to x-amzn-ErrorType."""

    response_type: str
    status: int
    name: str
    message: str


_NOT_AUTHORIZED = "User is not authorized to access this resource"
_INTERNAL = "Internal server error"
_SERVER = "InternalServerErrorException"

UNAUTHORIZED = ErrorType("UNAUTHORIZED", 401, "UnauthorizedException", "Unauthorized")
FORBIDDEN = ErrorType("ACCESS_DENIED", 403, "ForbiddenException", "Forbidden")
INVALID_API_KEY = ErrorType("INVALID_API_KEY", 403, "ForbiddenException", "Forbidden")
ACCESS_DENIED = ErrorType("ACCESS_DENIED", 403, "AccessDeniedException", _NOT_AUTHORIZED)
EXPLICIT_DENY = replace(ACCESS_DENIED, message=f"{_NOT_AUTHORIZED} with an explicit deny")
MISSING_AUTHENTICATION_TOKEN = ErrorType(
    "MISSING_AUTHENTICATION_TOKEN",
    403,
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
)
REQUEST_TOO_LARGE = ErrorType(
    "REQUEST_TOO_LARGE", 413, "RequestTooLargeException", "Request Too Long"
)
THROTTLED = ErrorType("THROTTLED", 429, "TooManyRequestsException", "Too Many Requests")
QUOTA_EXCEEDED = ErrorType("QUOTA_EXCEEDED", 429, "LimitExceededException", "Limit Exceeded")
AUTHORIZER_FAILURE = ErrorType("AUTHORIZER_FAILURE", 500, "AuthorizerFailureException", _INTERNAL)
AUTHORIZER_CONFIGURATION_ERROR = ErrorType(
    "AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", _INTERNAL
)
CONFIGURATION_ERROR = ErrorType("API_CONFIGURATION_ERROR", 500, _SERVER, _INTERNAL)
BAD_PROXY_RESPONSE = ErrorType("DEFAULT_5XX", 502, _SERVER, _INTERNAL)
INTEGRATION_TIMEOUT = ErrorType("INTEGRATION_TIMEOUT", 504, _SERVER, "Endpoint request timed out")


class GatewayError(Exception):
    """API Gateway answers by itself. `detail` is for its log, never for the client."""

    def __init__(self, kind: ErrorType, detail: str = "") -> None:
        super().__init__(f"{kind.response_type}: {detail or kind.message}")
        self.kind = kind


Answer = tuple[int, dict[str, str], bytes]
_VARIABLE = re.compile(r"\$context\.([\w.]+)")


def render(
    kind: ErrorType,
    customised: Mapping[str, GatewayResponse],
    request_id: str,
    lookup: Callable[[str], str | None],
) -> Answer:
    """The error as the API's gateway responses want it.

    `lookup` gives the value of a mapping such as `method.request.header.Origin`, or None.
    """
    response = customised.get(kind.response_type) or customised.get(
        "DEFAULT_4XX" if kind.status < 500 else "DEFAULT_5XX", GatewayResponse()
    )
    headers = {"content-type": "application/json", "x-amzn-ErrorType": kind.name}
    body = json.dumps({"message": kind.message})
    for content_type, template in response.templates.items():
        headers["content-type"] = content_type
        body = _fill(template, kind, request_id)
        break
    for name, expression in response.headers.items():
        value = expression[1:-1] if expression.startswith("'") else lookup(expression)
        if value is not None:
            headers["content-type" if name.lower() == "content-type" else name] = value
    return response.status or kind.status, headers, body.encode()


def _fill(template: str, kind: ErrorType, request_id: str) -> str:
    values = {
        "error.message": kind.message,
        "error.messageString": json.dumps(kind.message),
        "error.responseType": kind.response_type,
        "requestId": request_id,
    }
    return _VARIABLE.sub(lambda variable: values[variable[1]], template)
