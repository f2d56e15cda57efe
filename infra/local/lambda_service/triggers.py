"""Which services may call a function, and how alarms and schedules do it: asynchronously."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from infra.local import moto_state
from infra.local.api_gateway.access import like
from infra.local.lambda_service.functions import InvokeError, Reference, Target
from infra.local.lambda_service.service import Call, LambdaService

Invoke = Callable[[str, str, str, Any], None]
"""Calls a function by its ARN, as a service (its principal), for a source ARN, with an event."""
_LOG = logging.getLogger("lambent.local")


class Triggers:
    """An `Invoke`. As on AWS nobody is told when it fails; here the console is."""

    def __init__(self, service: LambdaService, executor: Executor, account: str) -> None:
        self._service, self._executor, self._account = service, executor, account

    def __call__(self, function: str, principal: str, source: str, event: Any) -> None:
        called = Reference.parse(function, "")
        if not may_invoke(called, self._account, principal, source):
            _LOG.warning(
                "%s cannot invoke %s: no AWS::Lambda::Permission lets %s",
                source,
                function,
                principal,
            )
            return
        call = Call(called, json.dumps(event).encode(), "Event")
        try:
            target = self._service.resolve(call)
        except InvokeError as error:
            _LOG.warning("%s cannot invoke %s: %s", source, function, error.message)
            return
        self._executor.submit(self._run, source, call, target)

    def _run(self, source: str, call: Call, target: Target) -> None:
        try:
            self._service.run(call, target)
        except InvokeError as error:  # throttled: counted in the metrics
            _LOG.warning("%s could not invoke %s: %s", source, target.invoked_arn, error.message)


def may_invoke(function: Reference, account: str, principal: str, source: str) -> bool:
    """As AddPermission wrote into the function's resource policy.

    `principal`: the service, such as events.amazonaws.com; `source`: the ARN it calls for.
    """
    arn = function.arn(account)
    statements = moto_state.permissions(account, function.region, function.name, arn)
    return any(_permits(statement, account, principal, source) for statement in statements)


def _permits(statement: dict[str, Any], account: str, principal: str, source: str) -> bool:
    """A statement has one action, one principal, and perhaps SourceArn and SourceAccount."""
    condition = statement.get("Condition", {})
    allowed = condition.get("ArnLike", {}).get("AWS:SourceArn", "*")
    return (
        statement["Principal"] == {"Service": principal}
        and like(statement["Action"], "lambda:InvokeFunction")
        and like(allowed, source)
        and condition.get("StringEquals", {}).get("AWS:SourceAccount", account) == account
    )
