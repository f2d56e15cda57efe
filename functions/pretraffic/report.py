"""What was tried on a version before it went live, and what came of it."""

from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried; `told` is a readable sentence without any feature value."""

    name: str
    verdict: Verdict
    told: str


@dataclass(frozen=True, slots=True)
class Report:
    """`candidate` and `live` are Lambda version numbers; live is empty where there is none."""

    model: str
    version: str
    candidate: str
    live: str
    checks: tuple[Check, ...]

    @property
    def why(self) -> str:
        """The reason for refusing it; empty when every check passed."""
        return next((check.told for check in self.checks if check.verdict == "failed"), "")

    @property
    def is_fit(self) -> bool:
        """Nothing failed, and something was tried at all."""
        return bool(self.checks) and not self.why

    def document(self) -> dict[str, Any]:
        """As it is logged and answered."""
        return {
            "model": self.model,
            "version": self.version,
            "candidate": self.candidate,
            "live": self.live,
            "fit": self.is_fit,
            "why": self.why,
            "checks": [
                {"name": check.name, "verdict": check.verdict, "told": check.told}
                for check in self.checks
            ],
        }
