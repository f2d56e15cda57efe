"""Whether a service may invoke a function: what AddPermission wrote into the function's policy."""

from typing import Any

from infra.local import moto_state
from infra.local.api_gateway.authorizers import like
from infra.local.lambda_service.functions import Reference


def may_invoke(function: Reference, account: str, principal: str, source: str) -> bool:
    """`principal`: the service, such as events.amazonaws.com; `source`: the ARN it calls for."""
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
