"""Lambda functions and versions: settings kept, a version per change, numbers never reused."""

import json
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.s3.models import s3_backends

Method = Callable[..., Any]

# Settings whose change makes no new version, being facts about the version itself.
OWN_FACTS = ("FunctionArn", "LastModified", "Version", "State", "LastUpdateStatus")


# What moto drops at creation and update alike → where it is kept on the function.
KEPT = {"LoggingConfig": "lambent_logging_config", "SnapStart": "lambent_snap_start"}


def _keep_from_the_start(original: Method) -> Method:
    def create_function(self: Any, spec: dict[str, Any]) -> Any:
        function = original(self, spec)
        for name, attribute in KEPT.items():
            setattr(function, attribute, spec.get(name))
        return function

    return create_function


def _keep_settings(original: Method) -> Method:
    attributes = {"KMSKeyArn": "kms_key_arn", "TracingConfig": "tracing_config", **KEPT}

    def update_configuration(self: Any, config_updates: dict[str, Any]) -> Any:
        for name, attribute in attributes.items():
            if name in config_updates:
                setattr(self, attribute, config_updates[name])
        if "EphemeralStorage" in config_updates:
            self.ephemeral_storage = config_updates["EphemeralStorage"]["Size"]
        return original(self, config_updates)

    return update_configuration


def _keep_architecture(original: Method) -> Method:
    def update_function_code(self: Any, updated_spec: dict[str, Any]) -> Any:
        if "Architectures" in updated_spec:
            self.architectures = updated_spec["Architectures"]
        return original(self, updated_spec)

    return update_function_code


def _code_must_exist(original: Method) -> Method:
    def _set_function_code(self: Any, updated_spec: dict[str, Any]) -> None:
        bucket, key = updated_spec.get("S3Bucket"), updated_spec.get("S3Key")
        if key and s3_backends[self.account_id][self.partition].get_object(bucket, key) is None:
            raise InvalidParameterValueException(
                "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: "
                "The specified key does not exist."
            )
        original(self, updated_spec)

    return _set_function_code


def _report_kept(original: Method) -> Method:
    def get_configuration(self: Any, on_create: bool = False) -> Any:
        chosen = getattr(self, KEPT["SnapStart"], None) or {"ApplyOn": "None"}
        applied = chosen["ApplyOn"] == "PublishedVersions" and self.version != "$LATEST"
        status = {"OptimizationStatus": "On" if applied else "Off"}
        logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"}
        return original(self, on_create) | {
            "LoggingConfig": logging | (getattr(self, KEPT["LoggingConfig"], None) or {}),
            "SnapStart": chosen | status,
        }

    return get_configuration


def _expect_code(original: Method) -> Method:
    def publish_version(self: Any) -> Any:
        expected = self._get_param("CodeSha256")
        found = self.backend.get_function(self.path.split("/")[-2]).code_sha_256
        if expected and expected != found:
            raise InvalidParameterValueException(
                f"CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST "
                f"({found}). Please try again with the CodeSHA256 in $LATEST."
            )
        return original(self)

    return publish_version


def _publish_changes(original: Method) -> Method:
    """A version per change, numbered on: a number is not given again after deletion."""

    def publish_version(self: Any, function_name: str, description: str = "") -> Any:
        latest = self.get_function(function_name)
        versions = self._lambdas._functions[latest.function_name]["versions"]
        now = _fingerprint(latest)
        if versions:
            latest.code_or_config_updated = versions[-1].lambent_fingerprint != now
        count = len(versions)
        published = original(self, function_name, description)
        if len(versions) > count:
            latest.lambent_highest = getattr(latest, "lambent_highest", 0) + 1
            published.set_version(latest.lambent_highest)
            published.lambent_fingerprint = now
            for version in versions:
                self._lambdas._arns[version.function_arn] = version
        return published

    return publish_version


def _fingerprint(function: Any) -> str:
    configuration = function.get_configuration()
    return json.dumps(
        {name: value for name, value in configuration.items() if name not in OWN_FACTS},
        sort_keys=True,
        default=str,
    )


WRAPPERS = (
    (LambdaBackend, "create_function", _keep_from_the_start),
    (LambdaFunction, "update_configuration", _keep_settings),
    (LambdaFunction, "update_function_code", _keep_architecture),
    (LambdaFunction, "_set_function_code", _code_must_exist),
    (LambdaFunction, "get_configuration", _report_kept),
    (LambdaResponse, "publish_version", _expect_code),
    (LambdaBackend, "publish_version", _publish_changes),
)
