"""Asking one version of a function directly."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from infra.aws import Aws, translated
from infra.errors import AwsFailed, NotFound
from infra.release.live import ALIAS, require_live
from infra.release.rollback import find_version
from infra.release.stacks import function_name
from model_store.gateway_event import rest_event


@dataclass(frozen=True)
class Answer:
    """An HTTP status, the decoded body, and the Lambda version that answered."""

    status: int
    body: Any
    lambda_version: str


def ask(aws: Aws, model: str, rows: list[Any], version: str | None = None) -> Answer:
    """POST /v1/predictions as API Gateway would send it. `version` None asks what is live."""
    qualifier = find_version(aws, model, version).number if version else ALIAS
    event = rest_event("POST", "/v1/predictions", json.dumps({"instances": rows}))
    try:
        return _call(aws, model, qualifier, event)
    except NotFound:
        require_live(aws, model)  # says so when the model is not deployed
        raise


def check_alive(aws: Aws, model: str, number: str) -> None:
    """Raises a LambentError unless this Lambda version starts and answers."""
    answer = _call(aws, model, number, rest_event("GET", "/health/live"))
    if answer.status != HTTPStatus.OK:
        raise AwsFailed(
            f"function {function_name(model)}:{number}",
            f"answers {answer.status} to /health/live",
            f"Read `lambent logs {model}`",
        )


def _call(aws: Aws, model: str, qualifier: str, event: dict[str, Any]) -> Answer:
    function = function_name(model)
    with translated(f"function {function}:{qualifier}"):
        reply = aws.lambda_.invoke(
            FunctionName=function, Qualifier=qualifier, Payload=json.dumps(event).encode()
        )
        payload = json.loads(reply["Payload"].read())
    if reply.get("FunctionError"):
        raise AwsFailed(
            f"function {function}:{qualifier}",
            f"failed: {payload.get('errorMessage', payload)}",
            f"Read `lambent logs {model}`",
        )
    body = json.loads(payload["body"]) if payload.get("body") else None
    return Answer(payload["statusCode"], body, reply.get("ExecutedVersion", qualifier))
