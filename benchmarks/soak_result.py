"""What a soak found, as it is kept in benchmarks/soak.json."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter

from benchmarks.places import ROOT
from benchmarks.soak_workers import Usage

RESULT = ROOT / "benchmarks/soak.json"


@dataclass(frozen=True)
class Sample:
    """alone: of the worker of the model that is left alone; None when it is gone."""

    second: float
    workers: int
    aws: Usage
    alone: Usage | None


@dataclass(frozen=True)
class Soak:
    """answers: by kind of request and status. actions: how often each was done."""

    minutes: float
    day: str
    machine: str
    answers: dict[str, dict[str, int]]
    lost: list[str]
    actions: dict[str, int]
    refused: list[str]
    samples: list[Sample]

    @property
    def rounds_per_hour(self) -> float:
        """Of the operator: each action is done once in one."""
        return min(self.actions.values(), default=0) / self.minutes * 60


_SOAK = TypeAdapter(Soak)


def today() -> str:
    return datetime.now(tz=UTC).date().isoformat()


def machine() -> str:
    return (
        f"{os.cpu_count()} processors, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end"
    )


def save(soak: Soak) -> None:
    RESULT.write_bytes(_SOAK.dump_json(soak, indent=1) + b"\n")


def load() -> Soak:
    return _SOAK.validate_json(RESULT.read_bytes())
