"""Lambda: settings kept, a version per change, numbers never reused, versions in use kept; aliases
by compare-and-set of their RevisionId, with weights within bounds."""

import json
import re
import threading
from typing import Any

from moto.awslambda.exceptions import (
    InvalidParameterValueException,
    LambdaClientError,
    PreconditionFailedException,
)
from moto.awslambda.models import LambdaAlias, LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

# Settings whose change makes no new version, being facts about the version itself.
OWN_FACTS = ("FunctionArn", "LastModified", "Version", "State", "LastUpdateStatus")
# What moto drops when a function is updated → where it is kept; of these, also at creation.
KEPT_AT_CREATION = {"LoggingConfig": "lambent_logging_config", "SnapStart": "lambent_snap_start"}
KEPT = {"KMSKeyArn": "kms_key_arn", "TracingConfig": "tracing_config", **KEPT_AT_CREATION}
# The least is checked by botocore.
MOST = {"MemorySize": 10240, "Timeout": 900}
NOT_SUPPORTED = ("DeadLetterConfig", "FileSystemConfigs", "VpcConfig")
RUNTIMES = [f"python3.{minor}" for minor in range(10, 15)]
LARGEST_ENVIRONMENT = 4096
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|LAMBDA_(TASK_ROOT|RUNTIME_DIR)"
    r"|AWS_(ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)"
    r"|AWS_LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|RUNTIME_API)"
    r"|AWS_LAMBDA_LOG_(GROUP|STREAM)_NAME"
)


def _keep_from_the_start(create_function: Any, backend: Any, spec: dict[str, Any]) -> Any:
    _check_settings(spec)
    function = create_function(backend, spec)
    for name, attribute in KEPT_AT_CREATION.items():
        setattr(function, attribute, spec.get(name))
    return function


def _check_settings(spec: dict[str, Any]) -> None:
    for name in filter(spec.get, NOT_SUPPORTED):
        raise InvalidParameterValueException(f"embedded AWS: {name} is not supported")
    for name, most in MOST.items():
        if spec.get(name, most) > most:
            raise InvalidParameterValueException(
                f"Value '{spec[name]}' of {name} must be less than or equal to {most}"
            )
    if spec.get("Runtime", RUNTIMES[0]) not in RUNTIMES:
        raise InvalidParameterValueException(
            f"Value {spec['Runtime']} at 'runtime' failed to satisfy constraint: Member must "
            f"satisfy enum value set: [{', '.join(RUNTIMES)}]"
        )
    _check_environment(spec)


def _check_environment(spec: dict[str, Any]) -> None:
    variables = (spec.get("Environment") or {}).get("Variables") or {}
    found = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    unable = "Lambda was unable to configure your environment variables because the environment "
    if reserved := ", ".join(filter(RESERVED.fullmatch, variables)):
        raise InvalidParameterValueException(
            f"{unable}variables you have provided contains reserved keys that are currently not "
            f"supported for modification. Reserved keys used in this request: {reserved}"
        )
    if len(found.encode()) > LARGEST_ENVIRONMENT:
        raise InvalidParameterValueException(
            f"{unable}variables you have provided exceeded the 4KB limit. String measured: {found}"
        )


def _keep_settings(update_configuration: Any, function: Any, updates: dict[str, Any]) -> Any:
    _check_settings(updates)
    for name, attribute in KEPT.items():
        if name in updates:
            setattr(function, attribute, updates[name])
    if "EphemeralStorage" in updates:
        function.ephemeral_storage = updates["EphemeralStorage"]["Size"]
    return update_configuration(function, updates)


def _keep_architecture(update_function_code: Any, function: Any, updated: dict[str, Any]) -> Any:
    function.architectures = updated.get("Architectures", function.architectures)
    return update_function_code(function, updated)


def _code_must_exist(set_function_code: Any, function: Any, updated: dict[str, Any]) -> None:
    bucket, key = updated.get("S3Bucket"), updated.get("S3Key")
    s3 = s3_backends[function.account_id][function.partition]
    if key and s3.get_object(bucket, key) is None:
        raise InvalidParameterValueException(
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: "
            "The specified key does not exist."
        )
    set_function_code(function, updated)


def _report_kept(get_configuration: Any, function: Any, on_create: bool = False) -> Any:
    chosen = getattr(function, "lambent_snap_start", None) or {"ApplyOn": "None"}
    applied = chosen["ApplyOn"] == "PublishedVersions" and function.version != "$LATEST"
    status = {"OptimizationStatus": "On" if applied else "Off"}
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
    return get_configuration(function, on_create) | {
        "LoggingConfig": logging | (getattr(function, "lambent_logging_config", None) or {}),
        "SnapStart": chosen | status,
    }


def _expect_code(publish_version: Any, response: Any) -> Any:
    expected = response._get_param("CodeSha256")
    found = response.backend.get_function(response.path.split("/")[-2]).code_sha_256
    if expected and expected != found:
        raise InvalidParameterValueException(
            f"CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST "
            f"({found}). Please try again with the CodeSHA256 in $LATEST."
        )
    return publish_version(response)


def _publish_changes(
    publish_version: Any, backend: Any, function_name: str, description: str = ""
) -> Any:
    """A version per change, numbered on: a number is not given again after deletion."""
    latest = backend.get_function(function_name)
    versions = backend._lambdas._functions[latest.function_name]["versions"]
    now = _fingerprint(latest)
    if versions:
        latest.code_or_config_updated = versions[-1].lambent_fingerprint != now
    count = len(versions)
    published = publish_version(backend, function_name, description)
    if len(versions) > count:
        latest.lambent_highest = getattr(latest, "lambent_highest", 0) + 1
        published.set_version(latest.lambent_highest)
        published.lambent_fingerprint = now
        for version in versions:
            backend._lambdas._arns[version.function_arn] = version
    return published


def _fingerprint(function: Any) -> str:
    configuration = function.get_configuration()
    settings = {name: configuration[name] for name in configuration if name not in OWN_FACTS}
    return json.dumps(settings, sort_keys=True, default=str)


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
    (LambdaBackend, "create_function", _keep_from_the_start),
    (LambdaFunction, "update_configuration", _keep_settings),
    (LambdaFunction, "update_function_code", _keep_architecture),
    (LambdaFunction, "_set_function_code", _code_must_exist),
    (LambdaFunction, "get_configuration", _report_kept),
    (LambdaResponse, "publish_version", _expect_code),
    (LambdaBackend, "publish_version", _publish_changes),
    (LambdaResponse, "update_alias", _compare_and_set),
    (LambdaBackend, "create_alias", _checked_create),
    (LambdaBackend, "update_alias", _checked_update),
    (LambdaAlias, "update", _new_revision),
    (LambdaAlias, "to_json", _without_empty_routing),
    (LambdaBackend, "delete_function", _spare_aliased),
)
