"""The Lambda proxy event of a request, payload format 1.0, and the REQUEST authorizer's."""

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from infra.local.api_gateway import media_types
from infra.local.api_gateway.request import Request


def proxy_event(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html"""
    body, is_base64 = _body(request)
    return {**_common(request), "body": body, "isBase64Encoded": is_base64}


def authorizer_event(request: Request, arn: str) -> dict[str, Any]:
    """What a REQUEST authorizer is given."""
    return {"type": "REQUEST", "methodArn": arn, **_common(request)}


def _common(request: Request) -> dict[str, Any]:
    return {
        "resource": request.resource.path,
        "path": request.path,
        "httpMethod": request.http_method,
        "headers": _last(request.headers),
        "multiValueHeaders": _all(request.headers),
        "queryStringParameters": _last(request.query),
        "multiValueQueryStringParameters": _all(request.query),
        "pathParameters": request.path_parameters or None,
        "stageVariables": request.stage.variables or None,
        "requestContext": _context(request),
    }


def _context(request: Request) -> dict[str, Any]:
    stage = request.stage
    context = {
        "resourceId": hashlib.sha256(request.resource.path.encode()).hexdigest()[:6],
        "resourcePath": request.resource.path,
        "httpMethod": request.http_method,
        "extendedRequestId": request.extended_request_id,
        "requestTime": datetime.fromtimestamp(request.at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "path": request.client_path,
        "accountId": stage.account,
        "protocol": request.protocol,
        "stage": stage.name,
        "domainPrefix": stage.api_id,
        "requestTimeEpoch": int(request.at * 1000),
        "requestId": request.request_id,
        "identity": _identity(request),
        "domainName": f"{stage.api_id}.execute-api.{stage.region}.amazonaws.com",
        "deploymentId": stage.deployment_id,
        "apiId": stage.api_id,
    }
    if request.authorizer is not None:
        context["authorizer"] = request.authorizer
    return context


def _identity(request: Request) -> dict[str, str | None]:
    identity: dict[str, str | None] = {
        "cognitoIdentityPoolId": None,
        "accountId": None,
        "cognitoIdentityId": None,
        "caller": None,
        "sourceIp": request.source_ip,
        "principalOrgId": None,
        "accessKey": None,
        "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None,
        "userArn": None,
        "userAgent": request.header("User-Agent"),
        "user": None,
    }
    if request.api_key is not None:
        identity["apiKeyId"], identity["apiKey"] = request.api_key
    return identity


def _body(request: Request) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    content_type = request.header("Content-Type") or "application/json"
    if media_types.is_binary(content_type, request.stage.api.binary_media_types):
        return base64.b64encode(request.body).decode(), True
    return request.body.decode(errors="replace"), False


def _last(pairs: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    return dict(pairs) or None


def _all(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]] | None:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values or None
