"""What the environment of the guard says, read once by the Lambda entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.guard.errors import GuardNotConfigured


@dataclass(frozen=True)
class Settings:
    """`hours`: how long after its release a version is guarded; 0 is never. `topic`: SNS, may be
    empty."""

    model: str
    function: str
    history: str
    hours: float
    topic: str = ""


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the LAMBENT_* variables that template.yaml sets; raises GuardNotConfigured."""
    return Settings(
        model=_required(env, "LAMBENT_MODEL"),
        function=_required(env, "LAMBENT_FUNCTION"),
        history=_required(env, "LAMBENT_HISTORY"),
        hours=_hours(env),
        topic=env.get("LAMBENT_ALARM_TOPIC", ""),
    )


def _hours(env: Mapping[str, str]) -> float:
    name = "LAMBENT_GUARD_HOURS"
    try:
        return float(_required(env, name))
    except ValueError as error:
        raise GuardNotConfigured(name, "is no number", "Set the parameter GuardHours") from error


def _required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name):
        return value
    next_step = "Deploy with `lambent deploy`, which sets it"
    raise GuardNotConfigured(name, "is not set", next_step)
