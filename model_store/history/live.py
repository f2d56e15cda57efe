"""The alias that callers meet, and what each Lambda version would serve."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from model_store.aws import translated
from model_store.errors import NotFound

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import (
        FunctionConfigurationResponseTypeDef,
        FunctionConfigurationTypeDef,
    )

    _Configuration = FunctionConfigurationTypeDef | FunctionConfigurationResponseTypeDef

ALIAS = "live"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    """One published Lambda version, the model that its environment pins, and when it was made."""

    number: str
    model_version: str
    digest: str
    is_fallback_only: bool = False
    published: datetime = _LONG_AGO
    is_shadowing: bool = False


@dataclass(frozen=True)
class Alias:
    """`weights`: share of the traffic that other versions get, by number. `revision` changes with
    every update."""

    number: str
    revision: str
    weights: Mapping[str, float] = field(default_factory=dict)
    description: str = ""


def version_of(configuration: "_Configuration") -> Version:
    """Pure."""
    variables = configuration.get("Environment", {}).get("Variables", {})
    published = configuration.get("LastModified")
    return Version(
        configuration["Version"],
        variables.get("LAMBENT_VERSION", "?"),
        variables.get("LAMBENT_DIGEST", ""),
        variables.get("LAMBENT_FALLBACK_ONLY") == "on",
        datetime.fromisoformat(published) if published else _LONG_AGO,
        "LAMBENT_SHADOW" in variables,
    )


def read_alias(client: "LambdaClient", function: str) -> Alias:
    """Raises AwsError; NotFound without an alias."""
    with translated(f"alias {function}:{ALIAS}"):
        found = client.get_alias(FunctionName=function, Name=ALIAS)
    return Alias(
        found["FunctionVersion"],
        found["RevisionId"],
        found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}) or {},
        found.get("Description", ""),
    )


def read_live(client: "LambdaClient", function: str) -> Version | None:
    """What callers meet today; None when there is no alias yet. Raises AwsError."""
    try:
        number = read_alias(client, function).number
    except NotFound:
        return None
    return read_version(client, function, number)


def read_version(client: "LambdaClient", function: str, number: str) -> Version:
    """Raises AwsError; NotFound when that version of the function is gone."""
    with translated(f"{function} version {number}"):
        return version_of(
            client.get_function_configuration(FunctionName=function, Qualifier=number)
        )


def read_versions(client: "LambdaClient", function: str) -> dict[str, Version]:
    """Every published version that still exists, by number. Raises AwsError."""
    with translated(f"versions of {function}"):
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
        found = [version_of(each) for page in pages for each in page["Versions"]]
    return {version.number: version for version in found if version.number != "$LATEST"}
