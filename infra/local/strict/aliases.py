"""Lambda aliases: compare-and-set by RevisionId, weights within bounds, versions in use kept."""

import threading
from typing import Any

from moto.awslambda.exceptions import (
    InvalidParameterValueException,
    LambdaClientError,
    PreconditionFailedException,
)
from moto.awslambda.models import LambdaAlias, LambdaBackend
from moto.awslambda.responses import LambdaResponse
from moto.moto_api._internal import mock_random

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


def _compare_and_set(update_alias: Any, response: Any) -> Any:
    function_name, _, alias_name = response.path.split("/")[-3:]
    expected = response.json_body.get("RevisionId")
    with _COMPARE_AND_SET:
        current = response.backend.get_alias(alias_name, function_name).revision_id
        if expected and expected != current:
            raise PreconditionFailedException(STALE)
        return update_alias(response)


def _checked_create(create_alias: Any, backend: Any, **asked: Any) -> Any:
    routing = asked["routing_config"]
    check_routing(backend, asked["function_name"], asked["function_version"], routing)
    return create_alias(backend, **asked)


def _checked_update(update_alias: Any, backend: Any, **asked: Any) -> Any:
    alias = backend.get_alias(asked["name"], asked["function_name"])
    main = asked["function_version"] or alias.function_version
    routing = asked["routing_config"]
    routing = alias.routing_config if routing is None else routing
    check_routing(backend, asked["function_name"], main, routing)
    # moto looks up the version even when the call leaves it out.
    return update_alias(backend, **{**asked, "function_version": main})


def check_routing(backend: Any, function_name: str, main: str, routing: Any) -> None:
    """Raises what Lambda answers to weights that it does not take."""
    weights = _weights(routing)
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


def _weights(routing: Any) -> dict[str, float]:
    return (routing or {}).get("AdditionalVersionWeights") or {}


def _new_revision(update: Any, alias: Any, *args: Any, **kwargs: Any) -> None:
    update(alias, *args, **kwargs)
    alias.revision_id = str(mock_random.uuid4())


def _without_empty_routing(to_json: Any, alias: Any) -> Any:
    described = to_json(alias)
    if not _weights(described.get("RoutingConfig")):
        del described["RoutingConfig"]
    return described


def _spare_aliased(
    delete_function: Any, backend: Any, function_name: str, qualifier: str | None = None
) -> None:
    aliases = backend.list_aliases(function_name) if qualifier else []
    users = [
        alias.name
        for alias in aliases
        if qualifier in (alias.function_version, *_weights(alias.routing_config))
    ]
    if users:
        raise VersionInUse(users)
    delete_function(backend, function_name, qualifier)


AROUND = (
    (LambdaResponse, "update_alias", _compare_and_set),
    (LambdaBackend, "create_alias", _checked_create),
    (LambdaBackend, "update_alias", _checked_update),
    (LambdaAlias, "update", _new_revision),
    (LambdaAlias, "to_json", _without_empty_routing),
    (LambdaBackend, "delete_function", _spare_aliased),
)
