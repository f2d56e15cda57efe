"""From a function name and qualifier to the version that must run, read from moto at each call."""

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

from infra.local import moto_state

LATEST = "$LATEST"
_NAME = re.compile(
    r"^(?:arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):)?(?:\d{12}:)?(?:function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?$"
)


class InvokeError(Exception):
    """Invoke was refused before the function ran. `status`, `type`, `reason` are Lambda's own."""

    status, type = 500, "ServiceException"

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.message, self.reason = message, reason


class FunctionNotFound(InvokeError):
    status, type = 404, "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Function not found: {arn}")


class Throttled(InvokeError):
    status, type = 429, "TooManyRequestsException"

    def __init__(self, reason: str) -> None:
        super().__init__("Rate Exceeded.", reason)


class RequestTooLarge(InvokeError):
    status, type = 413, "RequestTooLargeException"


class InvalidRequestContent(InvokeError):
    status, type = 400, "InvalidRequestContentException"


class UnsupportedCall(InvokeError):
    status, type = 400, "InvalidParameterValueException"

    def __init__(self, what: str) -> None:
        super().__init__(f"embedded AWS: {what} of Lambda is not supported")


class UnsupportedFunction(InvokeError):
    status, type = 400, "InvalidParameterValueException"

    def __init__(self, function: str, what: str) -> None:
        super().__init__(f"embedded AWS: function {function} uses {what}, which is not supported")


@dataclass(frozen=True)
class FunctionVersion:
    """One version's code and configuration; equal when a running worker may serve both."""

    region: str
    account: str
    name: str
    version: str
    arn: str
    handler: str
    runtime: str
    memory_mb: int
    timeout_s: int
    environment: tuple[tuple[str, str], ...]
    log_group: str
    log_format: str
    log_level: str | None
    code_sha256: str
    code: bytes = field(repr=False, compare=False)


@dataclass(frozen=True)
class Target:
    """What one invocation runs: the version chosen, and how the caller named the function."""

    function: FunctionVersion
    invoked_arn: str
    alias: str | None
    reserved_concurrency: int | None


@dataclass(frozen=True)
class Reference:
    """A parsed FunctionName: a name, a partial ARN or an ARN, each with or without qualifier."""

    region: str
    name: str
    qualifier: str | None

    @classmethod
    def parse(cls, text: str, region: str, qualifier: str | None = None) -> "Reference":
        match = _NAME.match(text)
        if match is None:
            raise FunctionNotFound(text)
        return cls(match["region"] or region, match["name"], match["qualifier"] or qualifier)

    def arn(self, account: str) -> str:
        suffix = f":{self.qualifier}" if self.qualifier else ""
        return f"arn:aws:lambda:{self.region}:{account}:function:{self.name}{suffix}"


def resolve(reference: Reference, account: str, random: Random) -> Target:
    """Choose the version, drawing by the alias's weights. Raises FunctionNotFound."""
    arn = reference.arn(account)
    versions = moto_state.versions(account, reference.region, reference.name)
    latest = versions.get(LATEST)
    if latest is None:
        raise FunctionNotFound(arn)
    alias = moto_state.alias(account, reference.region, reference.name, reference.qualifier)
    chosen = _choose(alias, random) if alias else (reference.qualifier or LATEST)
    if chosen not in versions:
        raise FunctionNotFound(arn)
    limit = latest.reserved_concurrency
    return Target(
        function=_snapshot(versions[chosen], chosen),
        invoked_arn=arn,
        alias=reference.qualifier if alias else None,
        reserved_concurrency=None if limit is None else int(limit),
    )


def is_current(function: FunctionVersion) -> bool:
    """Whether the version still exists exactly as a worker was started for it."""
    stored = moto_state.versions(function.account, function.region, function.name)
    now = stored.get(function.version)
    return now is not None and _snapshot(now, function.version) == function


def _choose(alias: Any, random: Random) -> str:
    """The alias's version, or one of its additional versions by weight."""
    draw = random.random()
    weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    for version, weight in sorted(weights.items()):
        draw -= float(weight)
        if draw < 0:
            return str(version)
    return str(alias.function_version)


def _snapshot(function: Any, version: str) -> FunctionVersion:
    name = function.function_name
    if function.package_type != "Zip":
        raise UnsupportedFunction(name, "a container image")
    if function.layers:
        raise UnsupportedFunction(name, "layers")
    logging = function.get_configuration()["LoggingConfig"]
    return FunctionVersion(
        region=function.region,
        account=function.account_id,
        name=name,
        version=version,
        arn=f"arn:aws:lambda:{function.region}:{function.account_id}:function:{name}",
        handler=function.handler or "",
        runtime=function.run_time or "",
        memory_mb=int(function.memory_size),
        timeout_s=int(function.timeout),
        environment=tuple(sorted(function.environment_vars.items())),
        log_group=logging["LogGroup"],
        log_format=logging["LogFormat"],
        log_level=logging.get("ApplicationLogLevel"),
        code_sha256=function.code_sha_256,
        code=function.code_bytes,
    )
