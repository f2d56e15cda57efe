"""Asking one version of a function directly."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from infra.aws import Aws, translated
from infra.errors import AwsFailed, NotFound
from infra.release.live import ALIAS, require_live
from infra.release.rollback import find_version
from infra.release.stacks import function_name


@dataclass(frozen=True)
class Answer:
    """An HTTP status, the decoded body, and the Lambda version that answered."""

    status: int
    body: Any
    lambda_version: str


def ask(aws: Aws, model: str, rows: list[Any], version: str | None = None) -> Answer:
    """POST /v1/predictions as API Gateway would send it. `version` None asks what is live."""
    qualifier = find_version(aws, model, version).number if version else ALIAS
    function = function_name(model)
    try:
        with translated(f"function {function}:{qualifier}"):
            reply = aws.lambda_.invoke(
                FunctionName=function,
                Qualifier=qualifier,
                Payload=json.dumps(_event({"instances": rows})).encode(),
            )
            payload = json.loads(reply["Payload"].read())
    except NotFound:
        require_live(aws, model)  # says so when the model is not deployed
        raise
    if reply.get("FunctionError"):
        raise AwsFailed(
            f"function {function}:{qualifier}",
            f"failed: {payload.get('errorMessage', payload)}",
            f"Read `lambent logs {model}`",
        )
    body = json.loads(payload["body"]) if payload.get("body") else None
    return Answer(payload["statusCode"], body, reply.get("ExecutedVersion", qualifier))


def _event(body: Any) -> dict[str, Any]:
    """The parts of a REST API (v1) proxy event that an adapter reads."""
    path = "/v1/predictions"
    headers = {"content-type": "application/json", "host": "lambent-invoke"}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.removeprefix("/")},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": "POST",
            "path": f"/live{path}",
            "stage": "live",
            "protocol": "HTTP/1.1",
            "requestId": str(uuid4()),
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "lambent"},
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
