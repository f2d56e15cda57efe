"""Lambda aliases: compare-and-set by RevisionId, weights within bounds, versions in use kept."""

import threading
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import (
    InvalidParameterValueException,
    LambdaClientError,
    PreconditionFailedException,
)
from moto.awslambda.models import LambdaAlias, LambdaBackend
from moto.awslambda.responses import LambdaResponse
from moto.moto_api._internal import mock_random

Method = Callable[..., Any]

STALE = (
    "The RevisionId provided doesn't match the latest RevisionId for the Lambda function or alias. "
    "Call the GetFunction or the GetAlias API to retrieve the latest RevisionId for your resource."
)
# Comparing and setting is one step, as it is on AWS.
_COMPARE_AND_SET = threading.Lock()


class VersionInUse(LambdaClientError):  # type: ignore[misc]
    code = 409

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            "ResourceConflictException",
            f"Unable to delete version because the following aliases reference it: {names}",
        )


def _compare_and_set(original: Method) -> Method:
    def update_alias(self: Any) -> Any:
        with _COMPARE_AND_SET:
            expected = self.json_body.get("RevisionId")
            function_name, alias_name = self.path.split("/")[-3], self.path.split("/")[-1]
            current = self.backend.get_alias(alias_name, function_name).revision_id
            if expected and expected != current:
                raise PreconditionFailedException(STALE)
            return original(self)

    return update_alias


def _checked_create(original: Method) -> Method:
    def create_alias(
        self: Any, name: str, function_name: str, function_version: str, *rest: Any, **more: Any
    ) -> Any:
        routing = more.get("routing_config")
        _check_routing(self, function_name, function_version, routing)
        return original(self, name, function_name, function_version, *rest, **more)

    return create_alias


def _checked_update(original: Method) -> Method:
    def update_alias(
        self: Any,
        name: str,
        function_name: str,
        function_version: str | None,
        description: str,
        routing_config: Any,
    ) -> Any:
        alias = self.get_alias(name, function_name)
        main = function_version or alias.function_version
        routing = alias.routing_config if routing_config is None else routing_config
        _check_routing(self, function_name, main, routing)
        # moto looks up the version even when the call leaves it out.
        return original(self, name, function_name, main, description, routing_config)

    return update_alias


def _check_routing(backend: Any, function_name: str, main: str, routing: Any) -> None:
    weights: dict[str, float] = (routing or {}).get("AdditionalVersionWeights") or {}
    if len(weights) > 1:
        raise InvalidParameterValueException(
            "Number of items in AdditionalVersionWeights cannot be greater than 1"
        )
    for version, weight in weights.items():
        if not 0 <= weight <= 1:
            raise InvalidParameterValueException(
                f"Weight {weight} of version {version} must be between 0.0 and 1.0"
            )
        if "$LATEST" in (main, version) or main == version:
            raise InvalidParameterValueException(
                "An alias that splits traffic must point at two different published versions"
            )
        backend.get_function(function_name, version)


def _new_revision(original: Method) -> Method:
    def update(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.revision_id = str(mock_random.uuid4())

    return update


def _without_empty_routing(original: Method) -> Method:
    def to_json(self: Any) -> Any:
        described = original(self)
        routing = described.get("RoutingConfig") or {}
        if not routing.get("AdditionalVersionWeights"):
            del described["RoutingConfig"]
        return described

    return to_json


def _spare_aliased(original: Method) -> Method:
    def delete_function(self: Any, function_name: str, qualifier: str | None = None) -> None:
        if qualifier is not None:
            users = [
                alias.name
                for alias in self.list_aliases(function_name)
                if qualifier == alias.function_version
                or qualifier in ((alias.routing_config or {}).get("AdditionalVersionWeights") or {})
            ]
            if users:
                raise VersionInUse(users)
        original(self, function_name, qualifier)

    return delete_function


WRAPPERS = (
    (LambdaResponse, "update_alias", _compare_and_set),
    (LambdaBackend, "create_alias", _checked_create),
    (LambdaBackend, "update_alias", _checked_update),
    (LambdaAlias, "update", _new_revision),
    (LambdaAlias, "to_json", _without_empty_routing),
    (LambdaBackend, "delete_function", _spare_aliased),
)
