"""What of template.yaml people choose, and how it is spelled there."""

import platform
import sys
from dataclasses import dataclass, fields, replace
from typing import Any

ALL_AT_ONCE = "AllAtOnce"


@dataclass(frozen=True)
class Choices:
    """The parameters of a deployment that people change; sizes in MB, times in seconds."""

    runtime: str = "python3.13"
    architecture: str = "arm64"
    memory: int = 1024
    timeout: int = 15
    snapstart: bool = False
    reserved_concurrency: int = 20
    api_key_required: bool = True
    cors_origins: tuple[str, ...] = ()
    throttle_rate: int = 50
    throttle_burst: int = 100
    daily_quota: int = 0
    log_level: str = "INFO"
    log_retention_days: int = 30
    tracing: bool = False
    latency_alarm_ms: int = 2000
    fallback_alarm_percent: int = 10
    alarm_topic: str = ""
    traffic: str = ALL_AT_ONCE
    tolerance_percent: int = 5
    churn_percent: int = 30
    guard_hours: int = 24

    @property
    def moves_step_by_step(self) -> bool:
        """Whether alarms and the judge watch a release while it has a part of the traffic."""
        return self.traffic != ALL_AT_ONCE

    def with_options(self, options: dict[str, Any]) -> "Choices":
        """The same, with what the command line named; None means "not named"."""
        return replace(self, **{k: v for k, v in options.items() if v is not None})

    def as_parameters(self) -> dict[str, str]:
        return {_parameter(f.name): _spell(f.name, getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_parameters(cls, parameters: dict[str, str], otherwise: "Choices") -> "Choices":
        """Read what samconfig or a stack has; a parameter it lacks is taken from `otherwise`."""
        known = {
            f.name: _read(getattr(otherwise, f.name), parameters[_parameter(f.name)])
            for f in fields(cls)
            if _parameter(f.name) in parameters
        }
        return replace(otherwise, **known)


def defaults(*, local: bool) -> Choices:
    """On AWS what the template says; in the embedded AWS the interpreter and machine at hand."""
    if not local:
        return Choices()
    machine = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    return Choices(
        runtime=f"python{sys.version_info.major}.{sys.version_info.minor}", architecture=machine
    )


_SPELLED = {"snapstart": "SnapStart", "memory": "MemorySize"}
_CAPITAL_SWITCHES = {"snapstart": ("On", "Off"), "tracing": ("on", "off")}


def _parameter(field: str) -> str:
    return _SPELLED.get(field) or "".join(part.capitalize() for part in field.split("_"))


def _spell(field: str, value: Any) -> str:
    if isinstance(value, bool):
        on, off = _CAPITAL_SWITCHES.get(field, ("true", "false"))
        return on if value else off
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _read(like: Any, text: str) -> Any:
    if isinstance(like, bool):
        return text in {"true", "on", "On"}
    if isinstance(like, int):
        return int(text)
    if isinstance(like, tuple):
        return tuple(part for part in text.split(",") if part)
    return text
