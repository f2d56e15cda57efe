"""What the environment of the judge says, read once by the Lambda entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.canary.errors import JudgeNotConfigured


@dataclass(frozen=True)
class Settings:
    """`candidate`: number of the Lambda version that is released, and the model's `version` and
    `digest` that it pins. `latency_ms`: an answer that takes longer is slow. `tolerance`, `churn`:
    shares, 0 to 1. `alarms`: those on the candidate. `topic`: SNS, may be empty."""

    model: str
    function: str
    history: str
    candidate: str
    version: str
    digest: str
    latency_ms: float
    tolerance: float
    churn: float
    alarms: tuple[str, ...] = ()
    topic: str = ""


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the LAMBENT_* variables that template.yaml sets; raises JudgeNotConfigured."""
    named = {
        name: _required(env, f"LAMBENT_{name.upper()}")
        for name in ("model", "function", "history", "candidate", "version", "digest")
    }
    return Settings(
        **named,
        latency_ms=_number(env, "LAMBENT_LATENCY_MS", 1, 900_000),
        tolerance=_number(env, "LAMBENT_TOLERANCE_PERCENT", 0.1, 50) / 100,
        churn=_number(env, "LAMBENT_CHURN_PERCENT", 1, 100) / 100,
        alarms=tuple(filter(None, env.get("LAMBENT_CANARY_ALARMS", "").split(","))),
        topic=env.get("LAMBENT_ALARM_TOPIC", ""),
    )


def _number(env: Mapping[str, str], name: str, least: float, most: float) -> float:
    text = _required(env, name)
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if least <= number <= most:
        return number
    next_step = f"Set its parameter of template.yaml to a number from {least:g} to {most:g}"
    raise JudgeNotConfigured(name, f"is {text!r}", next_step)


def _required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name):
        return value
    next_step = "Deploy with `lambent deploy`, which sets it"
    raise JudgeNotConfigured(name, "is not set", next_step)
