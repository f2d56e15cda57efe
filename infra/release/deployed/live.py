"""What the alias `live` points to, and what each Lambda version would serve."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infra.aws import Aws, translated
from infra.errors import NotFound
from infra.release.stack.stacks import function_name

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import (
        FunctionConfigurationResponseTypeDef,
        FunctionConfigurationTypeDef,
    )

    _Configuration = FunctionConfigurationTypeDef | FunctionConfigurationResponseTypeDef

ALIAS = "live"
DRAFT = "$LATEST"
"""What versions are published from."""
FALLBACK_ONLY = {"LAMBENT_FALLBACK_ONLY": "on"}
"""In the environment of a version: it never loads the model (functions/inference/settings.py)."""
SHADOW, SHADOW_PERCENT = "LAMBENT_SHADOW", "LAMBENT_SHADOW_PERCENT"
"""In the environment of a version: the number of another, and how many requests it gets copies
of (functions/inference/shadowing)."""
SERVICE = "POWERTOOLS_SERVICE_NAME"
"""In the environment of a version: whose metrics it writes."""
OF_SHADOWS = "_shadow"
"""How the service of a version ends that answers copies alone; no model's name holds a "_"."""


@dataclass(frozen=True)
class LambdaVersion:
    """One immutable version of the function and the model that its environment pins.

    `settings`: how it runs, named as the parameters of template.yaml. `code`: the SHA-256 of its
    bundle; `revision`: of its configuration; both as Lambda writes them. `size`: bytes of the
    bundle, zipped.
    """

    number: str
    model_version: str
    digest: str
    standby: str = field(default="", repr=False)
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    code: str = field(default="", repr=False)
    revision: str = field(default="", repr=False)
    size: int = field(default=0, repr=False)

    @property
    def is_fallback_only(self) -> bool:
        return self.environment.items() >= FALLBACK_ONLY.items()

    @property
    def shadow(self) -> str:
        """The number of the Lambda version that gets copies of requests; empty without one."""
        return self.environment.get(SHADOW, "")

    @property
    def is_shadowing(self) -> bool:
        return bool(self.shadow)

    @property
    def shadow_percent(self) -> int:
        """How many of the requests are copied, where some are."""
        return int(self.environment.get(SHADOW_PERCENT, "100"))

    @property
    def is_shadow(self) -> bool:
        """Whether it is there to answer copies, and never callers."""
        return self.environment.get(SERVICE, "").endswith(OF_SHADOWS)

    @property
    def is_switched(self) -> bool:
        """Made by a switch (`lambent fallback`, `lambent shadow`) and not by a release: nobody
        goes back to it."""
        return self.is_fallback_only or self.is_shadowing or self.is_shadow


@dataclass(frozen=True)
class Live:
    """The alias as it is now. `weights`: share of traffic sent to other versions, by number."""

    version: LambdaVersion
    weights: Mapping[str, float]
    revision: str


def read_live(aws: Aws, model: str, versions: Sequence[LambdaVersion] = ()) -> Live | None:
    """None when the model has no function or the function no alias.

    A version among `versions` is not asked for again.
    """
    function = function_name(model)
    try:
        with translated(f"alias {function}:{ALIAS}"):
            alias = aws.lambda_.get_alias(FunctionName=function, Name=ALIAS)
    except NotFound:
        return None
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}) or {}
    number = alias["FunctionVersion"]
    seen = (version for version in versions if version.number == number)
    version = next(seen, None) or read_version(aws, model, number)
    return Live(version, weights, alias["RevisionId"])


def require_live(aws: Aws, model: str, versions: Sequence[LambdaVersion] = ()) -> Live:
    live = read_live(aws, model, versions)
    if live is None:
        raise NotFound(
            f"model {model}", "is not deployed here", f"Deploy it: lambent deploy {model}"
        )
    return live


def read_version(aws: Aws, model: str, number: str) -> LambdaVersion:
    """Raises NotFound when that version of the function is gone."""
    function = function_name(model)
    with translated(f"{function} version {number}"):
        return version_from(
            aws.lambda_.get_function_configuration(FunctionName=function, Qualifier=number)
        )


def read_versions(aws: Aws, model: str) -> tuple[LambdaVersion, ...]:
    """Every published version that still exists, the oldest first; none without a function."""
    return read_function(aws, model)[1]


def read_function(aws: Aws, model: str) -> tuple[LambdaVersion | None, tuple[LambdaVersion, ...]]:
    """The draft, and every published version, the oldest first; (None, ()) without a function."""
    function = function_name(model)
    try:
        with translated(f"versions of {function}"):
            pages = aws.lambda_.get_paginator("list_versions_by_function")
            found = [v for page in pages.paginate(FunctionName=function) for v in page["Versions"]]
    except NotFound:
        return None, ()
    versions = [version_from(v) for v in found]
    draft = next((v for v in versions if v.number == DRAFT), None)
    published = (v for v in versions if v.number != DRAFT)
    return draft, tuple(sorted(published, key=lambda version: int(version.number)))


def version_from(configuration: "_Configuration") -> LambdaVersion:
    variables = configuration.get("Environment", {}).get("Variables", {})
    return LambdaVersion(
        configuration["Version"],
        variables.get("LAMBENT_VERSION", "?"),
        variables.get("LAMBENT_DIGEST", ""),
        variables.get("LAMBENT_STANDBY", ""),
        dict(_settings(configuration)),
        variables,
        configuration.get("CodeSha256", ""),
        configuration.get("RevisionId", ""),
        configuration.get("CodeSize", 0),
    )


def _settings(configuration: "_Configuration") -> Iterator[tuple[str, str]]:
    for name in ("Runtime", "MemorySize", "Timeout"):
        if name in configuration:
            yield name, str(configuration.get(name))
    yield from (("Architecture", name) for name in configuration.get("Architectures", ()))
    if snapshots := configuration.get("SnapStart", {}).get("ApplyOn"):
        yield "SnapStart", "Off" if snapshots == "None" else "On"
