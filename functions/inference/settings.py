"""What the environment of the function says, read once by the Lambda entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.inference.errors import ConfigurationError

LEVELS: Mapping[str, int] = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
"""Of the log."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The one artifact that this function version may serve; `digest` is of manifest.json."""

    name: str
    version: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in rows and bytes, times in seconds.

    body stays under Lambda's payload limit of 6 MB; load_at_start inside the init phase of 10 s.
    A model that is stopped before fair_run is over is not to blame for it. When it fails on a
    batch, its rows are asked one by one, until failures_alone of them failed alone.
    """

    rows: int = 1000
    body: int = 6_000_000
    load_at_start: float = 5.0
    load_share: float = 0.25
    retry_load_after: float = 10.0
    breaker_failures: int = 5
    breaker_cooldown: float = 30.0
    fair_run: float = 1.0
    failures_alone: int = 10
    model_share: float = 0.8
    refresh_list_after: float = 60.0
    reserve: float = 0.5
    time_without_context: float = 10.0


@dataclass(frozen=True, slots=True)
class Shadow:
    """The Lambda version that a share (0 to 1) of the requests is copied to."""

    number: str
    share: float


@dataclass(frozen=True, slots=True)
class Settings:
    """starts_ahead: Lambda starts the function before anybody asks, and may take its time.
    is_snapshot: it will be copied from a snapshot of its memory."""

    pin: Pin
    bucket: str
    service: str
    lambda_version: str = ""
    log_level: str = "INFO"
    starts_ahead: bool = False
    is_snapshot: bool = False
    standby: str = ""
    cors_origins: tuple[str, ...] = ()
    tracing: bool = False
    fallback_only: bool = False
    shadow: Shadow | None = None


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the LAMBENT_* variables that template.yaml sets; raises ConfigurationError."""
    pin = Pin(*(_required(env, f"LAMBENT_{part}") for part in ("MODEL", "VERSION", "DIGEST")))
    started = env.get("AWS_LAMBDA_INITIALIZATION_TYPE")
    return Settings(
        pin=pin,
        bucket=_required(env, "LAMBENT_BUCKET"),
        service=env.get("POWERTOOLS_SERVICE_NAME") or f"lambent-{pin.name}",
        lambda_version=env.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
        log_level=_log_level(env),
        starts_ahead=started in _AHEAD,
        is_snapshot=started == "snap-start",
        standby=env.get("LAMBENT_STANDBY", ""),
        cors_origins=_origins(env.get("LAMBENT_CORS_ORIGINS", "")),
        tracing=env.get("LAMBENT_TRACING", "off").lower() == "on",
        fallback_only=env.get("LAMBENT_FALLBACK_ONLY", "off").lower() == "on",
        shadow=_shadow(env),
    )


_AHEAD = ("provisioned-concurrency", "snap-start")


def _log_level(env: Mapping[str, str]) -> str:
    level = env.get("POWERTOOLS_LOG_LEVEL", "INFO").upper()
    if level in LEVELS:
        return level
    next_step = f"Use one of {', '.join(LEVELS)}"
    raise ConfigurationError("POWERTOOLS_LOG_LEVEL", "is no level of a log", next_step)


def _shadow(env: Mapping[str, str]) -> Shadow | None:
    number, percent = env.get("LAMBENT_SHADOW", ""), env.get("LAMBENT_SHADOW_PERCENT", "100")
    if not number:
        return None
    next_step = "Use `lambent shadow`, which sets it"
    if not number.isdigit():
        raise ConfigurationError("LAMBENT_SHADOW", "is no Lambda version", next_step)
    if not percent.isdigit() or int(percent) > 100:
        raise ConfigurationError("LAMBENT_SHADOW_PERCENT", "is not from 0 to 100", next_step)
    return Shadow(number, int(percent) / 100)


def _required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name):
        return value
    raise ConfigurationError(name, "is not set", "Deploy with `lambent deploy`, which sets it")


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    if any("*" in origin for origin in origins):
        next_step = "List the origins, such as https://shop.example"
        raise ConfigurationError("LAMBENT_CORS_ORIGINS", "holds a wildcard", next_step)
    return origins
