"""API Gateway stages: method settings can be removed."""

from typing import Any

from moto.apigateway.models import Stage

from infra.local.strict.wrapping import Method, wrap


def patch() -> None:
    wrap(Stage, "apply_operations", _remove_method_settings)


def _remove_method_settings(original: Method) -> Method:
    def apply_operations(self: Any, patch_operations: list[dict[str, Any]]) -> Any:
        rest = []
        for operation in patch_operations:
            method = operation["path"].removeprefix("/")
            if operation["op"] == "remove" and method in self.method_settings:
                del self.method_settings[method]
            else:
                rest.append(operation)
        return original(self, rest)

    return apply_operations
