"""What of moto's Lambda is relied upon, and what it lacks, in one place."""

from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.utils import get_backend

from infra.local.strict.wrapping import wrap


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
    return getattr(function, "lambent_logging_config", None) or {}


def patch() -> None:
    """Let moto remember LoggingConfig, which it drops. Patching twice changes nothing."""
    wrap(LambdaBackend, "create_function", _remember_on_create)
    wrap(LambdaBackend, "update_function_configuration", _remember_on_update)
    wrap(LambdaFunction, "get_configuration", _report)


def _remember_on_create(original: Any) -> Any:
    def create_function(self: Any, spec: dict[str, Any]) -> Any:
        function = original(self, spec)
        function.lambent_logging_config = spec.get("LoggingConfig")
        return function

    return create_function


def _remember_on_update(original: Any) -> Any:
    def update_function_configuration(
        self: Any, function_name: str, qualifier: str, body: dict[str, Any]
    ) -> Any:
        if "LoggingConfig" in body:
            function = self.get_function(function_name, qualifier)
            function.lambent_logging_config = body["LoggingConfig"]
        return original(self, function_name, qualifier, body)

    return update_function_configuration


def _report(original: Any) -> Any:
    def get_configuration(self: Any, on_create: bool = False) -> Any:
        group = f"/aws/lambda/{self.function_name}"
        defaults = {"LogFormat": "Text", "LogGroup": group}
        return original(self, on_create) | {"LoggingConfig": defaults | logging_config(self)}

    return get_configuration
