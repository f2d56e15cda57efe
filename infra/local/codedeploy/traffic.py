"""How fast an alias's traffic moves: CodeDeploy's predefined configurations for Lambda.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Traffic:
    """`percent` moves at the start; after `minutes` all the rest (canary), or as much again, and
    so on (linear)."""

    kind: Literal["AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"]
    percent: int = 100
    minutes: int = 0

    def share(self, elapsed_min: float) -> float:
        """Of the new version, 0 to 1, so many minutes after its first request."""
        if self.kind == "AllAtOnce":
            return 1.0
        passed = int(elapsed_min // self.minutes)
        if self.kind == "TimeBasedCanary":
            return 1.0 if passed else self.percent / 100
        return min(self.percent * (passed + 1), 100) / 100

    def told(self, time_scale: float) -> dict[str, Any]:
        """A TrafficRoutingConfig. Its minutes are as short as they are here."""
        if self.kind == "AllAtOnce":
            return {"type": self.kind}
        noun = self.kind.removeprefix("TimeBased").lower()
        values = {f"{noun}Percentage": self.percent, f"{noun}Interval": self.minutes / time_scale}
        return {"type": self.kind, self.kind.replace("T", "t", 1): values}


PREFIX = "CodeDeployDefault.Lambda"
PREDEFINED = {
    f"{PREFIX}AllAtOnce": Traffic("AllAtOnce"),
    **{
        f"{PREFIX}Canary10Percent{minutes}Minutes": Traffic("TimeBasedCanary", 10, minutes)
        for minutes in (5, 10, 15, 30)
    },
    **{
        f"{PREFIX}Linear10PercentEvery{minutes}Minute{'s' if minutes > 1 else ''}": Traffic(
            "TimeBasedLinear", 10, minutes
        )
        for minutes in (1, 2, 3, 10)
    },
}
