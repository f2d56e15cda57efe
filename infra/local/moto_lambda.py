"""What of moto's Lambda is read."""

from typing import Any

from moto.awslambda.utils import get_backend


def versions(account: str, region: str, name: str) -> dict[str, Any]:
    """Published versions and $LATEST of a function; empty when there is no such function."""
    stored = get_backend(account, region)._lambdas._functions.get(name)
    if stored is None:
        return {}
    found = {str(function.version): function for function in stored["versions"]}
    return found | ({"$LATEST": stored["latest"]} if stored["latest"] is not None else {})


def alias(account: str, region: str, name: str, qualifier: str | None) -> Any | None:
    """The alias of that name, or None."""
    arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
    aliases: dict[str, Any] = get_backend(account, region)._lambdas._aliases.get(arn, {})
    return aliases.get(qualifier) if qualifier else None


def logging_config(function: Any) -> dict[str, str]:
    """Kept by `strict.functions`: moto has no room for it."""
    return getattr(function, "lambent_logging_config", None) or {}


def permissions(account: str, region: str, name: str, arn: str) -> list[dict[str, Any]]:
    """Statements of the function's policy about `arn`: its own, or that of an alias or version."""
    latest = versions(account, region, name).get("$LATEST")
    # Published versions share the policy of $LATEST.
    statements = latest.policy.statements if latest is not None else []
    return [statement for statement in statements if statement["Resource"] == arn]
