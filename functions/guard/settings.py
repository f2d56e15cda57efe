"""What the environment of the guard says."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.operations.environment import Environment


@dataclass(frozen=True)
class Settings:
    """`hours`: how long after its release a version is guarded; 0 is never. `topic`: SNS, may be
    empty."""

    model: str
    function: str
    history: str
    hours: float
    topic: str = ""


def read_settings(variables: Mapping[str, str]) -> Settings:
    """Raises NotConfigured."""
    env = Environment(variables)
    return Settings(
        model=env.text("MODEL"),
        function=env.text("FUNCTION"),
        history=env.text("HISTORY"),
        hours=env.number("GUARD_HOURS", 0, 100_000),
        topic=env.optional("ALARM_TOPIC"),
    )
