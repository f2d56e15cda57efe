"""Asking one version of a function directly."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from infra.aws import Aws, translated
from infra.errors import AwsFailed
from infra.release.deployed.live import ALIAS, LambdaVersion, require_live
from infra.release.deployed.observed import find_version
from infra.release.stack.stacks import function_name
from model_store.artifact import standby
from model_store.contract import predictions_path
from model_store.gateway_event import REHEARSAL, rest_event


@dataclass(frozen=True)
class Answer:
    """An HTTP status, the decoded body, and the Lambda version that answered."""

    status: int
    body: Any
    lambda_version: str


def ask(aws: Aws, model: str, rows: list[Any], version: str | None = None) -> Answer:
    """Ask for predictions by the newest contract, as API Gateway would. `version` None asks what
    is live."""
    asked = find_version(aws, model, version) if version else require_live(aws, model).version
    qualifier = asked.number if version else ALIAS
    return _call(aws, model, qualifier, "POST", asked_at(asked), json.dumps({"instances": rows}))


def asked_at(version: LambdaVersion) -> str:
    """The path of its predictions; one that does not say its contract is of before there were
    several paths."""
    packed = standby.unpack(version.standby) if version.standby else None
    return predictions_path(packed.majors[0] if packed and packed.majors else 1)


def get(aws: Aws, model: str, path: str) -> Any:
    """The body that the live version answers with; raises AwsFailed unless its status is 200."""
    return _answered(aws, model, ALIAS, path).body


def check_alive(aws: Aws, model: str, number: str) -> None:
    """Raises a LambentError unless this Lambda version starts and answers."""
    _answered(aws, model, number, "/health/live")


def _answered(aws: Aws, model: str, qualifier: str, path: str) -> Answer:
    answer = _call(aws, model, qualifier, "GET", path)
    if answer.status != HTTPStatus.OK:
        raise AwsFailed(
            f"function {function_name(model)}:{qualifier}",
            f"answers {answer.status} to {path}",
            f"Read `lambent logs {model}`",
        )
    return answer


def _call(
    aws: Aws, model: str, qualifier: str, method: str, path: str, body: str | None = None
) -> Answer:
    """What one version alone is asked is not measured: it would light the alarms of what is live,
    and the guard would take that back for a fault of another."""
    function = function_name(model)
    event = rest_event(method, path, body, stage=ALIAS if qualifier == ALIAS else REHEARSAL)
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
    told = json.loads(payload["body"]) if payload.get("body") else None
    return Answer(payload["statusCode"], told, reply.get("ExecutedVersion", qualifier))
