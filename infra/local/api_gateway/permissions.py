"""May this API invoke that function? As the function's resource policy says, alias by alias."""

from typing import Any

from infra.local import moto_lambda
from infra.local.api_gateway.errors import CONFIGURATION_ERROR, GatewayError
from infra.local.api_gateway.policy import like, listed
from infra.local.lambda_service.functions import Reference

SERVICE = {"Service": "apigateway.amazonaws.com"}
ACTION = "lambda:InvokeFunction"


def check(function: Reference, account: str, caller: str) -> None:
    """`caller` is the ARN of a method or authorizer. Raises GatewayError: 500, as on AWS."""
    arn = function.arn(account)
    statements = moto_lambda.permissions(account, function.region, function.name, arn)
    if not any(_allows(statement, account, caller) for statement in statements):
        raise GatewayError(
            CONFIGURATION_ERROR,
            "Execution failed due to configuration error: Invalid permissions on Lambda function "
            f"{arn}: no AWS::Lambda::Permission lets {caller} invoke it",
        )


def _allows(statement: dict[str, Any], account: str, caller: str) -> bool:
    """What AddPermission stores: one action, one principal, SourceArn and SourceAccount."""
    condition = statement.get("Condition", {})
    patterns = listed(condition.get("ArnLike", {}).get("AWS:SourceArn", "*"))
    accounts = condition.get("StringEquals", {}).get("AWS:SourceAccount", account)
    return (
        statement["Principal"] == SERVICE
        and like(statement["Action"], ACTION)
        and any(like(pattern, caller) for pattern in patterns)
        and account in listed(accounts)
    )
