"""What the environment of the judge says."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.operations.environment import Environment


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


def read_settings(variables: Mapping[str, str]) -> Settings:
    """Raises NotConfigured."""
    env = Environment(variables)
    return Settings(
        model=env.text("MODEL"),
        function=env.text("FUNCTION"),
        history=env.text("HISTORY"),
        candidate=env.text("CANDIDATE"),
        version=env.text("VERSION"),
        digest=env.text("DIGEST"),
        latency_ms=env.number("LATENCY_MS", 1, 900_000),
        tolerance=env.share("TOLERANCE_PERCENT", most=50),
        churn=env.share("CHURN_PERCENT", most=100),
        alarms=env.names("CANARY_ALARMS"),
        topic=env.optional("ALARM_TOPIC"),
    )
